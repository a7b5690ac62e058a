import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultCodes } from "../../../src/connectivity/fault-code.ts";
import { messages } from "../../../src/connectivity/messages.ts";
import { firstContactCases } from "../../lab/faults/first-contact-cases.ts";
import { lanCases } from "../../lab/faults/lan-cases.ts";
import { platformCases } from "../../lab/faults/platform-cases.ts";
import { proxyCases } from "../../lab/faults/proxy-cases.ts";
import { storeCases } from "../../lab/faults/store-cases.ts";
import { wanCases } from "../../lab/faults/wan-cases.ts";
import { type FaultLab, faultRows } from "../../support/fault-rows.ts";
import { guideFaults } from "../../support/guide-faults.ts";

/** How each row is brought about; the labs of `test/lab/faults` do it, row by row. */
const labs: Readonly<Record<FaultLab, Readonly<Record<string, readonly unknown[]>>>> = {
  "first-contact": firstContactCases,
  store: storeCases,
  lan: lanCases,
  wan: wanCases,
  platform: platformCases,
  proxy: proxyCases,
};
const without = <T>(all: readonly T[], some: readonly T[]) => all.filter((one) => !some.includes(one));

describe("the rows of what can be wrong", () => {
  it("hold every message of the guide and every code of ours", () => {
    expect(
      without(
        guideFaults,
        faultRows.map(({ message }) => message),
      ),
    ).toEqual([]);
    expect(
      without(
        faultCodes,
        faultRows.map(({ code }) => code),
      ),
    ).toEqual([]);
  });

  it("hold every code of the older models that a message can have", () => {
    const wanted = faultCodes.flatMap((code) => {
      const { legacyCode, legacyCodeWhen = {} } = messages[code];
      return [legacyCode, ...Object.values(legacyCodeWhen)].map((legacy) => `${code} ${legacy}`);
    });
    expect(
      without(
        wanted,
        faultRows.map(({ code, legacyCode }) => `${code} ${legacyCode}`),
      ),
    ).toEqual([]);
  });

  it("are brought about, each of them, and nothing else is", () => {
    for (const [lab, cases] of Object.entries(labs)) {
      const rows = faultRows.filter(({ provoked }) => provoked.in === "lab" && provoked.lab === lab);
      const done = Object.entries(cases).flatMap(([id, ways]) => (ways.length > 0 ? [id] : []));
      expect(done.sort(), lab).toEqual(rows.map(({ id }) => id).sort());
      // Row by row: a test for a row without a case fails.
      expect(readFileSync(`test/lab/faults/${lab}.test.ts`, "utf8")).toContain(`provokeRows(\n  "${lab}",`);
    }
    expect(new Set(faultRows.map(({ id }) => id)).size).toBe(faultRows.length);
  });

  it.each(faultRows.filter(({ provoked }) => provoked.in === "guest"))("$message is provoked in the guest", (row) => {
    if (row.provoked.in !== "guest") throw new Error("a row of a lab");
    // There the glass is written down, with its symbols and the ends of its rows.
    const text = readFileSync(row.provoked.file, "utf8").replaceAll(/[←→↑↓↵|\s]+/g, " ");
    expect(text).toContain(row.message);
  });
});
