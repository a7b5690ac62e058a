import { type Clock, deadline, untilAborted } from "../../hal/clock.ts";
import type { Display } from "../../hal/display.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { FrontPanel } from "../../hal/machine.ts";
import type { ConfigProblem } from "../config/load.ts";
import { salvageBoard } from "../config/salvage.ts";
import { silentLog } from "../model/log.ts";
import { createLcdSurface } from "../surfaces/lcd.ts";

export interface BadConfigParts {
  readonly files: Pick<Files, "read">;
  readonly clock: Clock;
  /** The panel of a board; null where there is no such board. */
  readonly openPanel: (board: string) => Promise<FrontPanel | null>;
}

const maxFileBytes = 64 * 1024;
/** The display may come a moment after us; then the service has to end. */
const limitMs = 5000;

/**
 * Leaves a picture on the glass that says that the configuration file is wrong, if as much can be read of it as which panel
 * there is: a dark box looks like dead hardware. Ends within five seconds, drawn or not.
 */
export async function showBadConfig(
  file: string,
  problems: readonly ConfigProblem[],
  { files, clock, openPanel }: BadConfigParts,
): Promise<void> {
  const board = await readBoard(files, file);
  const panel = board === null || board === "mock" ? null : await openPanel(board);
  if (panel === null || panel.display === null) return;
  const { display } = panel;
  const drawn = new AbortController();
  const limit = deadline(clock, "picture of a bad configuration", limitMs, drawn.signal);
  const lcd = createLcdSurface({
    display,
    clock,
    log: silentLog,
    changed: (state) => {
      if (state !== "lost") drawn.abort();
    },
    atEnd: () => "keep",
  });
  lcd.show(frameOf(display, problems));
  await Promise.race([lcd.run(limit.signal), untilAborted(limit.signal)]);
  limit.done();
}

async function readBoard(files: BadConfigParts["files"], file: string): Promise<string | null> {
  try {
    return salvageBoard(new TextDecoder().decode(await files.read(file, maxFileBytes)));
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    return null;
  }
}

function frameOf({ cols, rows }: Display, problems: readonly ConfigProblem[]) {
  const line = problems.find((problem) => problem.line !== null)?.line;
  const texts = ["BAD CONFIG FILE", line === undefined ? "SEE THE JOURNAL" : `SEE LINE ${line}`];
  return {
    screen: "bad-config",
    ...{ cols, rows },
    lines: Array.from({ length: rows }, (_, row) => (texts[row] ?? "").padEnd(cols)),
    cursor: null,
    leds: { s1: false, s2: false, s3: false },
    blank: false,
  };
}
