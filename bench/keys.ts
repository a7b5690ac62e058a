import type { I2cBus } from "../hal/bus.ts";
import { createHd44780 } from "../hal/chips/hd44780.ts";
import { createPcf8574, pcf8574Wirings } from "../hal/chips/pcf8574.ts";
import type { ConsolePort } from "../hal/console.ts";
import type { KeyName } from "../hal/keypad.ts";
import { createSystemClock } from "../hal/linux/clock.ts";
import { createPanelSession } from "../src/appliance/panel-session.ts";
import { createFactTable } from "../src/model/fact-table.ts";
import type { Facts } from "../src/model/facts.ts";
import type { Frame } from "../src/model/frame.ts";
import { silentLog } from "../src/model/log.ts";
import { createConsoleSession } from "../src/surfaces/console/session.ts";
import { createLcdSurface } from "../src/surfaces/lcd.ts";
import { someFacts } from "../test/support/some-facts.ts";
import { someStaticSettings } from "../test/support/some-settings.ts";
import { type Figure, percentile, type Row } from "./measure.ts";
import { someFault } from "./screens.ts";

const presses = 20_000;
/** The facts change after so many, so that other status screens and menu items come up. */
const pressesPerState = 500;
const goalMs = 2;
/** LCDproc's server draws in rounds: a key waits for the next one. */
const lcdprocMs = 125;

const states: readonly Partial<Facts>[] = [
  { phase: "ready" },
  { phase: "activation", registration: { state: "unactivated", code: "BZL-1234-5678" } },
  { phase: "network-error", fault: someFault },
  { phase: "communication-failure", fault: someFault },
  { phase: "ready", settings: someStaticSettings() },
];

/** A walk that likes to go deeper: ENTER is pressed as often as any two others. */
const walk: readonly KeyName[] = ["ENTER", "ENTER", "RIGHT", "DOWN", "UP", "LEFT"];

/** From the edge of a key to the new picture, and to the bytes that draw it, through everything but the wires. */
export async function measureKeys(): Promise<Figure> {
  const clock = createSystemClock();
  const ended = new AbortController();
  const facts = createFactTable(someFacts());
  const wires = createWires();
  const lcd = createLcdSurface({
    display: createHd44780({
      bus: createPcf8574({ bus: wires.bus, address: 0x27, wiring: pcf8574Wirings.lcm1602 }),
      clock,
      cols: 16,
      rows: 2,
      rom: "A00",
    }),
    clock,
    log: silentLog,
    changed: () => {},
    atEnd: () => "dark",
  });
  const screens = new Set<string>();
  const surfaces: { show(frame: Frame): void }[] = [lcd];
  const session = createPanelSession({
    facts,
    options: { geometry: { cols: 16, rows: 2 }, idleMs: 300_000, blankMs: 0 },
    clock,
    shown: (frame) => {
      screens.add(frame.screen);
      for (const surface of surfaces) surface.show(frame);
    },
    effect: () => {},
  });
  const attached = createConsoleSession({
    port: wires.port,
    panel: {
      frame: () => session.frame(),
      input: () => {},
      takesText: () => session.takesText(),
      commits: () => false,
      busy: () => false,
      wake: () => {},
      mac: () => null,
    },
    clock,
  });
  surfaces.push(attached);
  const running = Promise.all([lcd.run(ended.signal), attached.run(ended.signal)]);
  await wires.quiet(clock);

  const toFrame: number[] = [];
  const toBytes: number[] = [];
  let draw = 1;
  for (let press = 0; press < presses; press++) {
    if (press % pressesPerState === 0) {
      const state = states[(press / pressesPerState) % states.length];
      facts.set({ ...someFacts(), ...state });
      await turn();
    }
    // A linear congruential generator (Numerical Recipes): the same walk each time.
    draw = (Math.imul(draw, 1664525) + 1013904223) >>> 0;
    const key = walk[Math.floor((draw / 2 ** 32) * walk.length)] ?? "ENTER";
    const before = session.frame();
    wires.forget();
    const startMs = clock.monotonic();
    session.edge({ key, pressed: true, atMs: startMs });
    const frameMs = clock.monotonic() - startMs;
    if (session.frame() !== before) {
      await turn();
      toFrame.push(frameMs);
      const lastMs = wires.lastMs();
      if (lastMs !== null) toBytes.push(lastMs - startMs);
    }
    session.edge({ key, pressed: false, atMs: clock.monotonic() });
  }
  session.stop();
  ended.abort();
  await running;

  const row = (what: string, values: readonly number[], goal: number | null): Row => {
    const [p50, p99, max] = [50, 99, 100].map((percent) => percentile(values, percent)) as [number, number, number];
    return {
      what: `${what} (${values.length})`,
      ours: `p50 ${p50.toFixed(3)}, p99 ${p99.toFixed(3)}, max ${max.toFixed(3)} ms`,
      against: `LCDproc draws every ${lcdprocMs} ms`,
      ratio: (p99 / lcdprocMs).toFixed(4),
      goal: goal === null ? "" : `p99 <= ${goal} ms`,
      met: goal === null ? null : p99 <= goal,
    };
  };
  return {
    title: "Key to picture: the controller's part",
    notes: [
      `${presses} presses on ${screens.size} screens; those that change the picture count, from the first and cold one on.`,
      "An LCD and a console are attached; their bytes are counted when they are handed over, and not waited for.",
      `Ratio: p99 to LCDproc's period. ${wires.bytes()} bytes were handed over.`,
    ],
    rows: [row("key to Frame", toFrame, goalMs), row("key to all bytes handed to bus and line", toBytes, goalMs)],
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A bus and a serial line that take everything at once, and remember when. */
function createWires() {
  let bytes = 0;
  let lastMs: number | null = null;
  const take = (sent: Uint8Array) => {
    bytes += sent.length;
    lastMs = performance.now();
  };
  const bus: I2cBus = {
    name: "bench",
    hertz: 100_000,
    transfer: async (_, write) => {
      take(write);
      return new Uint8Array();
    },
    close: async () => {},
  };
  const port: ConsolePort = {
    device: "bench",
    attended: { header: [] },
    read: () => new Promise(() => {}),
    write: async (sent) => take(sent),
    close: async () => {},
  };
  return {
    bus,
    port,
    bytes: () => bytes,
    lastMs: () => lastMs,
    forget: () => {
      lastMs = null;
    },
    /** Resolves when display and console are up: the longest wait is for the terminal's answer, which does not come. */
    quiet: (clock: { after(name: string, ms: number, run: () => void): unknown }) =>
      new Promise<void>((resolve) => clock.after("set-up", 600, resolve)),
  };
}
