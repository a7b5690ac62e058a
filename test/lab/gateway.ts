import { writeFile } from "node:fs/promises";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import type { Argv } from "../../hal/processes.ts";
import { createPlatform, type PlatformControl } from "../../platform/platform.ts";
import type { PortName } from "../../src/model/settings.ts";
import type { Daemon, Namespaces } from "./namespaces.ts";

/** What the DHCP server does on a port. */
export interface DhcpBehaviour {
  readonly answers: boolean;
  /** Option 3: itself or another; false leaves it out. */
  readonly router: boolean | string;
  /** Option 6: itself or another; false leaves it out. */
  readonly dns: boolean | string;
  /** Option 1; null: that of its own address, 255.255.255.0. */
  readonly netmask: string | null;
  /** Option 44, for who asks for it. */
  readonly wins: readonly string[];
  /** dnsmasq takes no less than 120. */
  readonly leaseSeconds: number;
}

/**
 * What the name server does with the platform's name: knows it; says a code of RFC 1035 section 4.1.1; never hears of it
 * (`silent`: the packets are dropped); is not there (`absent`).
 */
export type NameService = "knows" | "NXDOMAIN" | "REFUSED" | "SERVFAIL" | "silent" | "absent";

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
  /** On both ports, or on one and normally on the other. Changes what is not named back to its normal value. */
  dhcp(behaviour?: Partial<DhcpBehaviour>, on?: PortName): Promise<void>;
  /** For both ports. */
  names(service: NameService): Promise<void>;
  /** Whether anybody listens at the platform's address; the connections that stand are cut. */
  listens(open: boolean): Promise<void>;
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
const normal: DhcpBehaviour = {
  answers: true,
  router: true,
  dns: true,
  netmask: null,
  wins: [gatewayAddress],
  leaseSeconds: 3600,
};

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
  let leases: Readonly<Record<PortName, DhcpBehaviour>> = { lan: normal, wan: normal };
  let service: NameService = "knows";
  const serve = async () => {
    await dnsmasq?.kill("SIGKILL");
    dnsmasq = await inside.start(farSide(["dnsmasq", ...dnsmasqOptions(leases, service, folder)]));
  };
  const dhcp: Gateway["dhcp"] = async (behaviour = {}, on) => {
    const changed = { ...normal, ...behaviour };
    leases = on === undefined ? { lan: changed, wan: changed } : { lan: normal, wan: normal, [on]: changed };
    await serve();
  };
  let answering: Daemon | null = null;
  const failing = `${folder}/name-server-failure.sh`;
  const names: Gateway["names"] = async (next) => {
    if (service === "silent") await run(["nft", "delete", "table", "ip", "names"]);
    await answering?.kill("SIGKILL");
    service = next;
    await serve();
    if (next === "silent") await inside.run(farSide(["nft", "-f", "-"]), silence);
    if (next !== "SERVFAIL") return;
    await writeFile(failing, serverFailure, { mode: 0o755 });
    answering = await inside.start(farSide(["socat", "UDP4-RECVFROM:53,fork,reuseaddr", `EXEC:${failing}`]));
  };

  let forward: Daemon | null = null;
  const listens: Gateway["listens"] = async (open) => {
    await forward?.kill("SIGKILL");
    forward = null;
    if (!open) return;
    const listen = "TCP6-LISTEN:443,ipv6only=0,fork,reuseaddr";
    forward = await inside.start(farSide(["socat", listen, `UNIX-CONNECT:${folder}/platform.sock`]));
  };

  await inside.run(["ip", "netns", "add", "gw"]);
  await run(["ip", "link", "set", "lo", "up"]);
  await run(["ip", "address", "add", `${platformAddress}/32`, "dev", "lo"]);
  await run(["ip", "address", "add", `${platformAddress6}/128`, "dev", "lo"]);
  await plugCable("lan");
  await plugCable("wan");
  await dhcp();
  await listens(true);

  return {
    run,
    platform: platform.control,
    caFile,
    cable: async (name, plugged) => {
      await run(["ip", "link", "set", `${name}gw`, plugged ? "up" : "down"]);
    },
    plugCable,
    dhcp,
    names,
    listens,
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

const silence = `table ip names { chain input { type filter hook input priority 0; udp dport 53 drop; tcp dport 53 drop; }; }`;

/** The question comes back with the bits of an answer and response code 2. */
const serverFailure = `#!/bin/sh
question=$(mktemp)
dd bs=512 count=1 2>/dev/null >"$question"
{ head -c 2 "$question"; printf '\\201\\202'; tail -c +5 "$question"; } | dd bs=512 iflag=fullblock 2>/dev/null
rm "$question"
`;

function dnsmasqOptions(
  leases: Readonly<Record<PortName, DhcpBehaviour>>,
  service: NameService,
  folder: string,
): string[] {
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
    ...namesOptions(service),
    ...(["lan", "wan"] as const).flatMap((port) => leaseOptions(port, leases[port])),
  ];
}

function namesOptions(service: NameService): string[] {
  switch (service) {
    case "NXDOMAIN":
      return [`--address=/${platformHost}/`];
    case "REFUSED":
      // It knows nobody whom it could ask.
      return [];
    case "SERVFAIL":
    case "absent":
      return ["--port=0"];
    case "knows":
    case "silent":
      return [`--address=/${platformHost}/${platformAddress}`, `--address=/${platformHost}/${platformAddress6}`];
  }
}

function leaseOptions(port: PortName, { answers, router, dns, netmask, wins, leaseSeconds }: DhcpBehaviour): string[] {
  // dnsmasq's tag for what comes in there.
  const option = (name: string, value: string) => `--dhcp-option=tag:${port}gw,option:${name}${value && `,${value}`}`;
  // Empty: the option is left out.
  const given = (name: string, value: boolean | string) =>
    value === true ? [] : [option(name, value === false ? "" : value)];
  return [
    ...(answers ? [`--dhcp-range=${networks[port]}.50,${networks[port]}.90,${leaseSeconds}`] : []),
    ...given("router", router),
    // Without a name server of its own dnsmasq would leave it out.
    ...given("dns-server", dns === true ? `${networks[port]}.1` : dns),
    ...(netmask === null ? [] : [option("netmask", netmask)]),
    ...(wins.length > 0 ? [option("netbios-ns", wins.join())] : []),
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
