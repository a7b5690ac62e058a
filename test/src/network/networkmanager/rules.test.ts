import { describe, expect, it } from "vitest";
import { managementTable, separationRules } from "../../../../src/helper/rules.ts";
import { profilesOf } from "../../../../src/network/networkmanager/profile.ts";
import { isSeparated } from "../../../../src/network/networkmanager/rules.ts";

/** iproute2 6.1, without and with -N. */
const words = `[{"priority":0,"src":"all","table":"local"},{"priority":1000,"src":"all","uid_start":990,"uid_end":990,"table":"100"},{"priority":1001,"src":"all","uid_start":990,"uid_end":990,"action":"prohibit"},{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]`;
const numbers = `[{"priority":0,"src":"all","table":"255"},{"priority":1000,"src":"all","uid_start":990,"uid_end":990,"table":"100"},{"priority":1001,"src":"all","uid_start":990,"uid_end":990,"action":"8"},{"priority":32766,"src":"all","table":"254"},{"priority":32767,"src":"all","table":"253"}]`;

type Rule = Record<string, unknown>;
const of = (rules: readonly unknown[]) => isSeparated(separationRules(rules));
const changed = (priority: number, change: (rule: Rule) => readonly unknown[]) =>
  (JSON.parse(words) as Rule[]).flatMap((rule) => (rule.priority === priority ? change(rule) : [rule]));

describe("whether management is kept to WAN", () => {
  it("shows in the rules of its account, by word and by number", () => {
    expect(of(JSON.parse(words))).toBe(true);
    expect(of(JSON.parse(numbers))).toBe(true);
    expect(separationRules(JSON.parse(words))).toEqual([
      { priority: 1000, uid: 990, action: "lookup" },
      { priority: 1001, uid: 990, action: "prohibit" },
    ]);
  });

  it.each<[string, readonly unknown[]]>([
    ["the prohibition is missing", changed(1001, () => [])],
    ["the way is missing", changed(1000, () => [])],
    ["one is there twice", changed(1000, (rule) => [rule, rule])],
    ["the prohibition is there twice", changed(1001, (rule) => [rule, rule])],
    ["they are about everybody", (JSON.parse(words) as Rule[]).map(({ uid_start: _, uid_end: __, ...rule }) => rule)],
    ["they are about two accounts", changed(1001, (rule) => [{ ...rule, uid_start: 991, uid_end: 991 }])],
    ["one is about more accounts", changed(1001, (rule) => [{ ...rule, uid_end: 991 }])],
    ["one is about everybody", changed(1000, ({ priority, src, table }) => [{ priority, src, table }])],
    ["one is about one address only", changed(1001, (rule) => [{ ...rule, src: "10.77.0.20" }])],
    ["the prohibition leads somewhere", changed(1001, ({ action: _, ...rule }) => [{ ...rule, table: "main" }])],
    ["the way is barred", changed(1000, ({ table: _, ...rule }) => [{ ...rule, action: "blackhole" }])],
    ["one leads nowhere", changed(1000, ({ table: _, ...rule }) => [rule])],
  ])("is so by halves when %s", (_, rules) => {
    expect(of(rules)).toBeNull();
  });

  it("is not so when there are none", () => {
    expect(of([])).toBe(false);
  });

  it("is not disturbed by what is none of ours", () => {
    expect(of([...JSON.parse(words), null, {}, { priority: "1000" }, { priority: 999, src: "all", table: "7" }])).toBe(
      true,
    );
  });

  it("names the table that WAN's profile fills", () => {
    const order = { kind: "configure", port: "wan", mode: "ipv4+v6", vlan: 0 } as const;
    const wan = { ...order, ipv4: { method: "dhcp" }, ipv6: { method: "auto", dns: [] }, routes: [] } as const;
    const { properties } = profilesOf(wan, { lan: "lan0", wan: "wan0" }).port;
    expect(new Map(properties).get("ipv4.route-table")).toBe(String(managementTable));
  });
});
