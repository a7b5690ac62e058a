import { describe, expect, it } from "vitest";
import { parseBoard } from "../../../hal/boards/board.ts";
import { boardDirectory, builtInBoards, findBoard } from "../../../hal/boards/find-board.ts";
import { rpiPcf8574 } from "../../../hal/boards/rpi-pcf8574.ts";
import { pcf8574Wirings } from "../../../hal/chips/pcf8574.ts";
import { HalError } from "../../../hal/errors.ts";
import type { Files } from "../../../hal/files.ts";

describe("a board description", () => {
  it.each(builtInBoards.map((board) => [board.name, board]))("is valid for the built-in %s", (name, board) => {
    expect(parseBoard(board)).toMatchObject({ ok: true, value: { name } });
  });

  it("fills in what is left out and resolves a wiring's name", () => {
    const parsed = parseBoard({
      name: "small",
      display: { chip: "hd44780", expander: "pcf8574", bus: 1, address: 0x3f, wiring: "lcdproc", cols: 16, rows: 2 },
      keys: { labels: ["gpio"], active: "low", lines: { UP: 1, DOWN: 2, ENTER: 3 } },
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        display: { hertz: 100_000, rom: "A00", wiring: pcf8574Wirings.lcdproc },
        keys: { debounceMs: 10 },
        leds: null,
      },
    });
  });

  it("takes a wiring of its own", () => {
    const wiring = { rs: 4, en: 6, data: [0, 1, 2, 3] };
    expect(parseBoard({ ...rpiPcf8574, display: { ...rpiPcf8574.display, wiring } })).toMatchObject({
      ok: true,
      value: { display: { wiring: { ...wiring, rw: null, backlight: null } } },
    });
  });

  const { display, keys, leds } = rpiPcf8574;
  it.each<[string, object, RegExp]>([
    ["an unknown key", { colour: "red" }, /colour/],
    ["a name that is a path", { name: "../etc/passwd" }, /^name: .*lower case/],
    ["an address of another chip", { display: { ...display, address: 0x50 } }, /^display.address: not 0x20 to 0x27/],
    ["a bus that is too fast", { display: { ...display, hertz: 1_000_000 } }, /^display.hertz/],
    ["a size that no screen was made for", { display: { ...display, cols: 40 } }, /^display.cols/],
    [
      "two lines on one bit",
      { display: { ...display, wiring: { rs: 0, en: 0, data: [4, 5, 6, 7] } } },
      /share a port bit/,
    ],
    ["a missing key", { keys: { ...keys, lines: { UP: 1, DOWN: 2 } } }, /^keys.lines.ENTER/],
    ["two keys on one line", { keys: { ...keys, lines: { UP: 1, DOWN: 1, ENTER: 2 } } }, /^keys.lines: two keys/],
    ["a polarity that does not exist", { leds: { ...leds, active: "blue" } }, /^leds.active/],
    ["no label", { leds: { ...leds, labels: [] } }, /^leds.labels/],
  ])("is refused with %s, naming the key", (_, change, problem) => {
    const parsed = parseBoard({ ...rpiPcf8574, ...change });
    expect(parsed.ok ? [] : parsed.error).toEqual([expect.stringMatching(problem)]);
  });

  it.each([null, 7, "text", []])("is refused when it is %o", (description) => {
    expect(parseBoard(description).ok).toBe(false);
  });
});

/** Just enough of Files for a look-up: a map of texts. */
function filesWith(texts: Record<string, string | HalError>): Files {
  return {
    read: async (path: string) => {
      const text = texts[path] ?? new HalError("absent", path, "no such file");
      if (text instanceof HalError) throw text;
      return new TextEncoder().encode(text);
    },
  } as unknown as Files;
}

describe("finding a board", () => {
  const own =
    'name = "own"\n[display]\nchip = "hd44780"\nexpander = "pcf8574"\nbus = 2\naddress = 0x3f\nwiring = "lcm1602"\ncols = 20\nrows = 4\n';

  it("knows the built-in ones", async () => {
    expect(await findBoard(filesWith({}), "rpi-pcf8574")).toMatchObject({ ok: true, value: { name: "rpi-pcf8574" } });
  });

  it("reads one by its name from the board directory, before the built-in one", async () => {
    const files = filesWith({
      [`${boardDirectory}/own.toml`]: own,
      [`${boardDirectory}/rpi-pcf8574.toml`]: own,
    });
    expect(await findBoard(files, "own")).toMatchObject({ ok: true, value: { display: { bus: 2, address: 0x3f } } });
    expect(await findBoard(files, "rpi-pcf8574")).toMatchObject({ ok: true, value: { name: "own" } });
  });

  it("reads one by the path of its file", async () => {
    expect(await findBoard(filesWith({ "/srv/panel.toml": own }), "/srv/panel.toml")).toMatchObject({ ok: true });
  });

  it.each<[string, Record<string, string | HalError>, string, RegExp]>([
    ["an unknown name", {}, "nobody", /nobody\.toml: no such board; built in: rpi-pcf8574/],
    ["a missing file", {}, "/srv/panel.toml", /^\/srv\/panel\.toml: .*no such file/],
    ["broken TOML", { "/srv/panel.toml": "name = " }, "/srv/panel.toml", /^\/srv\/panel\.toml: Invalid TOML/],
    ["a wrong value", { "/srv/panel.toml": 'name = "UPPER"' }, "/srv/panel.toml", /^\/srv\/panel\.toml: name: /],
    [
      "a file that may not be read",
      { [`${boardDirectory}/rpi-pcf8574.toml`]: new HalError("denied", "file", "no permission") },
      "rpi-pcf8574",
      /no permission/,
    ],
  ])("says what is wrong with %s, naming the file", async (_, texts, name, problem) => {
    const found = await findBoard(filesWith(texts), name);
    expect(found.ok ? "" : found.error.join("\n")).toMatch(problem);
  });
});
