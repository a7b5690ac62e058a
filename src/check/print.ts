import { isEnough, recommendedMbps } from "./bandwidth.ts";
import type { CheckReport, Progress } from "./check.ts";
import { type CheckRung, checkRungs } from "./check-rungs.ts";
import { describeBandwidth } from "./document.ts";
import type { CheckedHost, CheckFault } from "./judge.ts";

/** Long lines are broken here: as wide as a page of a mail. */
const width = 100;

/** The report for a person; ends in a newline. */
export function describeCheck(report: CheckReport, viaProxy: string | null, advice: readonly string[]): string {
  const { hosts, bandwidth, interrupted } = report;
  const well = hosts.filter(({ ok }) => ok).length;
  const slow = isEnough(bandwidth) ? [] : [`At least ${recommendedMbps} Mbit/s are recommended to the platform.`];
  return `${[
    ...table(hosts, viaProxy !== null),
    "",
    ...(viaProxy === null ? [] : [`proxy      ${viaProxy}`]),
    ...labelled("bandwidth", [describeBandwidth(bandwidth), ...slow].join(". ")),
    ...alike(hosts).flatMap(describeFault),
    ...notes(
      "Worth a look:",
      hosts.flatMap(({ warnings }) => warnings),
    ),
    ...notes("Ask those who keep the network; it cannot be seen from here:", advice),
    "",
    `${interrupted ? "Interrupted. " : ""}${well} of ${hosts.length} ${hosts.length === 1 ? "host is" : "hosts are"} well.`,
  ].join("\n")}\n`;
}

function table(hosts: readonly CheckedHost[], viaProxy: boolean): readonly string[] {
  const columns = checkRungs.filter((rung) => rung !== (viaProxy ? "connect" : "proxy"));
  const rows = [
    ["host", ...columns, "certificate issued by"],
    ...hosts.map((host) => [host.host, ...columns.map((rung) => cell(host, rung)), host.issuer ?? ""]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** A mark and the time; a dot for what was not looked at. */
function cell({ rungs }: CheckedHost, name: CheckRung): string {
  const rung = rungs.find((one) => one.rung === name);
  if (rung === undefined) return "·";
  return `${rung.ok ? "✓" : "✗"}${rung.ms === 0 ? "" : ` ${timeText(rung.ms)}`}`;
}

function timeText(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

interface Broken {
  /** `host:port`. */
  readonly host: string;
  readonly fault: CheckFault;
}

/** What is broken, and together what is the same but for the host. */
function alike(hosts: readonly CheckedHost[]): readonly (readonly Broken[])[] {
  const groups = new Map<string, Broken[]>();
  for (const { host, fault } of hosts) {
    if (fault === null) continue;
    const { message, detail, rule } = fault;
    const key = renamed([message, detail, rule].join("\n"), host, () => "");
    groups.set(key, [...(groups.get(key) ?? []), { host, fault }]);
  }
  return [...groups.values()];
}

function describeFault(group: readonly Broken[]): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { host, fault } = first;
  const { message, legacyCode, detail, next, rule } = fault;
  const hosts = group.map(({ host }) => host);
  const isOne = hosts.length === 1;
  const all = (withPort: boolean) => hosts.map((one) => (withPort ? one : nameIn(one))).join(", ");
  return [
    "",
    `✗ ${isOne ? host : `${hosts.length} hosts`}: ${message}${legacyCode === null ? "" : ` (${legacyCode})`}`,
    ...(isOne ? [] : labelled("  hosts", all(true))),
    ...labelled("  found", isOne ? detail : renamed(detail, host, () => "each of them")),
    ...labelled("  do", next),
    ...(rule === null ? [] : labelled("  ask for", renamed(rule, host, all))),
  ];
}

function nameIn(host: string): string {
  return host.replace(/:\d+$/, "");
}

/** A text with another name for its host, which it may name with its port and without. */
function renamed(text: string, host: string, as: (withPort: boolean) => string): string {
  const [name, port = ""] = [nameIn(host), host.slice(nameIn(host).length)];
  const mention = new RegExp(`(?<![\\w.-])${name.replace(/[.[\]]/g, "\\$&")}(${port})?(?![\\w-]|\\.\\w)`, "g");
  return text.replace(mention, (_, withPort?: string) => as(withPort !== undefined));
}

function notes(title: string, texts: readonly string[]): readonly string[] {
  // Several hosts may have the same to say.
  const each = [...new Set(texts)];
  return each.length === 0 ? [] : ["", title, ...each.flatMap((text) => wrap(text, "- ", "  "))];
}

function labelled(label: string, text: string): readonly string[] {
  return wrap(text, label.padEnd(11), " ".repeat(11));
}

function wrap(text: string, first: string, others: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isBlank = true;
  for (const word of text.split(" ")) {
    if (!isBlank && line.length + 1 + word.length > width) {
      lines.push(line);
      line = others;
      isBlank = true;
    }
    line += isBlank ? word : ` ${word}`;
    isBlank = false;
  }
  return [...lines, line];
}

/** One line, not longer than a terminal of 80 columns. */
export function describeProgress({ hosts, done, measuring }: Progress): string {
  if (measuring) return "measuring the bandwidth";
  const busy = hosts.find(({ ok, fault }) => !ok && fault === null);
  const last = busy?.rungs.at(-1)?.rung;
  const place = busy === undefined ? "" : `, ${busy.host}${last === undefined ? "" : ` after ${last}`}`;
  return `checked ${done} of ${hosts.length}${place}`.slice(0, 79);
}
