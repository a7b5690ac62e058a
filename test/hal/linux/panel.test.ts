import { describe, expect, it } from "vitest";
import { parseBoard } from "../../../hal/boards/board.ts";
import { openLinuxPanel } from "../../../hal/linux/panel.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";

function panelOf(description: unknown) {
  const clock = createFakeClock();
  const board = parseBoard(description);
  if (!board.ok) throw new Error(board.error.join("; "));
  return { clock, panel: openLinuxPanel(board.value, clock) };
}

const lines = { labels: ["no-such-chip"], active: "low" };
const display = { chip: "hd44780", expander: "pcf8574", bus: 250, address: 0x27, wiring: "lcm1602", cols: 20, rows: 4 };

describe("a front panel on Linux", () => {
  it("has the parts that the board has", () => {
    expect(panelOf({ name: "console-only" }).panel).toEqual({
      board: "console-only",
      display: null,
      keypad: null,
      indicators: null,
    });
    expect(panelOf({ name: "lcd", display }).panel).toMatchObject({ board: "lcd", display: { cols: 20, rows: 4 } });
  });

  it("opens without the hardware, whose parts then say what is missing", async () => {
    const { clock, panel } = panelOf({
      name: "missing",
      display,
      keys: { ...lines, lines: { UP: 1, DOWN: 2, ENTER: 3 } },
      leds: { ...lines, lines: { s1: 4 } },
    });
    const { display: lcd, keypad, indicators } = panel;
    if (lcd === null || keypad === null || indicators === null) throw new Error("a part is missing");
    // The driver's wait is of the fake clock, the kernel's answer is not.
    await expect(Promise.all([lcd.reset(), clock.advance(1000)])).rejects.toMatchObject({ name: "HalError" });
    await expect(
      keypad.watch(
        () => {},
        () => {},
      ),
    ).rejects.toMatchObject({ name: "HalError", kind: "absent" });
    await expect(indicators.set({ s1: true, s2: false, s3: false })).rejects.toMatchObject({ kind: "absent" });
    await Promise.all([lcd.halt(), keypad.halt(), indicators.halt()]);
  });
});
