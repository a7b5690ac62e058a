import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyName } from "../../../src/model/key.ts";
import { layOut, paginate, panned, printable, turnMs, wrap } from "../../../src/panel/layout.ts";
import { geometries } from "./bench.ts";

const small = { cols: 16, rows: 2 };
const all: readonly KeyName[] = ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"];
const lines = (text: string, keys: readonly KeyName[], spare: readonly KeyName[] = []) =>
  layOut({ screen: "x", text, keys, spare }, small, 0).lines;

describe("laying out a text", () => {
  it.each<[string, string, readonly KeyName[], readonly KeyName[], readonly string[]]>([
    [
      "an indicator a cell, in a fixed order",
      "SETUP NETWORK",
      ["ENTER", "DOWN", "UP"],
      [],
      ["SETUP NETWORK↑↓↵", "                "],
    ],
    [
      "wraps before the indicators",
      "SYSTEM SHUTDOWN",
      ["UP", "DOWN", "ENTER"],
      [],
      ["SYSTEM       ↑↓↵", "SHUTDOWN        "],
    ],
    [
      "pairs share a cell when room is short",
      "224 and above is not for hosts",
      all,
      [],
      ["224 and above↔↕↵", "is not for hosts"],
    ],
    [
      "the spare one goes first",
      "LAN DNS server not reachable",
      ["RIGHT", "DOWN", "ENTER"],
      ["DOWN"],
      ["LAN DNS server→↵", "not reachable   "],
    ],
    ["then all", "Failed receiving peer data (56)", ["RIGHT", "ENTER"], [], ["Failed receiving", "peer data (56)  "]],
    [
      "a text of exactly the glass is split anywhere",
      "Qualys Scanner is starting up...",
      [],
      [],
      ["Qualys Scanner i", "s starting up..."],
    ],
    ["foreign characters have a stand-in", "Zürich 東", [], [], ["Zurich ?        ", "                "]],
  ])("%s", (_, text, keys, spare, expected) => expect(lines(text, keys, spare)).toEqual(expected));

  it("turns the pages of a text that no glass holds", () => {
    const screen = { screen: "boot", text: "Longer Product Name Scanner is coming up...", keys: [] };
    const first = layOut(screen, small, 0);
    expect(first).toMatchObject({ turns: true, lines: ["Longer Product  ", "Name Scanner is "] });
    expect(layOut(screen, small, turnMs).lines).toEqual(["coming up...    ", "                "]);
    expect(layOut(screen, small, 2 * turnMs).lines).toEqual(first.lines);
  });

  it("scrolls an entry so that the cursor is seen", () => {
    const entry = (cursor: number) =>
      layOut(
        { screen: "x", text: "DOMAIN NAME", keys: all, entry: { text: "abcdefghijklmnopqrst", cursor } },
        small,
        0,
      );
    expect(entry(15)).toMatchObject({ lines: ["DOMAIN NAME←→↑↓↵", "abcdefghijklmnop"], cursor: { row: 1, col: 15 } });
    expect(entry(16)).toMatchObject({ lines: ["DOMAIN NAME←→↑↓↵", "bcdefghijklmnopq"], cursor: { row: 1, col: 15 } });
    expect(entry(20)).toMatchObject({ lines: ["DOMAIN NAME←→↑↓↵", "fghijklmnopqrst "], cursor: { row: 1, col: 15 } });
  });

  it("gives up the entry for a prompt that needs the glass", () => {
    const screen = { screen: "x", text: "Insert Character?", keys: ["UP"] as const, entry: { text: "abc", cursor: 0 } };
    expect(layOut(screen, small, 0)).toMatchObject({ lines: ["Insert         ↑", "Character?      "], cursor: null });
    expect(layOut(screen, { cols: 20, rows: 2 }, 0)).toMatchObject({
      lines: ["Insert Character?  ↑", "abc                 "],
      cursor: { row: 1, col: 0 },
    });
  });
});

describe("helpers", () => {
  it("wraps, breaking words only when told to", () => {
    expect(wrap("one two", () => 3, false)).toEqual(["one", "two"]);
    expect(wrap("three", () => 3, false)).toBeNull();
    expect(wrap("three", () => 3, true)).toEqual(["thr", "ee"]);
    expect(wrap("abcdefgh", (row) => (row === 0 ? 2 : 4), true)).toEqual(["ab", "cdef", "gh"]);
    expect(wrap("  ", () => 3, false)).toEqual([]);
  });

  it("pans no further than the end", () => {
    expect(panned("abcdef", 4, 0)).toBe("abcd");
    expect(panned("abcdef", 4, 9)).toBe("cdef");
    expect(panned("abc", 4, 9)).toBe("abc");
  });

  it.each<[string, string, readonly (readonly string[])[]]>([
    ["a colon", "CHANGE UNDONE: no carrier", [["CHANGE", "UNDONE:"], ["no carrier"]]],
    ["the last of two", "It is so. No! But. And then", [["It is so.", "No! But."], ["And then"]]],
    ["not one in the first row", "No: carrier on the interface", [["No: carrier", "on the interface"]]],
    ["nor where the text ends", "CANNOT STORE IT: now", [["CANNOT STORE", "IT: now"]]],
    ["nor a dot within a word", "Ask at 192.0.2.1 port 443", [["Ask at", "192.0.2.1 port"], ["443"]]],
    ["nothing", " ", [[]]],
  ])("ends a page with a phrase: %s", (_, text, pages) => expect(paginate(text, small, 4)).toEqual(pages));

  it("loses no word of a text that is cut into pages", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.constantFrom(...geometries), (text, geometry) => {
        const pages = paginate(text, geometry, 4);
        expect(pages.flat().join("").replaceAll(" ", "")).toBe(printable(text).replaceAll(" ", ""));
        for (const page of pages) {
          expect(page.length).toBeLessThanOrEqual(geometry.rows);
          for (const [row, line] of page.entries()) {
            expect(line.length).toBeLessThanOrEqual(row === 0 ? geometry.cols - 4 : geometry.cols);
          }
        }
      }),
    );
  });
});
