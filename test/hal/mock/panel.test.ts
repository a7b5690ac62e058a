import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { openMockPanel } from "../../../hal/mock/panel.ts";
import { describeDisplay } from "../../contract/display.ts";
import { describeIndicators } from "../../contract/indicators.ts";
import { describeKeypad } from "../../contract/keypad.ts";
import { settled } from "../../support/settled.ts";

function present<T>(part: T | null): T {
  if (part === null) throw new Error("the mock panel lacks a part");
  return part;
}

for (const [cols, rows] of [
  [16, 2],
  [20, 2],
  [20, 4],
] as const) {
  describeDisplay(`the mock panel's ${cols}x${rows} display`, async () => {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols, rows });
    return { display: present(panel.display), see: controls.glass, settled: (promise) => settled(clock, promise) };
  });
}

describeKeypad("the mock panel's keypad", () => {
  const clock = createFakeClock();
  const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
  return { keypad: present(panel.keypad), ...controls, monotonic: clock.monotonic, advance: clock.advance };
});

describeIndicators("the mock panel's LEDs", () => {
  const { panel, controls } = openMockPanel({ clock: createFakeClock(), cols: 16, rows: 2 });
  return { indicators: present(panel.indicators), see: controls.leds };
});

describe("the mock panel", () => {
  const picture = { lines: ["LAN IP ADDR←→↑↓↵", "010.077.000.020 "], cursor: { row: 1, col: 0 }, on: true };

  it("comes back with a reset after it was unplugged", async () => {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
    const display = present(panel.display);
    const indicators = present(panel.indicators);
    await settled(clock, display.reset());
    await settled(clock, display.show(picture));

    controls.unplug();
    expect(controls.glass()).toMatchObject({ on: false, backlight: false, lines: [" ".repeat(16), " ".repeat(16)] });
    await expect(settled(clock, display.show({ ...picture, cursor: null }))).rejects.toMatchObject({ kind: "noAck" });
    await expect(settled(clock, display.reset())).rejects.toMatchObject({ kind: "noAck" });
    await expect(indicators.set({ s1: true, s2: false, s3: false })).rejects.toMatchObject({ kind: "absent" });

    controls.plugIn();
    await settled(clock, display.reset());
    await settled(clock, display.show(picture));
    await indicators.set({ s1: true, s2: false, s3: false });
    expect(controls.glass()).toMatchObject({ ...picture, backlight: true });
    expect(controls.leds()).toEqual({ s1: true, s2: false, s3: false });
    expect(controls.violations).toEqual([]);
  });

  it("presses a key for as long as asked", async () => {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
    const edges: string[] = [];
    const started = clock.monotonic();
    await present(panel.keypad).watch(
      ({ key, pressed, atMs }) => edges.push(`${key} ${pressed} ${atMs - started}`),
      () => {},
    );
    await settled(clock, controls.press("UP", 700));
    expect(edges).toEqual(["UP true 0", "UP false 700"]);
    expect(clock.pending()).toEqual([]);
  });

  it("draws the cursor's line and the dots of ROM and CGRAM", async () => {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
    const display = present(panel.display);
    await settled(clock, display.reset());
    await settled(
      clock,
      display.show({ lines: ["A↑".padEnd(16), " ".repeat(16)], cursor: { row: 0, col: 0 }, on: true }),
    );
    const [first, second, third] = controls.glass().dots[0] ?? [];
    expect(first).toEqual([0x0e, 0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x1f]);
    expect(second).toEqual([0x04, 0x0e, 0x15, 0x04, 0x04, 0x04, 0x04, 0]);
    expect(third).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    await settled(clock, display.show({ lines: ["A↑".padEnd(16), " ".repeat(16)], cursor: null, on: false }));
    expect(controls.glass().dots.flat(2)).toEqual(new Array(16 * 2 * 8).fill(0));
  });

  it("tells when glass or LEDs may look different", async () => {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
    const seen: string[] = [];
    const stop = controls.watch(() => seen.push(`${controls.glass().lines[0]?.slice(0, 3)} ${controls.leds().s1}`));
    await settled(clock, present(panel.display).reset());
    seen.length = 0;
    await settled(clock, present(panel.display).show(picture));
    await present(panel.indicators).set({ s1: true, s2: false, s3: false });
    await present(panel.indicators).set({ s1: true, s2: false, s3: false });
    controls.unplug();
    expect(seen).toEqual(["LAN false", "LAN true", "    false"]);
    stop();
    controls.plugIn();
    expect(seen).toHaveLength(3);
  });

  it("is a thing of its own: two do not share anything", async () => {
    const clock = createFakeClock();
    const one = openMockPanel({ clock, cols: 16, rows: 2 });
    const other = openMockPanel({ clock, cols: 20, rows: 4 });
    await settled(clock, present(one.panel.display).reset());
    await settled(clock, present(one.panel.display).show(picture));
    expect(one.controls.glass().lines).toEqual(picture.lines);
    expect(other.controls.glass().lines).toEqual(new Array(4).fill(" ".repeat(20)));
  });
});
