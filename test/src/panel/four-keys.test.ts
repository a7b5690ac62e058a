import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/model/facts.ts";
import { bareFacts, changed, fault, geometries, homeFacts, panelBench, staticIpv4, withLan } from "./bench.ts";
import { explore, worlds } from "./worlds.ts";

const glass = { cols: 16, rows: 2, keys: 4 } as const;
const open = (facts: Facts) => panelBench(facts, glass);

/** Presses that bring a digit field from zeros to a number, and past its last cell. */
function dialled(digits: string): readonly string[] {
  const turns = [...digits].map((digit) => (digit === "0" ? [] : [`UP*${digit}`]));
  const first = turns[0]?.length === 0 ? ["UP", "DOWN"] : (turns[0] ?? []);
  return [...first, ...turns.slice(1).flatMap((turn) => ["ENTER", ...turn]), "ENTER"];
}

describe("a panel without LEFT and RIGHT", { timeout: 60_000 }, () => {
  it("leads to every screen that five keys lead to", () => {
    // The walk takes no detours within a field; Delete Previous? needs the cursor elsewhere, see below.
    const screens = ({ found }: ReturnType<typeof explore>) =>
      new Set(found.map(({ frame }) => frame.screen).filter((screen) => !screen.endsWith("/delete")));
    for (const [name, facts] of Object.entries(worlds)) {
      const four = explore(facts, glass, ["ENTER", "DOWN", "UP", "\u00e9"]);
      expect([...screens(four)].sort(), name).toEqual([...screens(explore(facts))].sort());
    }
  });

  it("moves to the character to be deleted", () => {
    const bench = open(withLan(staticIpv4));
    bench.press("ENTER*2", "DOWN*2", "ENTER*9", "UP", "DOWN", "ENTER*2", "DOWN");
    expect(bench.frame().screen).toBe("lan-static/domain/delete");
    bench.press("ENTER", "DOWN*2", "ENTER");
    expect(bench.press("ENTER").screen).toBe("home");
    expect(changed(bench).lan.ipv4).toEqual({ ...staticIpv4, domain: "lb.example" });
  });

  it("never shows an indicator of a key that it lacks", () => {
    for (const facts of Object.values(worlds)) {
      for (const geometry of geometries) {
        for (const { frame } of explore(facts, { ...geometry, keys: 4 }).found) {
          expect(frame.lines[0]).not.toMatch(/[←→↔]/);
        }
      }
    }
  });

  it("sets a static address", () => {
    const bench = open(bareFacts);
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
    for (const digits of ["010077000020", null, "010077000001", "010077000002"]) {
      bench.press(...(digits === null ? ["UP", "ENTER"] : dialled(digits)));
    }
    // Optional ones are skipped by one ENTER each, as on five keys.
    bench.press("ENTER*3", "UP", "ENTER", "UP*2", "ENTER", "ENTER", "ENTER");
    expect(changed(bench).lan.ipv4).toEqual({
      method: "static",
      address: "10.77.0.20",
      prefixLength: 25,
      gateway: "10.77.0.1",
      dns: ["10.77.0.2"],
      wins: [],
      domain: "ab",
    });
  });

  it("takes any address", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12}$/), (digits) => {
        const bench = open(bareFacts);
        bench.press("ENTER*2", "DOWN*2", "ENTER*2", ...dialled(digits).slice(0, -1));
        expect(bench.frame().lines[1]?.replaceAll(".", "").trim()).toBe(digits);
      }),
    );
  });

  it("ENTER confirms at once what nobody changed, and what was typed", () => {
    const bench = open(homeFacts);
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
    expect(bench.press("ENTER").screen).toBe("lan-static/netmask");
    bench.press("ENTER");
    expect(bench.type("10.77.0.9\n").screen).toBe("lan-static/dns1");
    expect(bench.press("UP", "ENTER").screen).toBe("lan-static/dns1");
    bench.type("9");
    expect(bench.press("ENTER").screen).toBe("lan-static/dns2");
  });

  it("goes back from a refused value to the first field by DOWN", () => {
    const bench = open(homeFacts);
    bench.press("ENTER*2", "DOWN*2", "ENTER*4");
    expect(bench.type("9.9.9.9\n").screen).toBe("lan-static/gateway/refused");
    expect(bench.press("DOWN").screen).toBe("lan-static/address");
  });

  it("pans a long name by UP, and from its end to its start", () => {
    const name = "is_a_much_longer_name_than_fits";
    const bench = open({ ...homeFacts, registration: { state: "active", name, indicator: "P" } });
    const shown = () => bench.frame().lines[0];
    expect(shown()).toBe("is_a_much_long↑↵");
    expect(bench.press("UP").lines[0]).toBe("h_longer_name_↑↵");
    expect(bench.press("UP", "UP").lines[0]).toBe("name_than_fits↑↵");
    expect(bench.press("UP").lines[0]).toBe("is_a_much_long↑↵");
  });

  it("shows what is wrong by UP", () => {
    const bench = open({ ...homeFacts, phase: "network-error", fault: fault("LAN has no DNS servers") });
    expect(bench.frame().lines[0]).toMatch(/↑↓↵$/);
    expect(bench.press("UP").screen).toBe("network-error/detail");
  });

  it("chooses a port's link by DOWN", () => {
    const bench = open(homeFacts);
    bench.press("ENTER*2");
    while (bench.frame().screen !== "setup/ports") bench.press("DOWN");
    bench.press("ENTER", "DOWN", "DOWN", "ENTER", "ENTER");
    expect(changed(bench).lan.link).toBe("100/full");
  });
});
