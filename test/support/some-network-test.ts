import type { NetworkTest, RungName, RungResult } from "../../src/model/network-test.ts";
import type { PortName } from "../../src/model/settings.ts";

type Row = readonly [rung: RungName, port: PortName | null, ms: number, detail: string];

const portRows = (port: PortName, address: string, gateway: string): readonly Row[] => [
  ["carrier", port, 0, `1000 Mbit/s full duplex ${port}0`],
  ["duplicate", port, 0, "no other host answers for the address"],
  ["address", port, 0, address],
  ["gateway", port, 0, gateway],
];

const contactRows: readonly Row[] = [
  ["separation", null, 0, "our own traffic goes by LAN"],
  ["dns-servers", null, 0, "10.77.0.2, 10.77.0.3"],
  ["dns", null, 12.4, "platform.example is 203.0.113.9, says 10.77.0.2"],
  ["connect", null, 8.6, "203.0.113.9:443"],
  ["tls", null, 31, "Example Root issued the certificate"],
  ["http", null, 1404, "HTTP/200"],
  ["platform", null, 2, "is_box on platform P"],
];

const rows: readonly Row[] = [
  ["settings", null, 0, "valid"],
  ["network", null, 0, "read"],
  ...portRows("lan", "10.77.0.20/24 from 10.77.0.1", "10.77.0.1"),
  ...contactRows,
];

export const splitRows: readonly Row[] = [
  ...rows.slice(0, 6),
  ...portRows("wan", "192.0.2.77/24 from 192.0.2.1", "192.0.2.1"),
  ...contactRows,
];

const found = (all: readonly Row[]): readonly RungResult[] =>
  all.map(([rung, port, ms, detail]) => ({ rung, port, ok: true, ms, detail }));

/** A test that has found nothing wrong. */
export function someTest(change: Partial<NetworkTest> = {}): NetworkTest {
  return {
    state: "done",
    reason: null,
    started: "2026-01-01T00:00:00.000Z",
    rungs: found(rows),
    climbing: null,
    fault: null,
    ...change,
  };
}

/** One that is at a rung since a monotonic time. */
export function testAt(rung: RungName, sinceMs: number, all: readonly Row[] = rows): NetworkTest {
  const index = all.findLastIndex(([name]) => name === rung);
  const port = all[index]?.[1] ?? null;
  return someTest({ state: "running", rungs: found(all.slice(0, index)), climbing: { rung, port, sinceMs } });
}

/** One that has ended at a broken rung. */
export function testBrokenAt(rung: RungName, ms: number, fault: NonNullable<NetworkTest["fault"]>): NetworkTest {
  const sound = testAt(rung, 0);
  const port = sound.climbing?.port ?? null;
  return someTest({ rungs: [...sound.rungs, { rung, port, ok: false, ms, detail: fault.detail }], fault });
}
