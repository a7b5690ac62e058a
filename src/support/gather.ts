import { type Clock, deadline, sleep, untilAborted } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import type { Argv, Exited, Processes } from "../../hal/processes.ts";
import type { Result } from "../model/result.ts";
import type { Item, ToldName } from "./items.ts";

/** What the product tells: a text, or why there is none. */
export type Told = Readonly<Record<ToldName, (signal: AbortSignal) => Promise<Result<string, string>>>>;

export interface GatherParts {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly told: Told;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export interface Gathered {
  readonly item: Item;
  readonly ms: number;
  /** Exit code of its program, or of the last of several that failed; null where none ended by itself. */
  readonly exitCode: number | null;
  /** The content, or why it is missing. */
  readonly content: Result<string, string>;
  /** What is to be known of a content: that it was cut off, what its program complained of. Empty: nothing. */
  readonly note: string;
}

/** Each item, all of them, and how many at a time. A machine that is ill hangs in many places at once. */
export const limits = { itemMs: 10_000, wholeMs: 50_000, sideBySide: 4 } as const;
/** A child that was ended has a second to go by itself; one that the kernel does not let go of is left behind. */
const graceMs = 3000;

/** Gathers all items within {@link limits}, in their order. Whatever fails is said in its place; rejects only for a bug. */
export async function gather(items: readonly Item[], parts: GatherParts): Promise<readonly Gathered[]> {
  const whole = deadline(parts.clock, "support bundle", limits.wholeMs, parts.signal);
  const gathered: Gathered[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) gathered[at] = await gatherOne(item, parts, whole.signal);
    }
  };
  try {
    await Promise.all(Array.from({ length: limits.sideBySide }, work));
    return gathered;
  } finally {
    whole.done();
  }
}

type Look = Pick<Gathered, "exitCode" | "content" | "note">;

async function gatherOne(item: Item, parts: GatherParts, whole: AbortSignal): Promise<Gathered> {
  const { clock } = parts;
  if (whole.aborted) return { item, ms: 0, ...missing("no time was left for it") };
  const startMs = clock.monotonic();
  const limit = deadline(clock, item.file, limits.itemMs, whole);
  const done = new AbortController();
  const tooLate = async (): Promise<Look> => {
    await untilAborted(limit.signal);
    await sleep(clock, `${item.file}: grace`, graceMs, done.signal).catch(() => {});
    return missing(`no end within ${limits.itemMs / 1000} s`);
  };
  try {
    const look = await Promise.race([lookAt(item, parts, limit.signal), tooLate()]);
    return { item, ms: Math.round(clock.monotonic() - startMs), ...look };
  } finally {
    done.abort();
    limit.done();
  }
}

function missing(reason: string, exitCode: number | null = null): Look {
  return { exitCode, content: { ok: false, error: reason }, note: "" };
}

async function lookAt(item: Item, { processes, told }: GatherParts, signal: AbortSignal): Promise<Look> {
  try {
    if ("programs" in item.from) return await runAll(item, item.from.programs, processes, signal);
    const content = await told[item.from.told](signal);
    if (!content.ok) return { exitCode: null, content, note: "" };
    const { text, note } = cut(content.value, item.maxBytes);
    return { exitCode: null, content: { ok: true, value: text }, note };
  } catch (error) {
    if (error instanceof HalError) return missing(error.message);
    // What waits for the signal rejects with its reason.
    if (signal.aborted) return missing(`no end within ${limits.itemMs / 1000} s`);
    throw error;
  }
}

interface Ran {
  readonly argv: Argv;
  readonly text: string;
  readonly exitCode: number | null;
  /** Why it ended otherwise than well; empty: it did not. */
  readonly complaint: string;
}

async function runAll(item: Item, programs: readonly Argv[], processes: Processes, signal: AbortSignal): Promise<Look> {
  const runs: Ran[] = [];
  let left = item.maxBytes;
  for (const argv of programs) {
    const ran = runOf(argv, item, await run(argv, left, processes, signal));
    runs.push(ran);
    left = Math.max(1, left - Buffer.byteLength(ran.text));
  }
  const complaints = runs.map(({ complaint }) => complaint).filter((complaint) => complaint !== "");
  const exitCode = runs.findLast((one) => one.exitCode !== 0)?.exitCode ?? 0;
  const [first] = runs;
  const isSilent = runs.every(({ text }) => text.trim() === "");
  if (isSilent && complaints.length > 0) return missing(complaints.join("\n"), exitCode);
  const value = runs.length === 1 ? (first?.text ?? "") : runs.map(section).join("\n");
  return { exitCode, content: { ok: true, value }, note: complaints.join("; ") };
}

function run(argv: Argv, maxOutputBytes: number, processes: Processes, signal: AbortSignal): Promise<Exited> {
  return processes.run(argv, { timeoutMs: limits.itemMs, maxOutputBytes, signal });
}

/** Several programs share a file: each under its command line, with what it complained of. */
function section({ argv, text, complaint }: Ran): string {
  return [`# ${argv.join(" ")}\n`, text, complaint === "" ? "" : `(${complaint})\n`].join("");
}

function runOf(argv: Argv, item: Item, ended: Exited): Ran {
  const [program] = argv;
  if (ended.kind === "notFound") {
    return { argv, text: "", exitCode: null, complaint: `${program} is not installed` };
  }
  const text = item.newestFirst ? oldestFirst(ended.stdout, ended.kind !== "exited") : ended.stdout;
  if (ended.kind !== "exited") return { argv, text, exitCode: null, complaint: endings[ended.kind](program, item) };
  if (ended.code === 0) return { argv, text, exitCode: 0, complaint: "" };
  const [reason = ""] = ended.stderr.trim().split("\n");
  const complaint = `${program} ended with ${ended.code}${reason === "" ? "" : `: ${reason.slice(0, 200)}`}`;
  return { argv, text, exitCode: ended.code, complaint };
}

const endings: Readonly<Record<"timeout" | "aborted" | "tooMuchOutput", (program: string, item: Item) => string>> = {
  timeout: (program) => `${program}: no end within ${limits.itemMs / 1000} s`,
  aborted: (program) => `${program}: no end within the time for it`,
  tooMuchOutput: (program, { maxBytes }) => `${program}: cut off after ${Math.floor(maxBytes / 1024)} KiB`,
};

/** Lines turned round; the last one may be half of a line where the output was cut off. */
function oldestFirst(output: string, isCutOff: boolean): string {
  const lines = output.split("\n");
  const rest = lines.pop();
  if (!isCutOff && rest !== undefined && rest !== "") lines.push(rest);
  return lines
    .reverse()
    .map((line) => `${line}\n`)
    .join("");
}

function cut(text: string, maxBytes: number): { readonly text: string; readonly note: string } {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { text, note: "" };
  return { text: bytes.subarray(0, maxBytes).toString(), note: `cut off after ${Math.floor(maxBytes / 1024)} KiB` };
}
