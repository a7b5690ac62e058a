import type { Agent } from "./agent-client.ts";

/** How many ports of a machine are in each of nmap's states: `open`, `closed`, `filtered`, `open|filtered`. */
export type PortStates = Readonly<Record<string, number>>;

export interface PortScan {
  readonly states: PortStates;
  readonly open: readonly number[];
}

/** All of them at a bounded rate, and each asked once: what is lost on the way counts as filtered. */
const tcp = ["-sS", "-p-", "--min-rate", "5000"];
/** Of the services that a Linux machine may have, each side's. Closed ports answer once a second: not many. */
const udp = ["-sU", "-p", "53,67,68,69,111,123,137,161,500,514,546,547,1900,4500,5353,5355"];
/** As a DHCP server, which is let in. */
const dhcp = ["-sU", "--source-port", "67", "-p", "68"];
const scans = { tcp, udp, dhcp } as const;
const limitMs = 280_000;

/** Scans machines from the far side, all at a time. Resolves with what was found by address. */
export async function scanPorts(
  { run }: Pick<Agent, "run">,
  kind: keyof typeof scans,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, PortScan>> {
  const options = ["-n", "-Pn", "--max-retries", "0", "-oX", "-", ...scans[kind]];
  const argv = ["ip", "netns", "exec", "far", "nmap", ...options, ...addresses] as const;
  const { code, stdout, stderr } = await run([...argv], { timeoutMs: limitMs });
  if (code !== 0) throw new Error(`nmap ended with ${code}: ${stderr}`);
  const hosts = stdout.split("<host ").slice(1);
  return new Map(hosts.map((host) => [/<address addr="([^"]+)"/.exec(host)?.[1] ?? "", readHost(host)]));
}

function readHost(host: string): PortScan {
  const states: Record<string, number> = {};
  const count = (state: string, more: number) => {
    states[state] = (states[state] ?? 0) + more;
  };
  // A state of many ports is told as a number.
  for (const [, state = "", ports] of host.matchAll(/<extraports state="([^"]+)" count="(\d+)"/g))
    count(state, Number(ports));
  const open: number[] = [];
  for (const [, port, state = ""] of host.matchAll(/<port protocol="\w+" portid="(\d+)"><state state="([^"]+)"/g)) {
    count(state, 1);
    if (state === "open") open.push(Number(port));
  }
  return { states, open };
}
