import type { Argv, Exited, Followers } from "../processes.ts";

export interface ScriptedFollower {
  readonly argv: Argv;
  /** As if the program had printed this line. */
  print(line: string): void;
  /** As if it had ended by itself. */
  end(ended?: Exited): void;
}

export interface ScriptedFollowers extends Followers {
  /** Those that run now, oldest first. */
  readonly running: readonly ScriptedFollower[];
  /** How often one was started. */
  readonly started: () => number;
}

/** Programs that print and end when the test says so. */
export function createScriptedFollowers(): ScriptedFollowers {
  const running: ScriptedFollower[] = [];
  let started = 0;
  return {
    running,
    started: () => started,
    follow: (argv, { line, signal }) =>
      new Promise((resolve) => {
        started++;
        const end = (ended: Exited) => {
          const index = running.indexOf(follower);
          if (index !== -1) running.splice(index, 1);
          resolve(ended);
        };
        const follower: ScriptedFollower = {
          argv,
          print: (text) => {
            if (running.includes(follower)) line(text);
          },
          end: (ended = { kind: "exited", code: 0, stdout: "", stderr: "" }) => end(ended),
        };
        if (signal.aborted) return end({ kind: "aborted", stdout: "", stderr: "" });
        running.push(follower);
        signal.addEventListener("abort", () => end({ kind: "aborted", stdout: "", stderr: "" }), { once: true });
      }),
  };
}
