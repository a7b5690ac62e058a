import type { Argv, Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Refusal } from "./privileged.ts";

export interface ProgramOptions {
  /** The Debian package that brings it. */
  readonly package: string;
  readonly timeoutMs: number;
  /** Its standard input. */
  readonly input?: string;
  /** Which line of its complaint tells why; the first by default. */
  readonly reasonAt?: "first" | "last";
  readonly signal?: AbortSignal;
}

/** Runs a program that ends with 0 when it has done its work: what it printed. The refusal holds the program's own words. */
export async function runProgram(
  processes: Processes,
  argv: Argv,
  { package: brings, timeoutMs, input, reasonAt = "first", signal }: ProgramOptions,
): Promise<Result<string, Refusal>> {
  const [program] = argv;
  const ended = await processes.run(argv, {
    timeoutMs,
    ...(input === undefined ? {} : { inputs: { 0: input } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const refused = (detail: string) => failed({ kind: "refused" as const, detail });
  switch (ended.kind) {
    case "notFound":
      return refused(`${program} is missing; install the package "${brings}"`);
    case "timeout":
      return failed({ kind: "timeout", detail: `${program} did not end within ${timeoutMs} ms` });
    case "aborted":
    case "tooMuchOutput":
      return refused(`${program} ended by ${ended.kind}`);
    case "exited":
      if (ended.code === 0) return ok(ended.stdout);
      return refused(`${program} ended with ${ended.code}: ${reasonOf(ended.stderr, reasonAt) || "no word"}`);
  }
}

function reasonOf(complaint: string, at: "first" | "last"): string | undefined {
  return complaint
    .trim()
    .split("\n")
    .at(at === "first" ? 0 : -1);
}
