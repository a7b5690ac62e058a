import { writeFile } from "node:fs/promises";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import type { Argv } from "../../hal/processes.ts";
import { createPlatform, type PlatformControl } from "../../platform/platform.ts";
import type { PortName } from "../../src/model/settings.ts";
import type { Daemon, Namespaces } from "./namespaces.ts";

/** What the DHCP server on LAN does. */
export interface DhcpBehaviour {
  readonly answers: boolean;
  /** Option 3. */
  readonly router: boolean;
  /** Option 6. */
  readonly dns: boolean;
  /** Option 44, for who asks for it. */
  readonly wins: readonly string[];
  /** dnsmasq takes no less than 120. */
  readonly leaseSeconds: number;
}

/** The far side of both cables: DHCP, DNS and, behind LAN's router, the reference platform. */
export interface Gateway {
  /** Runs a program on the far side. */
  run(argv: Argv): Promise<string>;
  readonly platform: PlatformControl;
  /** The authority of the platform's certificate, a PEM file. */
  readonly caFile: string;
  cable(port: PortName, plugged: boolean): Promise<void>;
  /** Makes a port and its cable anew, after the port was deleted. */
  plugCable(port: PortName): Promise<void>;
  /** Changes what is not named back to its normal value. */
  dhcp(behaviour?: Partial<DhcpBehaviour>): Promise<void>;
  /** How many leases the DHCP server was asked for, in DHCPDISCOVERs, since it was last changed. */
  discovers(): number;
  /** How many questions beside a lease, in DHCPINFORMs, it was asked since then. */
  informs(): number;
  /** Another machine on LAN takes this IPv4 address, or gives it up. */
  holdAddress(address: string, held: boolean): Promise<void>;
  close(): Promise<void>;
}

export const platformHost = "platform.test";
/** LAN's router, DNS and WINS server. */
export const gatewayAddress = "10.77.0.1";
/** LAN's router for IPv6, where it has one: see router.ts. */
export const gatewayAddress6 = "2001:db8:77::1";
/** Behind the router, as on the Internet (RFC 5737). */
export const platformAddress = "203.0.113.10";
/** The same over IPv6 (RFC 3849). */
export const platformAddress6 = "2001:db8:203::10";
/** Option 15. */
export const leasedDomain = "lab.example";
const networks: Readonly<Record<PortName, string>> = { lan: "10.77.0", wan: "10.78.0" };
const normal: DhcpBehaviour = { answers: true, router: true, dns: true, wins: [gatewayAddress], leaseSeconds: 3600 };

/** `folder` is for what lasts as long as the lab. */
export async function openGateway(inside: Namespaces, folder: string): Promise<Gateway> {
  const farSide = ([...argv]: Argv): Argv => ["ip", "netns", "exec", "gw", ...argv];
  const run = (argv: Argv) => inside.run(farSide(argv));
  const platform = createPlatform({ hostName: platformHost, now: () => Date.now() });
  const { port, caPem } = await platform.start();
  const caFile = `${folder}/platform-ca.pem`;
  await writeFile(caFile, caPem);
  // A unix socket is the one kind that crosses network namespaces: the platform lives in this process.
  const bridge = await openBridge(`${folder}/platform.sock`, port);

  const plugCable = async (name: PortName) => {
    await inside.run(["ip", "link", "add", `${name}0`, "type", "veth", "peer", "name", `${name}gw`, "netns", "gw"]);
    await run(["ip", "address", "add", `${networks[name]}.1/24`, "dev", `${name}gw`]);
    await run(["ip", "link", "set", `${name}gw`, "up"]);
  };

  let dnsmasq: Daemon | null = null;
  const dhcp = async (behaviour: Partial<DhcpBehaviour> = {}) => {
    await dnsmasq?.kill("SIGKILL");
    dnsmasq = await inside.start(farSide(["dnsmasq", ...dnsmasqOptions({ ...normal, ...behaviour }, folder)]));
  };

  await inside.run(["ip", "netns", "add", "gw"]);
  await run(["ip", "link", "set", "lo", "up"]);
  await run(["ip", "address", "add", `${platformAddress}/32`, "dev", "lo"]);
  await run(["ip", "address", "add", `${platformAddress6}/128`, "dev", "lo"]);
  await plugCable("lan");
  await plugCable("wan");
  await dhcp();
  await inside.start(
    farSide(["socat", "TCP6-LISTEN:443,ipv6only=0,fork,reuseaddr", `UNIX-CONNECT:${folder}/platform.sock`]),
  );

  return {
    run,
    platform: platform.control,
    caFile,
    cable: async (name, plugged) => {
      await run(["ip", "link", "set", `${name}gw`, plugged ? "up" : "down"]);
    },
    plugCable,
    dhcp,
    discovers: () => dnsmasq?.log().match(/DHCPDISCOVER/g)?.length ?? 0,
    informs: () => dnsmasq?.log().match(/DHCPINFORM/g)?.length ?? 0,
    holdAddress: async (address, held) => {
      await run(["ip", "address", held ? "add" : "delete", `${address}/32`, "dev", "langw"]);
    },
    close: async () => {
      await bridge.close();
      await platform.stop();
    },
  };
}

function dnsmasqOptions({ answers, router, dns, wins, leaseSeconds }: DhcpBehaviour, folder: string): string[] {
  const range = (network: string) => `--dhcp-range=${network}.50,${network}.90,${leaseSeconds}`;
  return [
    "--keep-in-foreground",
    // What the machine's own dnsmasq is set up to do is no part of the lab.
    "--conf-file=/dev/null",
    "--user=root",
    "--no-resolv",
    "--no-hosts",
    // It would hold a lease back for 3 s to see whether its address answers.
    "--no-ping",
    // A client keeps its address over a restart of the server, which forgets.
    "--dhcp-authoritative",
    "--bind-dynamic",
    "--interface=langw",
    "--interface=wangw",
    "--pid-file=",
    "--log-facility=-",
    `--dhcp-leasefile=${folder}/leases`,
    `--domain=${leasedDomain}`,
    `--address=/${platformHost}/${platformAddress}`,
    `--address=/${platformHost}/${platformAddress6}`,
    ...(answers ? [range(networks.lan), range(networks.wan)] : []),
    // Empty: the option is left out.
    ...(router ? [] : ["--dhcp-option=option:router"]),
    ...(dns ? [] : ["--dhcp-option=option:dns-server"]),
    ...(wins.length > 0 ? [`--dhcp-option=option:netbios-ns,${wins.join()}`] : []),
  ];
}

/** Hands what comes in at a unix socket to a port on loopback. */
async function openBridge(path: string, port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connectTo({ port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("close", () => sockets.delete(from) && to.destroy());
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
