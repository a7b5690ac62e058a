import { item, vlanItem } from "../support/some-orders.ts";
import type { Agent } from "./agent-client.ts";

/** For orders of thousands of links, on a machine that others use as well. */
export const orderMs = 600_000;

export const tags: readonly number[] = Array.from({ length: 4094 }, (_, at) => at + 1);
const ways = tags
  .slice(0, 99)
  .map((tag) => ({ destination: `172.16.${tag}.0/24`, gateway: `10.100.${tag}.1`, via: tag }));

/** What an order says of them: a VLAN of each tag, and routes by 99 of them. */
export const everyVlan = tags.map((tag) => vlanItem(tag));
export const everyRoute = ways.map((way) => item(`route-${way.via}`, "route", way));

/** The address that {@link vlanItem} gives, with its prefix length. */
export function addressOf(tag: number): string {
  return `10.${100 + (tag >> 8)}.${tag & 255}.20/24`;
}

/**
 * How long ip(8) itself takes for the same links, addresses and routes, in milliseconds. On another port and in a namespace of
 * their own, where they stay: to take them away would cost more than all the rest.
 */
export async function bareBatches({ read, run }: Pick<Agent, "read" | "run">): Promise<number> {
  const beside = tags.map(
    (tag) => `link add link far1 name lan0.${tag} netns bare group 4094 type vlan id ${tag} loose_binding on`,
  );
  const inside = [
    ...tags.flatMap((tag) => [`address replace ${addressOf(tag)} dev lan0.${tag}`, `link set dev lan0.${tag} up`]),
    ...ways.map(
      ({ destination, gateway, via }) => `route add ${destination} via ${gateway} dev lan0.${via} proto static`,
    ),
  ];
  const batch = async (lines: readonly string[], ...ip: readonly [string, ...string[]]) => {
    const argv = [...ip, "-batch", "-"] as const;
    const { code, stderr } = await run(argv, { stdin: `${lines.join("\n")}\n`, timeoutMs: orderMs });
    if (code !== 0) throw new Error(`ip ended with ${code}: ${stderr}`);
  };
  await read("ip", "netns", "add", "bare");
  const [, ms] = await timed(async () => {
    // With `netns` ip keeps a descriptor open for each line.
    await batch(beside, "prlimit", "--nofile=8192", "ip", "-netns", "far");
    await batch(inside, "ip", "-netns", "bare");
  });
  return ms;
}

/** What the work gives, and how long it took, in milliseconds. */
export async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const startMs = performance.now();
  const value = await work();
  return [value, performance.now() - startMs];
}
