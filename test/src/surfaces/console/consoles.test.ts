import { describe, expect, it } from "vitest";
import { createConsolePair } from "../../../../hal/mock/console-pair.ts";
import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import type { ConsoleFacts } from "../../../../src/model/facts.ts";
import type { PanelInput } from "../../../../src/model/key.ts";
import { createConsoles } from "../../../../src/surfaces/console/consoles.ts";
import { someFrame } from "../../../support/some-frames.ts";
import { createSomeLog } from "../../../support/some-log.ts";

const usb0 = "/dev/ttyUSB0";
const usb1 = "/dev/ttyUSB1";
const home = someFrame(["is_bezel       ↵", "10.77.0.20     P"]);
const menu = someFrame(["SETUP        ↑↓↵", "NETWORK         "]);

function start(onInput: (input: PanelInput) => void = () => {}) {
  const clock = createFakeClock();
  const pair = createConsolePair();
  const { log, lines } = createSomeLog();
  const reports: string[] = [];
  const stop = new AbortController();
  let frame = home;
  const consoles = createConsoles({
    ports: pair,
    patterns: ["/dev/ttyUSB*"],
    line: { baud: 9600, stopBits: 2 },
    clock,
    log,
    frame: () => frame,
    input: onInput,
    takesText: () => false,
    commits: () => false,
    busy: () => false,
    wake: () => {},
    mac: () => "52:54:00:12:34:56",
    changed: (facts: readonly ConsoleFacts[]) => {
      reports.push(facts.map(({ device, state }) => `${device.slice(-1)} ${state}`).join(", "));
    },
  });
  const done = consoles.run(stop.signal);
  const enter = async (device: string) => {
    pair.peer(device).write("\r");
    await clock.advance(0);
    pair.peer(device).write("\x1b[1;2R");
    await clock.advance(0);
    return pair.peer(device).take();
  };
  const show = async (next: typeof home) => {
    frame = next;
    consoles.show(next);
    await clock.advance(0);
  };
  return { clock, pair, lines, reports, stop, done, enter, show };
}

describe("consoles", () => {
  it("serves several at once", async () => {
    const { clock, pair, reports, enter, show } = start();
    pair.plug(usb0);
    pair.plug(usb1);
    pair.plug("/dev/ttyS0");
    await clock.advance(0);
    expect(reports.at(-1)).toBe("0 open, 1 open");
    expect(await enter(usb0)).toContain("is_bezel");
    expect(pair.peer(usb1).take()).toBe("");
    expect(await enter(usb1)).toContain("is_bezel");
    await show(menu);
    expect(pair.peer(usb0).take()).toContain("SETUP");
    expect(pair.peer(usb1).take()).toContain("SETUP");
  });

  it("comes back after unplug and replug, silent until ENTER, with the newest frame", async () => {
    const { clock, pair, lines, reports, enter, show } = start();
    pair.plug(usb0);
    await clock.advance(0);
    await enter(usb0);
    pair.unplug(usb0);
    await clock.advance(60_000);
    expect(reports.at(-1)).toBe("");
    expect(clock.pending()).toEqual([]);
    await show(menu);
    pair.plug(usb0);
    await clock.advance(0);
    expect(reports.at(-1)).toBe("0 open");
    expect(pair.peer(usb0).take()).toBe("");
    expect(await enter(usb0)).toContain("SETUP");
    expect(lines.filter((line) => line.includes("gone"))).toHaveLength(1);
  });

  it("is quick enough for a cable that is pulled and put back at once", async () => {
    const { clock, pair, reports, enter } = start();
    pair.plug(usb0);
    await clock.advance(0);
    pair.unplug(usb0);
    pair.plug(usb0);
    await clock.advance(15_000);
    expect(reports.at(-1)).toBe("0 open");
    expect(await enter(usb0)).toContain("MAC address");
  });

  it("tries again with one line in the log when a device cannot be opened", async () => {
    const { clock, pair, lines, reports, enter } = start();
    pair.failOpen(usb0, "denied");
    pair.plug(usb0);
    await clock.advance(0);
    expect(reports).toEqual(["0 lost"]);
    await clock.advance(250);
    expect(reports).toEqual(["0 lost", "0 open"]);
    expect(lines).toEqual([`warn: console ${usb0}: lost, trying again`]);
    expect(await enter(usb0)).toContain("MAC address");
  });

  it("leaves the others alone when one is stuck", async () => {
    const { clock, pair, enter, show } = start();
    pair.plug(usb0);
    pair.plug(usb1);
    await clock.advance(0);
    await enter(usb0);
    await enter(usb1);
    pair.peer(usb0).hold(true);
    await show(menu);
    expect(pair.peer(usb0).take()).toBe("");
    expect(pair.peer(usb1).take()).toContain("SETUP");
  });

  it("closes all at the end", async () => {
    const { clock, pair, stop, done, enter } = start();
    pair.plug(usb0);
    await clock.advance(0);
    await enter(usb0);
    stop.abort();
    await done;
    expect(clock.pending()).toEqual([]);
    await expect(pair.open(usb0, { baud: 9600, stopBits: 2 })).resolves.toBeDefined();
  });

  it("does not hide a bug of ours", async () => {
    const { clock, pair, done, enter } = start(() => {
      throw new TypeError("bug");
    });
    pair.plug(usb0);
    await clock.advance(0);
    await enter(usb0);
    pair.peer(usb0).write("\t");
    await expect(done).rejects.toThrow("bug");
    await clock.advance(0);
    expect(clock.pending()).toEqual([]);
  });
});
