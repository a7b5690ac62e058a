import type { Clock, Stop } from "../hal/clock.ts";
import type { EventFeed } from "../src/control/api.ts";
import { statusOf } from "../src/control/status.ts";
import type { Bench } from "./bench.ts";
import type { PageEvents } from "./page-protocol.ts";

/** Changes of the glass within this time are shown at once: the eye sees no more, and liquid crystal is slower still. */
const glanceMs = 33;
/** Skips smaller than this are the two clocks' rounding. */
const skipMs = 500;

/**
 * All that one page follows, in one stream: a browser opens six connections to a host and no more. Made anew for each
 * page, because the serial line is a stream of its own: each page goes on where it was.
 */
export function createPageFeed(bench: Bench, system: Clock): EventFeed {
  let read = 0;
  let skewMs = Number.NaN;
  let time: PageEvents["clock"] = { now: "" };

  const current = (): PageEvents => {
    const console = bench.line.printed(read);
    read = console.from + console.text.length;
    const skew = bench.clock.now() - system.now();
    if (!(Math.abs(skew - skewMs) < skipMs)) {
      skewMs = skew;
      time = { now: new Date(bench.clock.now()).toISOString() };
    }
    return {
      about: bench.about,
      clock: time,
      power: bench.host.power(),
      bench: bench.document(),
      status: statusOf(bench.control.facts()),
      glass: bench.glass(),
      console,
    };
  };

  return {
    current: () => Object.entries(current()).map(([name, data]) => ({ name, data })),
    subscribe: (changed) => {
      let stopGlance: Stop | null = null;
      const glance = () => {
        stopGlance ??= system.after("glance at the glass", glanceMs, () => {
          stopGlance = null;
          changed();
        });
      };
      const stops = [
        bench.subscribe(changed),
        bench.control.subscribe(changed),
        bench.line.subscribe(changed),
        bench.watchGlass(glance),
      ];
      return () => {
        stopGlance?.();
        for (const stop of stops) stop();
      };
    },
  };
}
