import { describe, expect, it } from "vitest";
import { salvageBoard } from "../../../src/config/salvage.ts";

describe("the board of a configuration that is wrong", () => {
  it.each<[string, string, string | null]>([
    ["with another key that is wrong", '[panel]\nboard = "mine"\ncolz = 3\n', "mine"],
    ["with a fault before", '[platform]\nurl = https\n[panel]\nboard = "mine"\n', "mine"],
    ["with a fault behind", 'panel = 3\r\n [ panel ] # ours\r\nboard = "mine"\r\n[log]\nlevel\n', "mine"],
    ["with the fault in its table", '[panel]\nboard = "mine"\ncols\n', null],
    ["that is no text", "[panel]\nboard = 3\n", null],
    ["that is not named", "[panel]\ncols = 16\n", null],
    ["without a table", 'board = "mine"\n', null],
    ["of a table that is none", "panel = 3\n", null],
    ["of a list of tables", '[[panel]]\nboard = "mine"\n', null],
    ["of nothing", "", null],
  ])("%s", (_, text, board) => expect(salvageBoard(text)).toBe(board));
});
