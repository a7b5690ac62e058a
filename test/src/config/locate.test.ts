import { describe, expect, it } from "vitest";
import { locate } from "../../../src/config/locate.ts";

const text = `# a comment, and a = 1 in it
title = "x"

[panel]
  cols = 16   # a comment
note = """
[log]
# no comment
level = "text of the note"
"""

"quoted" = 1
[platform]
# before the list
hosts = [
  "a", # level = 1
  "b",
]
console.baud = 9600
inline = { deep = { key = 1 } }
[log]
level = "info"`;

describe("line of a key", () => {
  it.each([
    ["title", 2],
    ["panel", 4],
    ["panel.cols", 5],
    ["panel.note", 6],
    ["panel.quoted", 12],
    ["platform.hosts", 15],
    ["platform.console.baud", 19],
    ["platform.inline.deep.key", 20],
    ["log", 21],
    ["log.level", 22],
    ["panel.rows", 4],
    ["absent.key", null],
    ["absent", null],
  ])("%s", (key, line) => {
    expect(locate(text, [key]).get(key)).toBe(line);
    expect(locate(text.replaceAll("\n", "\r\n"), [key]).get(key)).toBe(line);
  });

  it("is found for many keys at once", () => {
    expect([...locate(text, ["log.level", "title", "panel.cols"])]).toEqual([
      ["log.level", 22],
      ["title", 2],
      ["panel.cols", 5],
    ]);
  });
});
