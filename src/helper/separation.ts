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

/** Of each program; three follow one another. */
const timeoutMs = 4000;

/**
 * Separates management and scans, or takes that back. The packet filter comes first: what it lets out and where the rules lead
 * differ until both have changed, so that nothing leaves meanwhile, and nothing leaves by the wrong port when one of the steps
 * is refused. Done again it changes nothing.
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

  const filtered = await run(["nft", "-f", "-"], "nftables", filterScript(order, interfaces));
  if (!filtered.ok) return failed(withAdvice(filtered.error));

  const change = async (family: Family, before: readonly SeparationRule[]) => {
    const script = rulesScript(before, wantedRules(uid.value, family));
    return script === "" ? ok("") : run(ip(family, "-batch", "-"), "iproute2", script);
  };
  const [after4, after6] = await Promise.all([change(4, before4.value), change(6, before6.value)]);
  if (!after4.ok) return after4;
  return after6.ok ? ok(null) : after6;
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
