import { setMaxListeners } from "node:events";
import { type Clock, type Stop, sleep } from "../hal/clock.ts";
import type { Power } from "../hal/power.ts";
import type { Controllable } from "../src/control/api.ts";
import type { Log } from "../src/model/log.ts";
import { createListeners } from "./listeners.ts";
import type { PowerView } from "./page-protocol.ts";

/** One life of the controller, from power-on to its end. */
export interface Box extends Controllable {
  /** Resolves when the box has stopped after its signal aborted. Rejects when it died of a fault of its own. */
  readonly ended: Promise<void>;
}

/** What a box is given for one life, and what the host needs to end it. */
export interface Life<Parts> {
  readonly parts: Parts;
  /** The power is gone: the panel is dark at once. */
  powerLost(): void;
}

export interface BoxHost {
  power(): PowerView;
  /** The box that lives, or the last one. */
  box(): Box;
  /** Pulls the power cable: everything of the box stops where it is. */
  cut(): void;
  /** Plugs it in: the box starts. */
  restore(): void;
  /** A press of the power button: starts a box that is off, else the box decides. */
  button(): void;
  subscribe(changed: () => void): Stop;
  /** Asks the box to stop and waits for it. */
  close(): Promise<void>;
}

/** From the last word of the operating system to the first of the firmware. */
const rebootMs = 1500;
/** A box that does not stop when it is asked to is cut off after this. */
const stopMs = 3000;

/**
 * The power supply and the operating system around the box: starts it, ends it, starts it again. `signal` asks the box to
 * stop (reason `reboot`, `power-off` or `close`; with `power-cut` there is nothing left to do); `dead` ends its machine.
 */
export function createBoxHost<Parts>(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly equip: (power: Power, dead: AbortSignal) => Life<Parts>;
  readonly start: (parts: Parts, signal: AbortSignal) => Box;
}): BoxHost {
  const { clock, log, equip, start } = options;
  const { tell, subscribe } = createListeners();
  let plugged = true;
  let run: Run | null = null;
  let darken: () => void = () => {};
  let stopBoot: Stop = () => {};

  const boot = (): Box => {
    stopBoot();
    if (run !== null) return run.box;
    const signal = new AbortController();
    const dead = new AbortController();
    // Every part of the machine listens; that is no leak.
    setMaxListeners(0, signal.signal, dead.signal);
    const buttons = new Set<() => void>();
    const power: Power = {
      reboot: async () => end("reboot"),
      powerOff: async () => end("power-off"),
      onButton: (pressed) => {
        buttons.add(pressed);
        return () => buttons.delete(pressed);
      },
    };
    const life = equip(power, dead.signal);
    const box = start(life.parts, signal.signal);
    const mine: Run = { box, buttons, signal, dead, ending: null };
    run = mine;
    darken = life.powerLost;
    box.ended.catch((error: unknown) => {
      log.error({ err: error }, "the box stopped by itself; press its power button to start it again");
      dead.abort("crash");
      if (run === mine) run = null;
      tell();
    });
    return box;
  };
  const startAgain = () => {
    latest = boot();
    tell();
  };

  const stop = async (mine: Run, reason: string) => {
    mine.signal.abort(reason);
    const late = new AbortController();
    const tooLate = sleep(clock, "stop of the box", stopMs, late.signal).catch(() => {});
    await Promise.race([mine.box.ended.catch(() => {}), tooLate]);
    late.abort();
    mine.dead.abort(reason);
  };
  const end = (reason: "reboot" | "power-off"): void => {
    const mine = run;
    if (mine === null || mine.ending !== null) return;
    // The caller has to hear first that its request was accepted.
    mine.ending = clock.after(reason, 0, async () => {
      await stop(mine, reason);
      if (run !== mine) return;
      run = null;
      tell();
      if (reason === "reboot") {
        darken();
        stopBoot = clock.after("start after reboot", rebootMs, startAgain);
      }
    });
  };

  let latest = boot();
  return {
    power: () => ({ plugged, running: run !== null }),
    box: () => latest,
    cut: () => {
      stopBoot();
      plugged = false;
      const mine = run;
      run = null;
      mine?.ending?.();
      mine?.dead.abort("power-cut");
      mine?.signal.abort("power-cut");
      darken();
      tell();
    },
    restore: () => {
      if (plugged) return;
      plugged = true;
      startAgain();
    },
    button: () => {
      if (!plugged) return;
      if (run === null) startAgain();
      else for (const pressed of [...run.buttons]) pressed();
    },
    subscribe,
    close: async () => {
      stopBoot();
      const mine = run;
      run = null;
      if (mine !== null) await stop(mine, "close");
    },
  };
}

interface Run {
  readonly box: Box;
  readonly buttons: ReadonlySet<() => void>;
  readonly signal: AbortController;
  readonly dead: AbortController;
  ending: Stop | null;
}
