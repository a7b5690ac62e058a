import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { openMockPanel } from "../../../hal/mock/panel.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { showBadConfig } from "../../../src/main/show-bad-config.ts";

const file = "/etc/bezel.toml";

async function open(text: string, { cols = 16, rows = 2 }: { cols?: 16 | 20; rows?: 2 | 4 } = {}) {
  const clock = createFakeClock();
  const files = createMemoryFiles();
  files.put(file, text);
  const { panel, controls } = openMockPanel({ clock, cols, rows });
  const asked: string[] = [];
  const openPanel = async (board: string) => {
    asked.push(board);
    return board === "mine" ? panel : null;
  };
  const parsed = parseConfig(text, file);
  const show = (named = file) => showBadConfig(named, parsed.ok ? [] : parsed.error, { files, clock, openPanel });
  return { clock, controls, asked, show };
}

describe("a wrong configuration", () => {
  it.each([
    [{ cols: 16, rows: 2 }, ["BAD CONFIG FILE ", "SEE LINE 3      "]],
    [{ cols: 20, rows: 4 }, ["BAD CONFIG FILE     ", "SEE LINE 3          ", " ".repeat(20), " ".repeat(20)]],
  ] as const)("is told on the glass, and stays there: %j", async (geometry, lines) => {
    const { clock, controls, show } = await open('[panel]\nboard = "mine"\ncolz = 16\n', geometry);
    const shown = show();
    await clock.advance(1000);
    await shown;
    expect(controls.glass()).toMatchObject({ lines, on: true, backlight: true });
    expect(controls.violations).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it("waits for a display that comes late, and not for one that does not", async () => {
    const late = await open('[panel]\nboard = "mine"\ncolz = 16\n');
    late.controls.unplug();
    const shown = late.show();
    await late.clock.advance(2000);
    late.controls.plugIn();
    await late.clock.advance(3000);
    await shown;
    expect(late.controls.glass().lines[0]).toBe("BAD CONFIG FILE ");

    const never = await open('[panel]\nboard = "mine"\ncolz = 16\n');
    never.controls.unplug();
    const ended = never.show();
    await never.clock.advance(5000);
    await ended;
    expect(never.clock.pending()).toEqual([]);
  });

  it.each([
    ["no board", "[panel]\ncolz = 16\n", []],
    ["the mock board", '[panel]\nboard = "mock"\ncolz = 16\n', []],
    ["a board that does not exist", '[panel]\nboard = "yours"\ncolz = 16\n', ["yours"]],
  ])("that names %s is told elsewhere", async (_, text, boards) => {
    const { controls, asked, show } = await open(text);
    await show();
    expect(asked).toEqual(boards);
    expect(controls.busCounts.transactions).toBe(0);
  });

  it("that is not there is told elsewhere", async () => {
    const { asked, show } = await open("");
    await show("/etc/other.toml");
    expect(asked).toEqual([]);
  });
});
