import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PortName } from "../../src/model/settings.ts";
import type { Lab } from "./lab.ts";

/** Behind both routers everything of these networks answers (RFC 5737, RFC 3849). */
const answering = ["203.0.113.0/24", "198.51.100.0/24", "2001:db8:203::/64"];
/** HTTP. */
export const farPort = 8080;
const routerAddress6 = "fd00:77::1";

export interface FarSide {
  /** By which of the box's ports packets to this address have come, IPv4 or IPv6. A test takes an address of its own. */
  arrivals(address: string): Promise<readonly PortName[]>;
}

const recorder = `table inet far {
  set seen { type ifname . ipv4_addr; flags dynamic; size 4096; }
  set seen6 { type ifname . ipv6_addr; flags dynamic; size 4096; }
  chain arrivals {
    type filter hook prerouting priority raw;
    iifname { "langw", "wangw" } add @seen { iifname . ip daddr }
    iifname { "langw", "wangw" } add @seen6 { iifname . ip6 daddr }
  }
}
`;

/** Takes note of what comes from the box; on LAN there are router advertisements, and DHCPv6 that gives fd00:77::50 to ::90. */
export async function watchFarSide({ gateway, folder, start }: Lab): Promise<FarSide> {
  for (const network of answering) await gateway.run(["ip", "route", "add", "local", network, "dev", "lo"]);
  await gateway.run(["ip", "address", "add", `${routerAddress6}/64`, "dev", "langw", "nodad"]);
  const script = join(folder, "far-side.nft");
  await writeFile(script, recorder);
  await gateway.run(["nft", "-f", script]);
  const range = "--dhcp-range=fd00:77::50,fd00:77::90,64,3600";
  const files = ["--conf-file=/dev/null", "--pid-file=", `--dhcp-leasefile=${folder}/leases6`];
  const options = [
    "--keep-in-foreground",
    "--user=root",
    "--port=0",
    "--interface=langw",
    "--enable-ra",
    range,
    ...files,
  ];
  await start(["ip", "netns", "exec", "gw", "dnsmasq", ...options]);

  const server = join(folder, "far-side.sh");
  // One that ends before it has read all resets the connection, and its answer with it.
  const answer = `while read -r line && [ \${#line} -gt 1 ]; do :; done; printf 'HTTP/1.0 204 Here\\r\\n\\r\\n'`;
  await writeFile(server, `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  const listen = `TCP6-LISTEN:${farPort},ipv6only=0,fork,reuseaddr`;
  await start(["ip", "netns", "exec", "gw", "socat", listen, `EXEC:${server}`]);

  return {
    arrivals: async (address) => {
      const name = address.includes(":") ? "seen6" : "seen";
      const { nftables } = JSON.parse(await gateway.run(["nft", "-j", "list", "set", "inet", "far", name])) as {
        readonly nftables: readonly { readonly set?: { readonly elem?: readonly SeenElement[] } }[];
      };
      const seen = nftables
        .flatMap(({ set }) => set?.elem ?? [])
        .map((elem) => ("elem" in elem ? elem.elem.val : elem));
      const ports = seen.filter(({ concat }) => concat[1] === address).map(({ concat }) => concat[0]);
      return (["lan", "wan"] as const).filter((port) => ports.includes(`${port}gw`));
    },
  };
}

type Seen = { readonly concat: readonly [card: string, address: string] };
type SeenElement = Seen | { readonly elem: { readonly val: Seen } };
