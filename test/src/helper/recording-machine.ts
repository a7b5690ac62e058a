import type { HalError } from "../../../hal/errors.ts";
import type { LinkMode } from "../../../hal/ethernet.ts";
import type { Argv, Exited, RunOptions } from "../../../hal/processes.ts";
import type { VerbMachine } from "../../../src/helper/verb.ts";

export interface RecordingMachine extends VerbMachine {
  /** What reached the machine, in order: `lan0 auto`, or the line of a program with its input. */
  readonly done: string[];
  /** The next effects wait until they are let go. */
  hold(): { release(): void };
  /** Every link mode is refused so; null: none. */
  refuse(error: HalError | null): void;
}

/** What programs print, by their first words; all others find nobody. */
const printed: Readonly<Record<string, string>> = { "id -u": "990\n", "ip -N": "[]\n" };
const nobody = "ARPING 10.77.0.20 from 0.0.0.0 lan0\nSent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n";

/** A machine that takes every order and remembers it; arping finds nobody, and there are no routing rules. */
export function createRecordingMachine(answer: Partial<Extract<Exited, { kind: "exited" }>> = {}): RecordingMachine {
  const done: string[] = [];
  let gate = Promise.resolve();
  let refusal: HalError | null = null;
  return {
    done,
    interfaces: { lan: "lan0", wan: "wan0" },
    ethernet: {
      setMode: async (name: string, mode: LinkMode) => {
        await gate;
        done.push(`${name} ${mode}`);
        if (refusal !== null) throw refusal;
      },
    },
    processes: {
      run: async (argv: Argv, { inputs = {} }: RunOptions) => {
        await gate;
        done.push([...argv, ...Object.values(inputs)].join(" "));
        const stdout = printed[argv.slice(0, 2).join(" ")] ?? nobody;
        return { kind: "exited", code: 0, stdout, stderr: "", ...answer };
      },
    },
    hold: () => {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return { release };
    },
    refuse: (error) => {
      refusal = error;
    },
  };
}
