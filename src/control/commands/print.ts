import type { OrderReportDocument, ScreenDocument, StatusDocument } from "../schema.ts";

/**
 * The glass in a frame, LEDs beside it; ends in a newline. The cursor is where the arrow heads in the frame meet.
 */
export function drawScreen({ cols, lines, cursor, leds, blank, screen }: ScreenDocument): string {
  const rule = (left: string, right: string, mark: number | null) => {
    const cells = Array.from({ length: cols }, (_, col) => (col === mark ? "▼" : "─"));
    return `${left}${cells.join("")}${right}`;
  };
  const lamps = (["s1", "s2", "s3"] as const).map((name) => `${leds[name] ? "●" : "○"} ${name.toUpperCase()}`);
  const rows = [
    rule("┌", "┐", cursor?.col ?? null),
    ...lines.map((line, row) => `${cursor?.row === row ? "►" : "│"}${line}│`),
    rule("└", "┘", null),
  ];
  const drawn = rows.map((row, index) => (index < lamps.length ? `${row}  ${lamps[index]}` : row));
  return `${[...drawn, blank ? `${screen} (dark)` : screen].join("\n")}\n`;
}

/** A few lines for a person; ends in a newline. */
export function describeStatus(status: StatusDocument): string {
  const { fault } = status;
  const rows: (readonly [string, string])[] = [
    [
      "appliance",
      [status.product, status.version, status.model, status.serial].filter((part) => part !== "").join(" "),
    ],
    ["state", describePhase(status)],
  ];
  if (fault !== null) {
    const code = fault.legacyCode === null ? "" : ` (${fault.legacyCode})`;
    rows.push(["fault", `${fault.message}${code}, since ${fault.since}`], ["", fault.detail], ["", fault.next]);
  }
  rows.push(["LAN", describePort(status.lan, status.lan.vlan)]);
  if (status.wan !== null) rows.push(["WAN", describePort(status.wan, 0)]);
  if (status.mode === "ipv6-only") rows.push(["mode", "IPv6 only"]);
  if (status.proxy !== null) {
    const { host, port, user } = status.proxy;
    rows.push(["proxy", `${host} port ${port}${user === null ? "" : ` as ${user}`}`]);
  }
  const { lastSuccess, next, intervalSeconds } = status.poll;
  rows.push([
    "poll",
    `every ${intervalSeconds} s, last good one ${lastSuccess ?? "never"}, next ${next ?? "not planned"}`,
  ]);
  if (status.test !== null) rows.push(...describeTest(status.test));
  const networks = describeScanNetworks(status.scanNetworks);
  if (networks !== null) rows.push(["scans", networks]);
  for (const { id, state, percent } of status.scans) rows.push(["scan", `${id} ${state}, ${Math.round(percent)} %`]);
  if (status.update !== null) rows.push(["update", `${status.update.version} ${status.update.state}`]);
  rows.push(["panel", `${status.panel.board} ${status.panel.state}`]);
  for (const { device, state } of status.consoles) rows.push(["console", `${device} ${state}`]);
  return `${rows.map(([left, right]) => `${left.padEnd(9)}  ${right}`.trimEnd()).join("\n")}\n`;
}

/** The verdict, then a row for each rung. */
function describeTest(test: NonNullable<StatusDocument["test"]>): readonly (readonly [string, string])[] {
  const { state, reason, started, rungs, climbing, fault } = test;
  const place = ({ rung, port }: { rung: string; port: string | null }) =>
    port === null ? rung : `${port.toUpperCase()} ${rung}`;
  const told = [state, ...(climbing === null ? [] : [place(climbing)]), ...(reason === null ? [] : [reason])].join(
    ": ",
  );
  const verdict = state !== "done" ? told : (fault?.message ?? "the network is fine");
  const mark = (ok: boolean) => (ok ? "ok" : "FAIL").padEnd(4);
  return [
    ["test", `${verdict}, begun ${started}`],
    ...rungs.map((rung) => ["", `${mark(rung.ok)} ${place(rung)}, ${rung.ms} ms: ${rung.detail}`] as const),
  ];
}

/** null when nothing is ordered. */
function describeScanNetworks({
  revision,
  vlans,
  routes,
  failed,
  state,
  detail,
}: StatusDocument["scanNetworks"]): string | null {
  if (vlans + routes === 0) return null;
  return [
    count(vlans, "VLAN"),
    count(routes, "route"),
    ...(revision === null ? [] : [`revision ${revision}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(state === "settled" ? [] : [detail === null ? state : `${state}: ${detail}`]),
  ].join(", ");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A line with the outcome, and one for each item that is not in force; ends in a newline. */
export function describeReport({ revision, outcome, reason, results }: OrderReportDocument): string {
  const failed = results.filter(({ ok }) => !ok);
  const all = count(results.length, "item");
  const items = failed.length === 0 ? all : `${failed.length} of ${all} failed`;
  const head = [outcome, ...(revision === null ? [] : [`revision ${revision}`]), items].join(", ");
  const lines = [
    reason === null ? head : `${head}: ${reason}`,
    ...failed.map(({ id, message }) => `${id}: ${message}`),
  ];
  return `${lines.join("\n")}\n`;
}

function describePhase({ phase, name, activationCode, platformIndicator }: StatusDocument): string {
  if (activationCode !== null) return `${phase}, activation code ${activationCode}`;
  return name === null ? phase : `${phase}, ${name} on platform ${platformIndicator ?? "?"}`;
}

function describePort(port: NonNullable<StatusDocument["wan"]>, vlan: number): string {
  const addresses = [...port.ipv4, ...port.ipv6];
  const speed = port.speedMbps === null ? "link" : `${port.speedMbps} Mbit/s ${port.duplex ?? ""}`.trimEnd();
  return [
    `${port.interface} ${port.mac ?? "without MAC address"}`,
    port.carrier ? speed : "no link",
    ...(vlan === 0 ? [] : [`VLAN ${vlan}`]),
    `${addresses.length === 0 ? "no address" : addresses.join(" ")} (${port.method})`,
    `gateway ${port.gateway ?? "none"}`,
    `DNS ${port.dns.length === 0 ? "none" : port.dns.join(" ")}`,
  ].join(", ");
}
