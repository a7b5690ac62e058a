import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rulePriorities, separationRules } from "../../../src/helper/rules.ts";
import { filterScript, rulesScript, separate, wantedRules } from "../../../src/helper/separation.ts";
import { isSeparated } from "../../../src/network/networkmanager/rules.ts";
import { createModelKernel, type ModelRule } from "./model-kernel.ts";

const never = new AbortController().signal;
const interfaces = { lan: "lan0", wan: "wan0" };
const done = { ok: true, value: null };
const uid = 990;
const on = { on: true, scanByWan: ["10.9.0.0/16", "192.0.2.0/24"] };
const off = { on: false, scanByWan: [] };
const order = (kernel: ReturnType<typeof createModelKernel>, wish: typeof on) =>
  separate(kernel.processes, interfaces, wish, never);

const rule = (priority: number, first: number, last: number, action: object): ModelRule => ({
  priority,
  src: "all",
  uid_start: first,
  uid_end: last,
  ...action,
});
const lookup = rule(1000, uid, uid, { table: "100" });
const prohibit = rule(1001, uid, uid, { action: "8" });

describe("separation", () => {
  it("sends management by WAN, and nowhere without WAN; IPv6 nowhere; scans by WAN to the networks only", async () => {
    const kernel = createModelKernel();
    expect(await order(kernel, on)).toEqual(done);
    expect(kernel.rules[4].filter(({ priority }) => priority === 1000 || priority === 1001)).toEqual([
      prohibit,
      lookup,
    ]);
    expect(kernel.rules[6].filter(({ priority }) => priority === 1000 || priority === 1001)).toEqual([prohibit]);
    expect(kernel.filter).toEqual({ ports: ["wan0"], networks: on.scanByWan });
    expect([kernel.way(uid, 4, true), kernel.way(uid, 4, false), kernel.way(uid, 6, true)]).toEqual([
      "wan",
      "none",
      "none",
    ]);

    expect(await order(kernel, off)).toEqual(done);
    expect(kernel.rules).toEqual(createModelKernel().rules);
    expect(kernel.filter).toEqual({ ports: ["lan0", "lan0.*"], networks: [] });
    expect([kernel.way(uid, 4, true), kernel.way(uid, 6, true)]).toEqual(["lan", "lan"]);
  });

  it("done again it changes no rule, and only the networks that are others now", async () => {
    const kernel = createModelKernel();
    await order(kernel, on);
    kernel.effects.length = 0;
    expect(await order(kernel, { on: true, scanByWan: ["10.9.0.0/16"] })).toEqual(done);
    expect(kernel.effects).toEqual([`nft -f -\n${filterScript({ on: true, scanByWan: ["10.9.0.0/16"] }, interfaces)}`]);
    expect(kernel.filter?.networks).toEqual(["10.9.0.0/16"]);
  });

  const strays = fc.array(
    fc.oneof(
      fc.constantFrom(lookup, prohibit),
      fc.record({
        priority: fc.constantFrom(1000, 1001),
        src: fc.constantFrom("all", "10.77.0.20"),
        uid_start: fc.constantFrom(0, 989, uid),
        uid_end: fc.constantFrom(uid, 65_000),
        action: fc.constantFrom("8", "6"),
      }),
      fc.record({
        priority: fc.constantFrom(1000, 1001),
        src: fc.constant("all"),
        table: fc.constantFrom("100", "254"),
      }),
    ),
    { maxLength: 5 },
  );

  it("comes to the same whatever rules stood at its priorities, and however often it was cut short before", async () => {
    await fc.assert(
      fc.asyncProperty(
        strays,
        strays,
        fc.boolean(),
        fc.array(fc.nat(3), { maxLength: 3 }),
        async (four, six, isOn, cuts) => {
          const kernel = createModelKernel();
          kernel.rules[4].push(...four);
          kernel.rules[6].push(...six);
          for (const failAfter of cuts) {
            kernel.failAfter = kernel.effects.length + failAfter;
            await order(kernel, isOn ? on : off);
          }
          kernel.failAfter = null;
          expect(await order(kernel, isOn ? on : off)).toEqual(done);
          const clean = createModelKernel();
          await order(clean, isOn ? on : off);
          const sorted = (rules: readonly ModelRule[]) => [...rules].sort((a, b) => a.priority - b.priority);
          expect([sorted(kernel.rules[4]), sorted(kernel.rules[6])]).toEqual([
            sorted(clean.rules[4]),
            sorted(clean.rules[6]),
          ]);
          expect(kernel.filter).toEqual(clean.filter);
          const effects = kernel.effects.length;
          await order(kernel, isOn ? on : off);
          expect(kernel.effects.slice(effects)).toHaveLength(1);
        },
      ),
    );
  });

  it("lets nothing out by the port that is left once the way by it has changed, also when a step fails", async () => {
    for (const [before, wish, left] of [
      [off, on, "lan"],
      [on, off, "wan"],
    ] as const) {
      for (const failAfter of [0, 1, 2, 3, null]) {
        for (const wanUp of [true, false]) {
          const kernel = createModelKernel();
          await order(kernel, before);
          kernel.effects.length = 0;
          const ways: string[] = [];
          const { filter } = kernel;
          // IPv6 stays as it was until the filter has changed.
          kernel.changed = () => {
            ways.push(kernel.way(uid, 4, wanUp));
            if (kernel.filter !== filter) ways.push(kernel.way(uid, 6, wanUp));
          };
          kernel.failAfter = failAfter;
          const result = await order(kernel, wish);
          expect(ways).not.toContain(left);
          if (result.ok) expect(isSeparated(separationRules(kernel.rules[4]))).toBe(wish.on);
          expect(result.ok).toBe(failAfter === null || failAfter === 3);
          if (failAfter === 0) expect(ways).toEqual([]);
        }
      }
    }
  });

  it("that was cut short is not taken for none, and is finished or taken back by the next order", async () => {
    for (const [before, wish] of [
      [off, on],
      [on, off],
    ] as const) {
      // Two rules of IPv4, the filter, one rule of IPv6.
      for (const changes of [1, 2, 3, 4]) {
        const kernel = createModelKernel();
        await order(kernel, before);
        let left = changes;
        kernel.changed = () => {
          left -= 1;
          if (left === 0) throw new Error("killed");
        };
        await expect(order(kernel, wish)).rejects.toThrow("killed");
        kernel.changed = () => {};
        const clean = createModelKernel();
        await order(clean, off);
        const seen = isSeparated(separationRules(kernel.rules[4]));
        if (seen === false) expect([kernel.rules, kernel.filter]).toEqual([clean.rules, clean.filter]);
        for (const next of [on, off]) {
          expect(await order(kernel, next)).toEqual(done);
          expect(isSeparated(separationRules(kernel.rules[4]))).toBe(next.on);
        }
        expect([kernel.rules, kernel.filter]).toEqual([clean.rules, clean.filter]);
      }
    }
  });

  it("takes its rules back when the filter refuses: management would have no way", async () => {
    const kernel = createModelKernel();
    const { rules } = createModelKernel();
    kernel.filter = null;
    expect(await order(kernel, on)).toMatchObject({ ok: false });
    expect(kernel.effects).toHaveLength(3);
    expect(kernel.rules).toEqual(rules);
  });

  it.each([on, off])(
    "is refused with what to do where the lock-down was never loaded, and the rules are as before: %j",
    async (wish) => {
      const kernel = createModelKernel();
      kernel.filter = null;
      const before = structuredClone(kernel.rules);
      const detail = expect.stringMatching(
        /lock-down are not loaded; .*systemctl restart bezel-lock-down.*No such file/,
      );
      expect(await order(kernel, wish)).toEqual({ ok: false, error: { kind: "refused", detail } });
      expect(kernel.rules).toEqual(before);
    },
  );

  it.each<[string, Readonly<Record<string, number>>, string]>([
    ["does not exist", {}, "systemd-sysusers bezel.conf"],
    ["is root", { bezel: 0 }, "bezel is no account of its own"],
  ])("is refused when the account %s, and nothing is done", async (_, uids, detail) => {
    const kernel = createModelKernel(uids);
    expect(await order(kernel, on)).toEqual({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining(detail) },
    });
    expect(kernel.effects).toEqual([]);
    expect(await order(kernel, off)).toEqual(done);
  });

  it.each(["id", "ip", "nft"])("is refused when %s is missing, hangs or talks nonsense", async (victim) => {
    const kernel = createModelKernel();
    for (const [ended, kind, detail] of [
      [{ kind: "notFound", program: victim }, "refused", `${victim} is missing; install the package`],
      [{ kind: "timeout", stdout: "", stderr: "" }, "timeout", `${victim} did not end within 4000 ms`],
      [{ kind: "tooMuchOutput", stdout: "", stderr: "" }, "refused", `${victim} ended by tooMuchOutput`],
      [{ kind: "exited", code: 2, stdout: "", stderr: "no\nmore" }, "refused", `${victim} ended with 2: no`],
      [{ kind: "exited", code: 0, stdout: "?", stderr: "" }, "refused", ""],
    ] as const) {
      if (victim === "nft" && ended.kind === "exited" && ended.code === 0) continue;
      const processes = {
        run: async (...[argv, options]: Parameters<typeof kernel.processes.run>) =>
          argv[0] === victim ? ended : kernel.processes.run(argv, options),
      };
      expect(await separate(processes, interfaces, on, never)).toEqual({
        ok: false,
        error: {
          kind: victim === "id" && kind === "timeout" ? "refused" : kind,
          detail: expect.stringContaining(detail),
        },
      });
    }
    expect(isSeparated(separationRules(kernel.rules[4]))).toBe(false);
  });

  it.each(["-4 -batch -", "-6 -batch -", "-4 rule show", "-6 rule show"])(
    "is refused when only ip %s fails",
    async (which) => {
      const kernel = createModelKernel();
      const processes = {
        run: async (...[argv, options]: Parameters<typeof kernel.processes.run>) =>
          argv.join(" ").endsWith(which)
            ? ({ kind: "exited", code: 2, stdout: "", stderr: "Cannot talk to rtnetlink\n" } as const)
            : kernel.processes.run(argv, options),
      };
      const detail = "ip ended with 2: Cannot talk to rtnetlink";
      expect(await separate(processes, interfaces, on, never)).toEqual({
        ok: false,
        error: { kind: "refused", detail },
      });
      // The rules of IPv4 come first.
      if (which !== "-6 -batch -") expect(kernel.effects).toEqual([]);
      else expect(kernel.way(uid, 4, true)).not.toBe("lan");
    },
  );
});

describe("the scripts", () => {
  it("of the filter", () => {
    expect(filterScript(on, interfaces)).toBe(
      [
        "flush set inet bezel management_ports",
        'add element inet bezel management_ports { "wan0" }',
        "flush set inet bezel scan_by_wan",
        "add element inet bezel scan_by_wan { 10.9.0.0/16, 192.0.2.0/24 }",
        "",
      ].join("\n"),
    );
    expect(filterScript({ on: false, scanByWan: ["10.9.0.0/16"] }, { lan: "enp0s31f6", wan: "wan0" })).toBe(
      [
        "flush set inet bezel management_ports",
        'add element inet bezel management_ports { "enp0s31f6", "enp0s31f6.*" }',
        "flush set inet bezel scan_by_wan",
        "",
      ].join("\n"),
    );
  });

  it("of the rules", () => {
    const wanted = wantedRules(uid, 4);
    expect(rulesScript([], wanted)).toBe(
      `rule add priority ${rulePriorities.prohibit} uidrange 990-990 prohibit\nrule add priority ${rulePriorities.lookup} uidrange 990-990 lookup 100\n`,
    );
    expect(rulesScript(wanted, wanted)).toBe("");
    expect(rulesScript([...wanted, ...wanted], [])).toBe(
      "rule delete priority 1001\nrule delete priority 1001\nrule delete priority 1000\nrule delete priority 1000\n",
    );
    expect(wantedRules(null, 4)).toEqual([]);
  });
});
