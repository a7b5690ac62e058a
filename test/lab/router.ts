import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gatewayAddress6, platformAddress6 } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";

/** What LAN's router says of itself (RFC 4861 section 4.2). */
export interface Advertisement {
  /** A /64 to make addresses of; null: none. */
  readonly prefix: string | null;
  /** How long it is a default router; 0: it is none. */
  readonly lifetimeSeconds: number;
  /** Name servers (RFC 8106). */
  readonly dns: readonly string[];
  /** That DHCPv6 has more to tell. */
  readonly otherConfig: boolean;
}

/** IPv6 on LAN's far side. Closing the lab ends it. */
export interface Router {
  /** As it presents itself on the link. */
  readonly linkLocal: string;
  /** Changes what is not named to {@link usual}. */
  advertise(advertisement?: Partial<Advertisement>): Promise<void>;
  /** It is gone without a word, as with its power; what it has said stands. */
  vanish(): Promise<void>;
  /** It takes back what it said before it goes, as one that is shut down does. */
  retire(): Promise<void>;
  /** DHCPv6 without addresses (RFC 8415 section 6.1) tells these name servers; null: there is none. */
  dhcp6(dns: readonly string[] | null): Promise<void>;
}

export const prefix6 = "2001:db8:77::";
export const usual: Advertisement = {
  prefix: prefix6,
  lifetimeSeconds: 1800,
  dns: [gatewayAddress6],
  otherConfig: false,
};

/** The router has an address of the prefix, answers DNS there and is the way to the platform. It is silent at first. */
export async function openRouter({ start, gateway, folder }: Lab): Promise<Router> {
  await gateway.run(["ip", "address", "add", `${gatewayAddress6}/64`, "dev", "langw", "nodad"]);
  // No router forwards what comes from a link-local address (RFC 4291 section 2.5.6); this one has the platform in itself.
  const rules = [
    ["add", "pref", "1", "from", "fe80::/10", "to", platformAddress6, "prohibit"],
    ["add", "pref", "2", "lookup", "local"],
    ["delete", "pref", "0"],
  ];
  for (const rule of rules) await gateway.run(["ip", "-6", "rule", ...rule]);
  const shown = await gateway.run(["ip", "-json", "-6", "address", "show", "dev", "langw", "scope", "link"]);
  const [link] = JSON.parse(shown) as { addr_info: { local?: string }[] }[];
  const linkLocal = link?.addr_info.find(({ local }) => local !== undefined)?.local ?? "";
  const config = join(folder, "radvd.conf");
  const pidFile = join(folder, "radvd.pid");
  let radvd: Daemon | null = null;
  let dnsmasq: Daemon | null = null;
  return {
    linkLocal,
    advertise: async (advertisement = {}) => {
      await radvd?.kill("SIGKILL");
      await writeFile(config, radvdConfig({ ...usual, ...advertisement }));
      // It would take the file of one that was killed for that of one that runs.
      await rm(pidFile, { force: true });
      const files = ["--config", config, "--pidfile", pidFile];
      radvd = await start(["ip", "netns", "exec", "gw", "radvd", "--nodaemon", "--logmethod", "stderr", ...files]);
    },
    vanish: async () => radvd?.kill("SIGKILL"),
    retire: async () => radvd?.kill("SIGTERM"),
    dhcp6: async (dns) => {
      await dnsmasq?.kill("SIGKILL");
      dnsmasq = dns === null ? null : await start(["ip", "netns", "exec", "gw", "dnsmasq", ...dhcp6Options(dns)]);
    },
  };
}

function radvdConfig({ prefix, lifetimeSeconds, dns, otherConfig }: Advertisement): string {
  return `interface langw {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  AdvDefaultLifetime ${lifetimeSeconds};
  AdvOtherConfigFlag ${otherConfig ? "on" : "off"};
  ${prefix === null ? "" : `prefix ${prefix}/64 { };`}
  ${dns.length === 0 ? "" : `RDNSS ${dns.join(" ")} { };`}
};
`;
}

function dhcp6Options(dns: readonly string[]): readonly string[] {
  return [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--user=root",
    "--port=0",
    "--bind-dynamic",
    "--interface=langw",
    "--pid-file=",
    "--leasefile-ro",
    "--log-facility=-",
    // No addresses: only what was asked for by itself.
    `--dhcp-range=${prefix6},static,64`,
    `--dhcp-option=option6:dns-server,${dns.map((server) => `[${server}]`).join(",")}`,
  ];
}
