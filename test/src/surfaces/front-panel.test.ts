import { describe, expect, it } from "vitest";
import type { Display, Picture } from "../../../hal/display.ts";
import { HalError } from "../../../hal/errors.ts";
import type { Indicators, Leds } from "../../../hal/indicators.ts";
import type { KeyEdge } from "../../../hal/keypad.ts";
import { createFakeClock, type FakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockKeypad } from "../../../hal/mock/keypad.ts";
import { openMockPanel } from "../../../hal/mock/panel.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createFrontPanelSurface } from "../../../src/surfaces/front-panel.ts";
import { someFrame } from "../../support/some-frames.ts";
import { createSomeLog } from "../../support/some-log.ts";

const lost = (device: string) => new HalError("noAck", device, "no answer");
const busMs = 20;

/** A display whose transactions take 20 ms; while `broken` they fail, and the glass forgets what it was. */
function createSomeDisplay(clock: FakeClock) {
  const done: string[] = [];
  const state = { broken: false, busy: false, known: false };
  const act = (what: string, effect: () => void) =>
    new Promise<void>((resolve, reject) => {
      if (state.busy) return reject(new Error(`${what} overlaps`));
      state.busy = true;
      clock.after("bus", busMs, () => {
        state.busy = false;
        if (state.broken) {
          state.known = false;
          reject(lost("display"));
          return;
        }
        done.push(what);
        effect();
        resolve();
      });
    });
  const display: Display = {
    cols: 4,
    rows: 1,
    reset: () => act("reset", () => (state.known = true)),
    show: ({ lines, on }: Picture) =>
      state.known ? act(on ? lines.join("/") : "dark", () => {}) : Promise.reject(new Error("show before reset")),
    halt: () => act("halt", () => {}),
  };
  return { display, done, state };
}

function createSomeIndicators() {
  const done: string[] = [];
  const state = { broken: false };
  const indicators: Indicators = {
    set: async ({ s1, s2, s3 }: Leds) => {
      if (state.broken) throw lost("indicators");
      done.push([s1, s2, s3].map(Number).join(""));
    },
    halt: async () => {
      done.push("halt");
    },
  };
  return { indicators, done, state };
}

function start({ atEnd = "dark" as "keep" | "dark", withDisplay = true } = {}) {
  const clock = createFakeClock();
  const { log, lines } = createSomeLog();
  const glass = createSomeDisplay(clock);
  const leds = createSomeIndicators();
  const { keypad, keys } = createMockKeypad({ clock });
  const edges: KeyEdge[] = [];
  const states: string[] = [];
  const stop = new AbortController();
  const surface = createFrontPanelSurface({
    panel: { board: "some", display: withDisplay ? glass.display : null, keypad, indicators: leds.indicators },
    clock,
    log,
    edge: (edge) => edges.push(edge),
    changed: (state) => states.push(state),
    atEnd: () => atEnd,
  });
  const begin = () => surface.run(stop.signal);
  return { clock, lines, glass, leds, keys, edges, states, stop, surface, begin };
}

const text = (line: string) => someFrame([line.padEnd(4)]);

describe("the display", () => {
  it("shows the newest frame and skips those that came while the bus was busy", async () => {
    const { clock, glass, surface, begin } = start();
    void begin();
    surface.show(text("A"));
    await clock.advance(busMs + 1);
    for (const line of "BCDEF") surface.show(text(line));
    await clock.advance(1000);
    expect(glass.done).toEqual(["reset", "A   ", "F   "]);
  });

  it("is dark for a blank frame", async () => {
    const { clock, glass, surface, begin } = start();
    void begin();
    surface.show({ ...text("A"), blank: true });
    await clock.advance(100);
    expect(glass.done).toEqual(["reset", "dark"]);
  });

  it("is reset and drawn again after an error, with two lines in the log however long it was away", async () => {
    const { clock, glass, lines, states, surface, begin } = start();
    void begin();
    surface.show(text("A"));
    await clock.advance(1000);
    glass.state.broken = true;
    surface.show(text("B"));
    await clock.advance(600_000);
    expect(states).toEqual(["degraded", "lost"]);
    surface.show(text("C"));
    glass.state.broken = false;
    await clock.advance(5000 + 3 * busMs);
    expect(glass.done).toEqual(["reset", "A   ", "reset", "C   "]);
    expect(states.at(-1)).toBe("degraded");
    await clock.advance(10_000);
    expect(states.at(-1)).toBe("ok");
    expect(lines.filter((line) => line.includes("display"))).toEqual([
      "info: display: ready",
      "warn: display: lost, trying again",
      "info: display: back in service",
    ]);
  });

  it("may come later", async () => {
    const { clock, glass, leds, keys, edges, states, surface, begin } = start();
    glass.state.broken = true;
    void begin();
    surface.show({ ...text("A"), leds: { s1: true, s2: false, s3: false } });
    await clock.advance(60_000);
    expect(states).toEqual(["lost"]);
    expect(leds.done).toEqual(["100"]);
    keys.down("UP");
    await clock.advance(100);
    expect(edges.map(({ key, pressed }) => ({ key, pressed }))).toEqual([{ key: "UP", pressed: true }]);
    glass.state.broken = false;
    await clock.advance(6000);
    expect(glass.done).toEqual(["reset", "A   "]);
  });

  it.each([
    ["keep", ["reset", "A   ", "BYE "]],
    ["dark", ["reset", "A   ", "BYE ", "halt"]],
  ] as const)("at the end, told to %s, it has shown the last frame", async (atEnd, expected) => {
    const { clock, glass, leds, surface, stop, begin } = start({ atEnd });
    const done = begin();
    surface.show(text("A"));
    await clock.advance(busMs + 1);
    surface.show(text("BYE"));
    stop.abort();
    await clock.advance(1000);
    await done;
    expect(glass.done).toEqual(expected);
    expect(leds.done.at(-1)).toBe("halt");
    expect(clock.pending()).toEqual([]);
  });

  it("that is lost does not hold up the end", async () => {
    const { clock, glass, surface, stop, begin } = start();
    glass.state.broken = true;
    const done = begin();
    surface.show(text("A"));
    await clock.advance(1000);
    stop.abort();
    await clock.advance(100);
    await done;
    expect(clock.pending()).toEqual([]);
  });
});

describe("a panel of real drivers", () => {
  function startMock() {
    const clock = createFakeClock();
    const { panel, controls } = openMockPanel({ clock, cols: 16, rows: 2 });
    const states: string[] = [];
    const stop = new AbortController();
    const surface = createFrontPanelSurface({
      panel,
      clock,
      log: silentLog,
      edge: () => {},
      changed: (state) => states.push(state),
      atEnd: () => "dark",
    });
    void surface.run(stop.signal);
    return { clock, controls, states, surface, stop };
  }
  const first = someFrame(["LAN IP ADDR←→↑↓↵", "010.077.000.020 "], { leds: { s1: true, s2: false, s3: false } });
  const second = someFrame(["LAN NETMASK   ↑↓", "255.255.255.000 "], { leds: { s1: true, s2: false, s3: false } });

  it.each([0, 1, 2, 3, 5, 8, 13, 40])("mends its glass after a bus error behind byte %i", async (afterBytes) => {
    const { clock, controls, states, surface } = startMock();
    surface.show(first);
    await clock.advance(1000);
    controls.failBus({ kind: "noAck", afterBytes, times: 1 });
    surface.show(second);
    await clock.advance(1000);
    expect(controls.glass().lines).toEqual(second.lines);
    expect(states).toEqual(["degraded"]);
  });

  it("is whole again after it was pulled out and put back, also when no frame changed meanwhile", async () => {
    const { clock, controls, states, surface, stop } = startMock();
    surface.show(first);
    await clock.advance(1000);
    controls.unplug();
    await clock.advance(60_000);
    controls.plugIn();
    await clock.advance(10_000);
    expect(controls.glass()).toMatchObject({ lines: first.lines, on: true, backlight: true });
    expect(controls.leds()).toEqual(first.leds);
    await clock.advance(10_000);
    expect(states.at(-1)).toBe("ok");
    stop.abort();
    await clock.advance(1000);
    expect(controls.glass().on).toBe(false);
    expect(clock.pending()).toEqual([]);
  });
});

describe("the LEDs", () => {
  const lit = (s1: boolean) => ({ ...text("A"), leds: { s1, s2: false, s3: false } });

  it("are set when they change and not otherwise", async () => {
    const { clock, leds, surface, begin } = start();
    void begin();
    for (const s1 of [true, true, true]) {
      surface.show(lit(s1));
      await clock.advance(100);
    }
    surface.show(lit(false));
    await clock.advance(100);
    expect(leds.done).toEqual(["100", "000"]);
  });

  it("that fail leave the panel degraded and the display working", async () => {
    const { clock, glass, leds, states, surface, begin } = start();
    leds.state.broken = true;
    void begin();
    surface.show(lit(true));
    await clock.advance(1000);
    expect(states).toEqual(["degraded"]);
    expect(glass.done).toEqual(["reset", "A   "]);
    leds.state.broken = false;
    await clock.advance(20_000);
    expect(states).toEqual(["degraded", "ok"]);
    expect(leds.done).toEqual(["100"]);
  });
});

describe("the keypad", () => {
  const names = (edges: readonly KeyEdge[]) => edges.map(({ key, pressed }) => `${key} ${pressed ? "down" : "up"}`);

  it("is watched again after it was lost, and keys that were down are let go", async () => {
    const { clock, keys, edges, states, begin } = start();
    void begin();
    await clock.advance(100);
    keys.down("UP");
    await clock.advance(100);
    keys.unplug();
    await clock.advance(10_000);
    expect(names(edges)).toEqual(["UP down", "UP up"]);
    expect(states).toEqual(["degraded"]);
    keys.up("UP");
    keys.plugIn();
    await clock.advance(20_000);
    expect(states).toEqual(["degraded", "ok"]);
    void keys.press("ENTER");
    await clock.advance(200);
    expect(names(edges).slice(2)).toEqual(["ENTER down", "ENTER up"]);
  });

  it("works on a board without a display", async () => {
    const { clock, keys, edges, states, stop, begin } = start({ withDisplay: false });
    const done = begin();
    await clock.advance(100);
    void keys.press("DOWN");
    await clock.advance(200);
    expect(names(edges)).toEqual(["DOWN down", "DOWN up"]);
    expect(states).toEqual([]);
    stop.abort();
    await clock.advance(100);
    await done;
  });
});
