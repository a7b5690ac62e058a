import { type Clock, deadline, type Stop } from "../../../hal/clock.ts";
import type { ConsolePort } from "../../../hal/console.ts";
import { HalError } from "../../../hal/errors.ts";
import type { Frame } from "../../model/frame.ts";
import type { PanelInput } from "../../model/key.ts";
import { createWake } from "../wake.ts";
import { type Caution, consider, initialCaution, refused } from "./caution.ts";
import { type ConsoleInput, createKeyParser, sequenceTimeoutMs } from "./key-parser.ts";
import { type Charset, layOut, type TerminalScreen, vt100Size } from "./layout.ts";
import { paint } from "./vt100-painter.ts";

/** What a console is told of the panel and tells it. */
export interface ConsolePanel {
  /** The picture now; newer ones come by `show`. */
  readonly frame: () => Frame;
  readonly input: (input: PanelInput) => void;
  /** A text field is open: `?` is a character. */
  readonly takesText: () => boolean;
  /** ENTER would have an effect beyond the panel. */
  readonly commits: () => boolean;
  /** A working message is on the glass: no input does anything. */
  readonly busy: () => boolean;
  /** Somebody looks: lights the display. */
  readonly wake: () => void;
  /** The appliance's MAC address; null while it is not known. Read at each drawing. */
  readonly mac: () => string | null;
}

export interface SessionParts {
  readonly port: ConsolePort;
  readonly panel: ConsolePanel;
  readonly clock: Clock;
}

/** One open console, from its opening until it is closed. A serial line stays silent until somebody presses ENTER. */
export interface ConsoleSession {
  /** The newest frame wins. Never waits: a terminal that is slow, or stuck, misses those between. */
  show(frame: Frame): void;
  /**
   * Resolves when the signal has aborted, the last frame is drawn and the port is closed; at most two seconds later. Rejects with a HalError when the line fails; the port is
   * closed then as well.
   */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Asks what a terminal makes of UTF-8: home, a degree sign, cursor report. One column means UTF-8 with narrow symbols. The
 * degree sign because its two bytes are printable in every single-byte set, also with the eighth bit cut off, so that no
 * other terminal ends in the second column; and because East Asian terminals draw it, like arrows and lines, two columns
 * wide.
 */
const probe = "\x1b[H\u00b0\x1b[6n";
/** What the first picture waits for the answer; a later one has it drawn anew. */
const probeAnswerMs = 300;
const narrowCol = 2;
const closeMs = 1000;

const helpLine = "Arrow keys move, ENTER confirms, ? shows the keys";
const keyHelp = [
  "UP, DOWN      change a character, move through a menu; UP says no to a question",
  "LEFT, RIGHT   move the cursor; TAB is RIGHT",
  "ENTER         confirms",
  "BACKSPACE     deletes before the cursor; Ctrl-U clears the field",
  "Ctrl-L        draws the screen again",
];

export function createConsoleSession({ port, panel, clock }: SessionParts): ConsoleSession {
  const parser = createKeyParser();
  const toWrite = createWake();
  const reported = createWake();
  /** `closed`: silent until ENTER. `seen`: a whole picture has been handed to the line. */
  let stage: "closed" | "open" | "seen" = port.attended ? "open" : "closed";
  let frame = panel.frame();
  let helpShown = false;
  let caution = initialCaution;
  let reportedCol: number | null = null;
  /** What the terminal shows; null when that is unknown. */
  let shown: TerminalScreen | null = null;
  let stopGivingUp: Stop = () => {};

  const take = (input: ConsoleInput) => {
    if (input.type === "cursor-report") {
      // Only the first: xterm sends the same for Shift-F3.
      reportedCol ??= input.col;
      reported.ring();
      // Over a slow line the answer may come after the first picture.
      toWrite.ring();
      return;
    }
    if (stage === "closed") {
      if (input.type === "panel" && input.input.type === "key" && input.input.key === "ENTER") {
        stage = "open";
        panel.wake();
        toWrite.ring();
      }
      return;
    }
    if (input.type === "repaint") {
      shown = null;
      panel.wake();
      toWrite.ring();
      return;
    }
    const takesText = panel.takesText();
    if (input.type === "panel" && input.input.type === "character" && input.input.character === "?" && !takesText) {
      helpShown = !helpShown;
      toWrite.ring();
      return;
    }
    const standing = { takesText, commits: panel.commits, busy: panel.busy(), seen: stage === "seen" };
    const { pass, inRun, caution: next } = consider(caution, input, clock.monotonic(), standing);
    become(next);
    if (pass === null) return;
    panel.input(pass);
    if (inRun && panel.frame().screen.endsWith("/refused")) become(refused(caution));
  };

  const become = (next: Caution) => {
    if (next.advice !== caution.advice) toWrite.ring();
    caution = next;
  };

  const read = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const bytes = await port.read();
      if (signal.aborted) return;
      stopGivingUp();
      for (const input of parser.push(bytes)) take(input);
      if (parser.waiting()) stopGivingUp = clock.after("console: sequence", sequenceTimeoutMs, parser.giveUp);
    }
  };

  const screen = (): TerminalScreen => {
    const mac = panel.mac();
    const charset: Charset = reportedCol === narrowCol ? "utf8" : "ascii";
    return layOut({
      header: port.attended?.header ?? [],
      frame,
      lines: [
        helpLine,
        ...(mac === null ? [] : [`MAC address ${mac}`]),
        ...(caution.advice === null ? [] : [caution.advice]),
        ...(helpShown ? keyHelp : []),
      ],
      charset,
      size: port.attended?.size?.() ?? vt100Size,
    });
  };

  const askCharset = async (signal: AbortSignal): Promise<void> => {
    reportedCol = null;
    await send(probe);
    const answer = deadline(clock, "console: cursor report", probeAnswerMs, signal);
    while (reportedCol === null && !answer.signal.aborted) await reported.wait(answer.signal);
    answer.done();
  };

  const send = (text: string) => port.write(new TextEncoder().encode(text));

  const write = async (signal: AbortSignal) => {
    while (stage === "closed" && !signal.aborted) await toWrite.wait(signal);
    if (signal.aborted) return;
    await askCharset(signal);
    if (signal.aborted) return;
    for (;;) {
      const next = screen();
      const drawn = paint(shown, next);
      // Before the writing, so that a Ctrl-L that comes meanwhile counts.
      shown = next;
      if (drawn !== "") await send(drawn);
      stage = "seen";
      if (signal.aborted) return;
      await toWrite.wait(signal);
    }
  };

  const within = async (ms: number, work: Promise<void>) => {
    const patience = deadline(clock, "console: close", ms);
    await Promise.race([work, aborted(patience.signal)]);
    patience.done();
  };

  return {
    show: (newest) => {
      frame = newest;
      toWrite.ring();
    },
    run: async (signal) => {
      const ending = new AbortController();
      let failure: { readonly error: unknown } | null = null;
      const fail = (error: unknown) => {
        failure ??= { error };
        ending.abort();
      };
      const follow = () => ending.abort();
      if (signal.aborted) follow();
      else signal.addEventListener("abort", follow, { once: true });

      read(ending.signal).catch(fail);
      const written = write(ending.signal).catch(fail);
      await aborted(ending.signal);
      signal.removeEventListener("abort", follow);
      stopGivingUp();
      // The last frame ("It's now safe to unplug the box") is still drawn; a stuck line, or a kernel that holds on to a port
      // until it has drained (closing_wait of a serial line is 30 s), is not waited for.
      await within(closeMs, written);
      await within(closeMs, port.close().catch(fail));
      rethrow(failure, signal.aborted);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Errors of a line that we are leaving anyway are of no interest; our own bugs always are. */
function rethrow(failure: { readonly error: unknown } | null, leaving: boolean): void {
  if (failure !== null && !(leaving && failure.error instanceof HalError)) throw failure.error;
}
