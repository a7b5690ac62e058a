import type { Argv, Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { parseJson } from "./line.ts";
import type { Refusal } from "./privileged.ts";
import { runProgram } from "./program.ts";
import { managementTable, rulePriorities, type SeparationRule, separationRules } from "./rules.ts";
import { accounts, elements, lanPorts, sets, table } from "./ruleset.ts";

export interface Separation {
  /** Management goes by WAN and by nothing else; off: by LAN and by nothing else. */
  readonly on: boolean;
  /** IPv4 networks, `10.9.0.0/16`, that scans may reach by WAN while it is on. */
  readonly scanByWan: readonly string[];
}

type Interfaces = Readonly<Record<"lan" | "wan", string>>;
type Family = 4 | 6;

/** The sets of the packet filter as a script of nft(8): one transaction, in which nothing is open that was not before or after. */
export function filterScript({ on, scanByWan }: Separation, { lan, wan }: Interfaces): string {
  const networks = on ? scanByWan : [];
  const set = (name: string, members: string) => [
    `flush set ${table} ${name}`,
    ...(members === "" ? [] : [`add element ${table} ${name} { ${members} }`]),
  ];
  const lines = [
    ...set(sets.managementPorts, elements(on ? [wan] : lanPorts(lan))),
    ...set(sets.scanByWan, networks.join(", ")),
  ];
  return `${lines.join("\n")}\n`;
}

/** The rules of a family. `uid` null: not separated. IPv6 has no way by WAN, so that it has none at all. */
export function wantedRules(uid: number | null, family: Family): readonly SeparationRule[] {
  if (uid === null) return [];
  const prohibit = { priority: rulePriorities.prohibit, uid, action: "prohibit" } as const;
  return family === 6 ? [prohibit] : [prohibit, { priority: rulePriorities.lookup, uid, action: "lookup" }];
}

/**
 * What brings the rules at our priorities to those wanted, as lines of `ip -batch`; nothing when they are there. The kernel
 * takes a rule twice, so one that is right is left alone, and a priority that holds anything else is made anew.
 */
export function rulesScript(observed: readonly SeparationRule[], wanted: readonly SeparationRule[]): string {
  const lines = [rulePriorities.prohibit, rulePriorities.lookup].flatMap((priority) => {
    const here = observed.filter((rule) => rule.priority === priority);
    const wish = wanted.find((rule) => rule.priority === priority);
    const [only] = here;
    const isRight = here.length === 1 && only?.uid === wish?.uid && only?.action === wish?.action;
    if (isRight) return [];
    return [
      ...here.map(() => `rule delete priority ${priority}\n`),
      ...(wish === undefined ? [] : [`rule add priority ${priority} ${ruleWords(wish)}\n`]),
    ];
  });
  return lines.join("");
}

function ruleWords({ uid, action }: SeparationRule): string {
  return `uidrange ${uid}-${uid} ${action === "lookup" ? `lookup ${managementTable}` : action}`;
}

/** Of each program; five follow one another at most. */
const timeoutMs = 4000;

/**
 * Separates management and scans, or takes that back. Rules and packet filter agree on no port until both have changed, so that
 * nothing leaves by the wrong one meanwhile. The rules of IPv4 are the first that come and the last that go: whoever was cut
 * short leaves some of them, by which the controller, who cannot read the filter, sees that not all was done. Done again it
 * changes nothing.
 */
export async function separate(
  processes: Processes,
  interfaces: Interfaces,
  order: Separation,
  signal: AbortSignal,
): Promise<Result<null, Refusal>> {
  const run = (argv: Argv, brings: string, input?: string) =>
    runProgram(processes, argv, { package: brings, timeoutMs, signal, ...(input === undefined ? {} : { input }) });

  const ip = (family: Family, ...args: readonly string[]): Argv => ["ip", "-N", "-json", `-${family}`, ...args];

  const [uid, before4, before6] = await Promise.all([
    order.on ? run(["id", "-u", accounts.management], "coreutils").then(accountNumber) : ok(null),
    run(ip(4, "rule", "show"), "iproute2").then(readRules),
    run(ip(6, "rule", "show"), "iproute2").then(readRules),
  ]);
  if (!uid.ok) return uid;
  if (!before4.ok) return before4;
  if (!before6.ok) return before6;

  const change = async (family: Family, from: readonly SeparationRule[], to: readonly SeparationRule[]) => {
    const script = rulesScript(from, to);
    return script === "" ? ok("") : run(ip(family, "-batch", "-"), "iproute2", script);
  };
  const rules4 = () => change(4, before4.value, wantedRules(uid.value, 4));
  const rules6 = () => change(6, before6.value, wantedRules(uid.value, 6));
  const filter = async () => {
    const filtered = await run(["nft", "-f", "-"], "nftables", filterScript(order, interfaces));
    if (filtered.ok) return filtered;
    // With the rules alone management has no way at all, and what refuses now may refuse to go back as well.
    if (order.on && before4.value.length === 0) await change(4, wantedRules(uid.value, 4), []);
    return failed(withAdvice(filtered.error));
  };

  for (const step of order.on ? [rules4, filter, rules6] : [filter, rules6, rules4]) {
    const done = await step();
    if (!done.ok) return done;
  }
  return ok(null);
}

function accountNumber(said: Result<string, Refusal>): Result<number, Refusal> {
  const refused = (detail: string) => failed({ kind: "refused" as const, detail });
  if (!said.ok) return refused(`${said.error.detail}; make the accounts: systemd-sysusers bezel.conf`);
  const uid = /^\d{1,10}\n$/.test(said.value) ? Number(said.value) : 0;
  // Rules about root would be about everybody's packets that have no socket.
  return uid > 0 ? ok(uid) : refused(`${accounts.management} is no account of its own: ${JSON.stringify(said.value)}`);
}

function readRules(said: Result<string, Refusal>): Result<readonly SeparationRule[], Refusal> {
  if (!said.ok) return said;
  // A family without any rule is an empty text.
  const list = said.value.trim() === "" ? [] : parseJson(said.value);
  if (Array.isArray(list)) return ok(separationRules(list));
  return failed({ kind: "refused", detail: "the answer of ip cannot be understood" });
}

function withAdvice({ kind, detail }: Refusal): Refusal {
  const isMissing = detail.includes("No such file or directory");
  const advice = "the rules of the lock-down are not loaded; load them: systemctl restart bezel-lock-down";
  return { kind, detail: isMissing ? `${advice} (${detail})` : detail };
}
