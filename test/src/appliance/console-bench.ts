import { createConsolePair } from "../../../hal/mock/console-pair.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createPanelSession, type PanelSession } from "../../../src/appliance/panel-session.ts";
import type { Effect } from "../../../src/model/effect.ts";
import { createFactTable } from "../../../src/model/fact-table.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import { createConsoleSession } from "../../../src/surfaces/console/session.ts";

const device = "/dev/ttyUSB0";

/** At 9600 baud with two stop bits. */
export const byteMs = 11 / 9.6;

/** The real panel on a console, with nothing behind it: what it asks for is only noted, and its working message shown. */
export async function consoleBench(initial: Facts, options: { blankMs?: number } = {}) {
  const clock = createFakeClock();
  const facts = createFactTable(initial);
  const effects: Effect[] = [];
  const surfaces: { show(frame: Frame): void }[] = [];
  const panel: PanelSession = createPanelSession({
    facts,
    options: { geometry: { cols: 16, rows: 2 }, idleMs: 300_000, blankMs: 0, ...options },
    clock,
    shown: (frame) => {
      for (const surface of surfaces) surface.show(frame);
    },
    effect: (effect) => {
      effects.push(effect);
      if ("progress" in effect) facts.set({ progress: effect.progress });
    },
  });
  const pair = createConsolePair();
  pair.plug(device);
  const port = await pair.open(device, { baud: 9600, stopBits: 2 });
  const attached = createConsoleSession({
    port,
    clock,
    panel: {
      frame: () => panel.frame(),
      input: (input) => void panel.input([input]),
      takesText: () => panel.takesText(),
      commits: () => panel.commits(),
      busy: () => panel.busy(),
      wake: () => panel.wake(),
      mac: () => null,
    },
  });
  surfaces.push(attached);
  const ended = new AbortController();
  const done = attached.run(ended.signal);
  const peer = pair.peer(device);
  return {
    clock,
    panel,
    facts,
    effects,
    /** What the terminal got since the last call. */
    take: () => peer.take(),
    /** All bytes in one piece. */
    send: async (bytes: string | Uint8Array) => {
      peer.write(bytes);
      await clock.advance(0);
    },
    /** Keys as a hand presses them. */
    press: async (...keys: readonly string[]) => {
      for (const key of keys) {
        await clock.advance(300);
        peer.write(key);
        await clock.advance(0);
      }
    },
    stop: async () => {
      panel.stop();
      ended.abort();
      await clock.advance(5000);
      await done;
    },
  };
}
