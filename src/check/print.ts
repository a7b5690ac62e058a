import { isEnough, recommendedMbps } from "./bandwidth.ts";
import type { CheckReport, Progress } from "./check.ts";
import { type CheckRung, checkRungs } from "./check-rungs.ts";
import { describeBandwidth } from "./document.ts";
import type { CheckedHost } from "./judge.ts";

/** Long lines are broken here: as wide as a page of a mail. */
const width = 100;

/** The report for a person; ends in a newline. */
export function describeCheck(report: CheckReport, viaProxy: string | null, advice: readonly string[]): string {
  const { hosts, bandwidth, interrupted } = report;
  const broken = hosts.filter(({ fault }) => fault !== null);
  const well = hosts.filter(({ ok }) => ok).length;
  const slow = isEnough(bandwidth) ? [] : [`At least ${recommendedMbps} Mbit/s are recommended to the platform.`];
  return `${[
    ...table(hosts, viaProxy !== null),
    "",
    ...(viaProxy === null ? [] : [`proxy      ${viaProxy}`]),
    ...labelled("bandwidth", [describeBandwidth(bandwidth), ...slow].join(". ")),
    ...broken.flatMap(describeFault),
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

function describeFault({ host, fault }: CheckedHost): readonly string[] {
  if (fault === null) return [];
  const code = fault.legacyCode === null ? "" : ` (${fault.legacyCode})`;
  return [
    "",
    `✗ ${host}: ${fault.message}${code}`,
    ...labelled("  found", fault.detail),
    ...labelled("  do", fault.next),
    ...(fault.rule === null ? [] : labelled("  ask for", fault.rule)),
  ];
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
