import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effect } from "../../../src/model/effect.ts";
import type { Facts, Phase, Progress } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import { type KeyName, keys, type PanelInput, press } from "../../../src/model/key.ts";
import { checkSettings } from "../../../src/model/validate.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { type PanelContext, type PanelState, stepPanel, viewPanel } from "../../../src/panel/panel.ts";
import { bareFacts, fault, geometries, type PanelBench, panelBench } from "./bench.ts";
import { unindicated } from "./screens.ts";
import { worlds } from "./worlds.ts";

const phases: readonly Phase[] = ["activation", "ready", "communication-failure", "network-error"];
const interruptions: readonly (Progress | null)[] = [
  null,
  { what: "contacting" },
  { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" },
  { what: "shutting-down" },
];

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    base: fc.constantFrom(...Object.values(worlds)),
    phase: fc.constantFrom(...phases),
    text: fc.string({ unit: "grapheme", maxLength: 60 }),
    storage: fc.constantFrom(...(["current", "factory", "previous"] as const)),
    broken: fc.boolean(),
  })
  .map(({ base, phase, text, storage, broken }) => ({
    ...base,
    phase,
    fault: broken ? fault("LAN has no DNS servers", { detail: text }) : null,
    registration:
      phase === "activation"
        ? { state: "unactivated", code: text }
        : { state: "active", name: text, indicator: text.slice(0, 2) },
    storage: { loaded: storage, problem: broken ? text : null },
  }));

const anyInput: fc.Arbitrary<PanelInput> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...keys).map(press) },
  { weight: 4, arbitrary: fc.constantFrom("ENTER", "DOWN").map((key) => press(key as KeyName)) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("key" as const),
      key: fc.constantFrom(...keys),
      repeat: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(..."0123456789..").map((character) => ({ type: "character" as const, character })),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: "binary", minLength: 1, maxLength: 1 })
      .map((character) => ({ type: "character" as const, character })),
  },
  { weight: 1, arbitrary: fc.constant({ type: "erase" as const }) },
);

type Event = { readonly input: PanelInput } | { readonly later: number } | { readonly progress: Progress | null };
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 30, arbitrary: anyInput.map((input) => ({ input })) },
  { weight: 1, arbitrary: fc.constantFrom(100, 20_000, 300_000).map((later) => ({ later })) },
  { weight: 1, arbitrary: fc.constantFrom(...interruptions).map((progress) => ({ progress })) },
);

const walk = {
  facts: anyFacts,
  geometry: fc.constantFrom<Glass>(...geometries, { cols: 16, rows: 2, keys: 4 }),
  events: fc.array(anyEvent, { maxLength: 60 }),
};

/** Where these may be asked for: at a last question, but for what asks nothing. */
const askedAt: Readonly<Record<Effect["type"], RegExp>> = {
  "change-settings": /^(confirm\/.*|vlan\/id)$/,
  "renew-lease": /^(setup\/dhcp-lan|wan\/dhcp|confirm\/auto6-lan|confirm\/cancel-scan)$/,
  "test-network": /^(main\/)?test-network$/,
  "end-test": /^test-network$/,
  "check-pin": /^locked$/,
  reboot: /^confirm\/reboot$/,
  shutdown: /^confirm\/shutdown$/,
};

/** Plays events on a fresh panel, looking at it after each. */
function stroll(
  facts: Facts,
  geometry: Glass,
  events: readonly Event[],
  look: (bench: PanelBench, before: Frame) => void,
): PanelBench {
  const bench = panelBench(facts, geometry);
  for (const event of events) {
    const before = bench.frame();
    if ("input" in event) bench.input(event.input);
    else if ("later" in event) bench.later(event.later);
    else bench.facts({ progress: event.progress });
    look(bench, before);
  }
  return bench;
}

/** Does this key change anything now? */
function acts(state: PanelState, key: KeyName, context: PanelContext): boolean {
  const step = stepPanel(state, press(key), context);
  return (
    step.effects.length > 0 ||
    !isDeepStrictEqual(step.state.place, stepPanel(state, { type: "key", key, repeat: 1 }, context).state.place)
  );
}

function indicated({ lines }: Frame): ReadonlySet<KeyName> {
  const cells = /[←→↑↓↵↔↕]*$/.exec(lines[0] ?? "")?.[0] ?? "";
  const meaning: Readonly<Record<string, readonly KeyName[]>> = {
    "←": ["LEFT"],
    "→": ["RIGHT"],
    "↑": ["UP"],
    "↓": ["DOWN"],
    "↵": ["ENTER"],
    "↔": ["LEFT", "RIGHT"],
    "↕": ["UP", "DOWN"],
  };
  return new Set([...cells].flatMap((cell) => meaning[cell] ?? []));
}

const statusScreens = ["home", "activation", "communication-failure", "network-error"];
const isWorking = (screen: string) =>
  /^(boot|contacting|filesystem-check|canceling-scan|rebooting|shutting-down|safe-to-unplug|progress\/.*)$/.test(
    screen,
  );

describe("whatever is pressed", { timeout: 60_000 }, () => {
  it("the frame fits the glass and holds only what it can show", () => {
    fc.assert(
      fc.property(fc.record(walk), ({ facts, geometry, events }) => {
        stroll(facts, geometry, events, (bench) => {
          const { lines, cursor, screen, cols, rows } = bench.frame();
          expect([cols, rows]).toEqual([geometry.cols, geometry.rows]);
          expect(screen).not.toBe("");
          expect(lines).toHaveLength(rows);
          for (const line of lines) {
            expect(line).toHaveLength(cols);
            expect(line).toMatch(/^[ -~←→↑↓↵↔↕]*$/);
          }
          if (cursor !== null) {
            expect(cursor.row).toBeLessThan(rows);
            expect(cursor.col).toBeLessThan(cols);
          }
        });
      }),
    );
  });

  it("no setting leaves the panel that validation would refuse, and nothing without the last question", () => {
    fc.assert(
      fc.property(fc.record(walk), ({ facts, geometry, events }) => {
        let seen = 0;
        stroll(facts, geometry, events, (bench, before) => {
          const fresh = bench.effects().slice(seen);
          seen += fresh.length;
          for (const effect of fresh) {
            if (effect.type === "change-settings") expect(checkSettings(effect.settings)).toEqual([]);
            expect(before.screen).toMatch(askedAt[effect.type]);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("UP and ENTER lead home", () => {
    fc.assert(
      fc.property(fc.record(walk), ({ facts, geometry, events }) => {
        const bench = stroll(facts, geometry, events, () => {});
        bench.facts({ progress: null });
        for (let presses = 0; presses < 40 && !statusScreens.includes(bench.frame().screen); presses += 1) {
          const inField = /^((lan|wan|lan6)-\w+|vlan|proxy|ports)\/\w+$/.test(bench.frame().screen);
          bench.press(inField ? "ENTER" : "UP");
        }
        expect(statusScreens).toContain(bench.frame().screen);
      }),
    );
  });

  it("the indicators are those of the keys that do something", () => {
    fc.assert(
      fc.property(fc.record(walk), ({ facts, geometry, events }) => {
        stroll(facts, geometry, events, (bench) => {
          const frame = bench.frame();
          const shown = indicated(frame);
          const does = (key: KeyName) => acts(bench.state(), key, bench.context());
          const text = frame.lines.map((line) => line.trim()).join(" ");
          if (isWorking(frame.screen)) {
            expect([...shown]).toEqual([]);
            for (const key of ["LEFT", "RIGHT", "UP", "DOWN", "ENTER"] as const) expect(does(key), key).toBe(false);
            return;
          }
          if (shown.size === 0) {
            const known = unindicated[`${frame.cols}x${frame.rows}`] ?? [];
            expect(
              known.some((one) => text.startsWith(one.slice(0, 16))),
              `${frame.screen} ${text}`,
            ).toBe(true);
            return;
          }
          expect(shown.has("UP"), "UP").toBe(does("UP"));
          // Above a row that pans, a name or label of almost the whole row leaves one cell: for panning.
          const pansOnly = /^(home|activation)$/.test(frame.screen) && /[^←→↑↓↵↔↕][↔↑]$/.test(frame.lines[0] ?? "");
          if (!pansOnly) expect(shown.has("ENTER"), "ENTER").toBe(does("ENTER"));
          // On status screens DOWN does what ENTER does, and may give its cell to the text.
          if (!statusScreens.includes(frame.screen) || shown.has("DOWN"))
            expect(shown.has("DOWN"), "DOWN").toBe(does("DOWN"));
          if (geometry.keys === 4) {
            expect([...shown].join()).not.toMatch(/LEFT|RIGHT/);
            return;
          }
          // Where something moves sideways, both arrows stand while it can move at all.
          if (shown.has("LEFT") && shown.has("RIGHT")) expect(does("LEFT") || does("RIGHT"), "sideways").toBe(true);
          else for (const key of ["LEFT", "RIGHT"] as const) expect(shown.has(key), key).toBe(does(key));
        });
      }),
      { numRuns: 200 },
    );
  });

  it("looking and waking change nothing", () => {
    fc.assert(
      fc.property(fc.record(walk), ({ facts, geometry, events }) => {
        stroll(facts, geometry, events, (bench) => {
          expect(viewPanel(bench.state(), bench.context())).toEqual(bench.frame());
          const wake = bench.wakeAt();
          if (wake !== null) expect(wake).toBeGreaterThan(bench.context().nowMs);
        });
      }),
    );
  });
});

describe("static IP on LAN, whatever is typed", { timeout: 60_000 }, () => {
  const octet = fc.constantFrom(0, 1, 2, 7, 127, 128, 224, 254, 255, 256);
  const host = fc.tuple(
    fc.constantFrom(10, 192),
    fc.constantFrom(0, 1),
    fc.constantFrom(0, 1),
    fc.constantFrom(0, 1, 2, 127, 128, 255),
  );
  const wild = fc.tuple(octet, octet, octet, octet);
  const address = fc
    .oneof({ weight: 9, arbitrary: host }, { weight: 1, arbitrary: wild })
    .map((octets) => octets.join("."));
  const optional = fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary: address });
  const entries = fc.record({
    address,
    prefixLength: fc.constantFrom(8, 16, 23, 24, 25, 30),
    gateway: address,
    dns: fc.tuple(fc.oneof({ weight: 9, arbitrary: address }, { weight: 1, arbitrary: fc.constant("") }), optional),
    wins: fc.tuple(optional, optional),
    domain: fc.oneof(
      fc.constant(""),
      fc.constant("a b"),
      fc.domain().filter((name) => name.length <= 32),
    ),
  });

  it("leaves the panel exactly when validation has nothing against it", () => {
    let changes = 0;
    fc.assert(
      fc.property(entries, ({ prefixLength, domain, ...entered }) => {
        const given = (list: readonly string[]) => list.filter((one) => one !== "");
        const ipv4 = {
          method: "static" as const,
          address: entered.address,
          prefixLength,
          gateway: entered.gateway,
          dns: given(entered.dns),
          wins: given(entered.wins),
          domain: domain === "" ? null : domain,
        };
        const settings = { ...bareFacts.settings, lan: { ...bareFacts.settings.lan, ipv4 } };
        const fine = entered.dns[0] !== "" && checkSettings(settings).length === 0;

        const bench = panelBench(bareFacts);
        bench.press("ENTER*2", "DOWN*2", "ENTER*2");
        bench.type(`${entered.address}\n`);
        if (bench.frame().screen.startsWith("lan-static/netmask")) {
          const downs = (24 - prefixLength + 30) % 30;
          if (downs > 0) bench.press(`DOWN*${downs}`);
          bench.press("ENTER");
        }
        for (const text of [entered.gateway, ...entered.dns, ...entered.wins, domain]) {
          if (!bench.frame().screen.endsWith("/refused")) bench.type(`${text}\n`);
        }
        if (bench.frame().screen === "confirm/static-lan") bench.press("ENTER");

        expect(bench.effects()).toEqual(
          fine
            ? [
                {
                  type: "change-settings",
                  settings,
                  progress: { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" },
                },
              ]
            : [],
        );
        expect(/\/refused$/.test(bench.frame().screen)).toBe(!fine);
        changes += fine ? 1 : 0;
      }),
      { numRuns: 1000 },
    );
    expect(changes).toBeGreaterThan(20);
  });
});
