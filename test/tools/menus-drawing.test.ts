import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { menus } from "../../src/panel/menus.ts";
import { procedures } from "../../src/panel/procedures.ts";
import { menuSections } from "../../tools/menu-rows.ts";
import { drawMenus } from "../../tools/menus-drawing.ts";

describe("docs/menus.svg", () => {
  it("is what the tables of menus and procedures give; npm run menus draws it anew", () => {
    const file = new URL("../../docs/menus.svg", import.meta.url);
    expect(readFileSync(file, "utf8") === drawMenus(), "docs/menus.svg is stale: npm run menus").toBe(true);
  });

  it("passes the password on the way to a proxy", () => {
    const rows = menuSections().flatMap((section) => section.rows);
    const row = rows.find(({ screens }) => screens[0]?.frame.lines.join(" ").includes("ENABLE PROXY"));
    expect(row?.screens.map(({ frame }) => frame.screen)).toEqual([
      "setup/proxy",
      "begin/proxy",
      "proxy/host",
      "proxy/port",
      "proxy/user",
      "proxy/password",
      "confirm/proxy",
      "progress/proxy",
    ]);
  });

  it("holds every item, question and field", () => {
    const items = Object.values(menus).flatMap((list) => list.map(({ id }) => id));
    const asked = Object.values(procedures).flatMap(({ begin, fields, confirm }) =>
      [begin, ...fields, confirm].flatMap((part) => part?.id ?? []),
    );
    const drawn = new Set(
      menuSections().flatMap(({ rows }) => rows.flatMap(({ screens }) => screens.map(({ frame }) => frame.screen))),
    );
    expect([...items, ...asked].filter((id) => !drawn.has(id))).toEqual([]);
  });
});
