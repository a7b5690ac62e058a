import { isDeepStrictEqual } from "node:util";
import type { Argv, Exited, Processes, RunOptions } from "../processes.ts";

/** What a run prints and how it ends: `{ code: 0 }` with empty output where nothing is said, or any other ending. */
export type Reply =
  | { readonly code?: number; readonly stdout?: string; readonly stderr?: string }
  | Exclude<Exited, { kind: "exited" }>
  /** Never ends by itself; only when its signal aborts. */
  | "hangs";

export interface ScriptedRun {
  readonly expect: Argv | ((argv: Argv, options: RunOptions) => boolean);
  readonly reply: Reply | ((argv: Argv, options: RunOptions) => Reply);
}

export interface ScriptedProcesses extends Processes {
  /** What was run, in order. */
  readonly runs: readonly { readonly argv: Argv; readonly options: RunOptions }[];
  /** Throws when a run of the script is left, or when one came that was not expected. Call it at the end of every test. */
  done(): void;
}

/** Plays a script: runs have to come in this order, each exactly once. */
export function createScriptedProcesses(script: readonly ScriptedRun[]): ScriptedProcesses {
  const runs: { argv: Argv; options: RunOptions }[] = [];
  const unexpected: string[] = [];

  return {
    runs,
    run: async (argv, options) => {
      const step = script[runs.length];
      runs.push({ argv, options });
      await new Promise((resolve) => setImmediate(resolve));
      const matches =
        typeof step?.expect === "function" ? step.expect(argv, options) : isDeepStrictEqual(step?.expect, argv);
      if (step === undefined || !matches) {
        const wanted = step === undefined ? "no further run" : describeExpectation(step);
        const message = `run ${runs.length}: expected ${wanted}, got ${JSON.stringify(argv)}`;
        unexpected.push(message);
        throw new Error(message);
      }
      const reply = typeof step.reply === "function" ? step.reply(argv, options) : step.reply;
      if (options.signal?.aborted) return { kind: "aborted", stdout: "", stderr: "" };
      if (reply === "hangs") return untilAborted(options.signal);
      if ("kind" in reply) return reply;
      return { kind: "exited", code: 0, stdout: "", stderr: "", ...reply };
    },
    done: () => {
      const left = script.slice(runs.length).map((step) => `never run: ${describeExpectation(step)}`);
      const problems = [...unexpected, ...left];
      if (problems.length > 0) throw new Error(problems.join("\n"));
    },
  };
}

function describeExpectation({ expect }: ScriptedRun): string {
  return typeof expect === "function" ? "a run that a function accepts" : JSON.stringify(expect);
}

function untilAborted(signal: AbortSignal | undefined): Promise<Exited> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve({ kind: "aborted", stdout: "", stderr: "" }), { once: true });
  });
}
