import type { Clock, Stop } from "../../hal/clock.ts";
import type { KeyEdge } from "../../hal/keypad.ts";
import type { Effect } from "../model/effect.ts";
import type { FactTable } from "../model/fact-table.ts";
import type { Frame } from "../model/frame.ts";
import type { PanelInput } from "../model/key.ts";
import { initialKeys, type KeysStep, keysWakeAt, repeatKeys, stepKeys } from "../panel/keys.ts";
import {
  commits,
  initialPanel,
  isBusy,
  leftWaits,
  type PanelContext,
  type PanelOptions,
  refreshPanel,
  stepPanel,
  takesText,
  viewPanel,
  wakeAt,
  wakePanel,
} from "../panel/panel.ts";

export interface PanelSession {
  /** Handles the inputs in order and returns the picture after the last one. Effects that they start go on behind it. */
  input(inputs: readonly PanelInput[]): Frame;
  /** An edge of the front panel's keypad. */
  edge(edge: KeyEdge): void;
  frame(): Frame;
  /** A text field is open: printable characters are text. */
  takesText(): boolean;
  /** ENTER would have an effect beyond the panel. */
  commits(): boolean;
  /** A working message is on the glass: no input does anything. */
  busy(): boolean;
  /** Somebody looks: lights the display. */
  wake(): void;
  stop(): void;
}

interface SessionParts {
  readonly facts: FactTable;
  readonly options: PanelOptions;
  readonly clock: Clock;
  readonly shown: (frame: Frame) => void;
  readonly effect: (effect: Effect) => void;
}

/**
 * The one session that all surfaces share: keeps the panel's state, lets facts and time reach it, and hands each new
 * picture on. Frames that equal the last one are not handed on.
 */
export function createPanelSession({ facts, options, clock, shown, effect }: SessionParts): PanelSession {
  let panel = initialPanel(clock.monotonic());
  let keys = initialKeys();
  let last: Frame | null = null;
  let stopWake: Stop = () => {};
  let stopKeyWake: Stop = () => {};

  const context = (): PanelContext => ({ ...options, facts: facts.get(), nowMs: clock.monotonic() });

  const show = (): Frame => {
    const frame = viewPanel(panel, context());
    if (last === null || !sameFrame(frame, last)) {
      last = frame;
      shown(frame);
    }
    stopWake();
    const at = wakeAt(panel, context());
    stopWake = at === null ? () => {} : clock.after("panel", Math.max(0, at - clock.monotonic()), refresh);
    return frame;
  };

  const refresh = () => {
    panel = refreshPanel(panel, context());
    show();
  };

  const input = (inputs: readonly PanelInput[]): Frame => {
    for (const one of inputs) {
      const step = stepPanel(panel, one, context());
      panel = step.state;
      for (const wanted of step.effects) effect(wanted);
      panel = refreshPanel(panel, context());
    }
    return show();
  };

  const keysMoved = (step: KeysStep) => {
    keys = step.state;
    stopKeyWake();
    const at = keysWakeAt(keys);
    const repeat = () => keysMoved(repeatKeys(keys, clock.monotonic()));
    stopKeyWake = at === null ? () => {} : clock.after("key repeat", Math.max(0, at - clock.monotonic()), repeat);
    if (step.inputs.length > 0) input(step.inputs);
  };

  const unsubscribe = facts.subscribe(refresh);

  return {
    input,
    edge: (edge) => keysMoved(stepKeys(keys, edge, leftWaits(panel, context()))),
    frame: () => last ?? show(),
    wake: () => {
      panel = wakePanel(panel, context());
      show();
    },
    commits: () => commits(panel, context()),
    busy: () => isBusy(panel, context()),
    takesText: () => takesText(panel, context()),
    stop: () => {
      unsubscribe();
      stopWake();
      stopKeyWake();
    },
  };
}

function sameFrame(a: Frame, b: Frame): boolean {
  return (
    a.screen === b.screen &&
    a.blank === b.blank &&
    a.cursor?.row === b.cursor?.row &&
    a.cursor?.col === b.cursor?.col &&
    a.leds.s1 === b.leds.s1 &&
    a.leds.s2 === b.leds.s2 &&
    a.leds.s3 === b.leds.s3 &&
    a.lines.every((line, row) => line === b.lines[row])
  );
}
