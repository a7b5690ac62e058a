import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConsoleInput, createKeyParser } from "../../../../src/surfaces/console/key-parser.ts";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A word for each input, for short tables. */
function word(input: ConsoleInput): string {
  if (input.type === "repaint" || input.type === "noise") return input.type;
  if (input.type === "cursor-report") return `${input.row},${input.col}`;
  if (input.input.type === "key") return input.input.key;
  return input.input.type === "erase" ? "erase" : input.input.character;
}

function heard(...pieces: readonly (string | Uint8Array)[]): string[] {
  const parser = createKeyParser();
  return pieces.flatMap((piece) => parser.push(typeof piece === "string" ? bytes(piece) : piece).map(word));
}

function parse(...pieces: readonly (string | Uint8Array)[]): string[] {
  return heard(...pieces).filter((one) => one !== "noise");
}

describe("keys of a terminal", () => {
  it.each([
    ["VT52 arrows", "\x1bA\x1bB\x1bC\x1bD", ["UP", "DOWN", "RIGHT", "LEFT"]],
    ["VT100 arrows", "\x1b[A\x1b[B\x1b[C\x1b[D", ["UP", "DOWN", "RIGHT", "LEFT"]],
    ["application arrows", "\x1bOA\x1bOB\x1bOC\x1bOD", ["UP", "DOWN", "RIGHT", "LEFT"]],
    ["xterm arrows with a modifier", "\x1b[1;2A\x1b[1;5D\x1bO2B", ["UP", "LEFT", "DOWN"]],
    ["CR", "\r", ["ENTER"]],
    ["LF", "\n", ["ENTER"]],
    ["CR LF once", "\r\n", ["ENTER"]],
    ["CR NUL once", "\r\0", ["ENTER"]],
    ["CR NUL LF once", "\r\0\n", ["ENTER"]],
    ["CR CR LF twice", "\r\r\n", ["ENTER", "ENTER"]],
    ["LF LF twice", "\n\n", ["ENTER", "ENTER"]],
    ["CR LF LF twice", "\r\n\n", ["ENTER", "ENTER"]],
    ["TAB", "\t", ["RIGHT"]],
    ["BACKSPACE and DEL", "\b\x7f", ["erase", "erase"]],
    ["Ctrl-U", "\x15", ["LEFT+RIGHT"]],
    ["Ctrl-L", "\x0c", ["repaint"]],
    ["characters", "a Z9~?", ["a", " ", "Z", "9", "~", "?"]],
    ["a cursor report", "\x1b[1;2R", ["1,2"]],
    ["a cursor report between keys", "a\x1b[24;80Rb", ["a", "24,80", "b"]],
  ])("%s", (_, typed, expected) => {
    expect(parse(typed)).toEqual(expected);
  });

  it.each([
    ["other control characters", "\x01\x03\x1a\x11", []],
    ["NUL and 8-bit bytes", "\0\x80\xff\x9b", []],
    ["letters with accents in UTF-8", "\xc3\xa9", []],
    ["function keys", "\x1bOP\x1b[15~\x1b[[A\x1b[3~\x1b[H\x1b[Z", []],
    ["an answer to a device request", "\x1b[?1;2c", []],
    ["a report that is none", "\x1b[R\x1b[1;2;3R\x1b[;R\x1b[0;0R", []],
    ["a character set", "\x1b(Bx", ["x"]],
    ["an overlong sequence, to its end", `\x1b[${"1;".repeat(40)}Ax`, ["x"]],
    ["ESC ESC before an arrow", "\x1b\x1b[A", ["UP"]],
    ["a sequence begun anew", "\x1b[1\x1b[B", ["DOWN"]],
    ["a sequence cancelled by CAN", "\x1b[1\x18a", ["a"]],
  ])("ignores %s", (_, typed, expected) => {
    expect(parse(typed)).toEqual(expected);
  });

  it.each([
    ["inside ESC", "\x1b\r"],
    ["inside ESC, with LF", "\x1b\r\n"],
    ["inside ESC [", "\x1b[\r"],
    ["inside ESC [ 1 ;", "\x1b[1;\n"],
    ["inside ESC O", "\x1bO\r\n"],
    ["behind a byte with the eighth bit set", "\xf0\r\n"],
    ["between such bytes", "\xf0\r\xe1\n\x8d\r"],
    ["with the eighth bit set", "\x8d\x8a"],
    ["behind noise inside a sequence", "\x1b[\xff\r"],
  ])("takes no line break for ENTER %s", (_, typed) => {
    expect(parse(typed)).toEqual([]);
  });

  it.each([
    ["a break", "\0", 1],
    ["bytes with the eighth bit set", "\xff\xfe", 2],
    ["control characters without a meaning", "\x01\x03\x1a", 3],
    ["a sequence that is broken off", "\x1b[1\x18", 1],
    ["a sequence that another one breaks off", "\x1b[1\x1b[B", 1],
    ["an overlong sequence", `\x1b[${"1;".repeat(40)}A`, 1],
    ["not the NUL of CR NUL", "\r\0", 0],
    ["but the next one", "\r\0\0", 1],
    ["not XON and XOFF", "\x11\x13", 0],
    ["not function keys, nor Alt and an arrow", "\x1bOP\x1b[15~\x1b[H\x1b\x1b[A", 0],
    ["not text and keys", "a?\t\b\x15\x0c\r\n\x1b[A\x1b[1;2R", 0],
  ])("knows noise: %s", (_, sent, count) => {
    expect(heard(sent).filter((one) => one === "noise")).toHaveLength(count);
  });

  it("counts ENTER again after noise when a character or some time has passed", () => {
    expect(parse("\xf0a\r")).toEqual(["a", "ENTER"]);
    const parser = createKeyParser();
    parser.push(bytes("\xf0"));
    expect(parser.waiting()).toBe(true);
    parser.giveUp();
    expect(parser.waiting()).toBe(false);
    expect(parser.push(bytes("\r")).map(word)).toEqual(["ENTER"]);
  });

  it("gives up on a lone ESC when it is told that time has passed", () => {
    const parser = createKeyParser();
    expect(parser.push(bytes("\x1b"))).toEqual([]);
    expect(parser.waiting()).toBe(true);
    parser.giveUp();
    expect(parser.push(bytes("A\r")).map(word)).toEqual(["A", "ENTER"]);
  });
});

describe("any bytes", () => {
  const piece = fc.oneof(
    fc.constantFrom("\x1b", "\x1b[", "\x1bO", "\x1b[A", "\x1b[1;2", "\r", "\n", "\0", "\xff", "R", "a", "?"),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 4 }),
  );
  const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => bytes(pieces.join("")));

  it("mean the same however they are cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(100)), (all, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % (all.length + 1)), all.length].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, index) => all.slice(places[index], end));
        expect(heard(...pieces)).toEqual(heard(all));
      }),
      { numRuns: 500 },
    );
  });

  it("never throw, and are never more inputs than bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (all) => {
        expect(heard(all).length).toBeLessThanOrEqual(all.length);
      }),
    );
  });

  it("are never ENTER without a line break of their own outside sequences", () => {
    fc.assert(
      fc.property(stream, (all) => {
        const breaks = all.filter((byte) => byte === 0x0a || byte === 0x0d).length;
        expect(parse(all).filter((one) => one === "ENTER").length).toBeLessThanOrEqual(breaks);
        expect(parse(all.map((byte) => byte | 0x80))).toEqual([]);
      }),
    );
  });
});
