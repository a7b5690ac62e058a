import type { Clock } from "../../../hal/clock.ts";
import type { Files } from "../../../hal/files.ts";
import type { Config } from "../../config/config.ts";
import type { ConfigProblem } from "../../config/load.ts";
import type { Result } from "../../model/result.ts";
import type { ClientFailure } from "../client.ts";

/** 0 done, 1 not well, 2 wrong usage or configuration, 3 the daemon does not answer, 4 not permitted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What a command may touch. */
export interface CommandParts {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly version: string;
  readonly clock: Clock;
  readonly files: Pick<Files, "read">;
  /** All of standard input. Rejects as `files.read` does. */
  readonly stdin: (maxBytes: number) => Promise<Uint8Array>;
  /** What the configuration names and this machine lacks: a board, a file. */
  readonly inspect: (config: Config) => Promise<readonly Pick<ConfigProblem, "key" | "message">[]>;
  /** What would be done to bring the machine to the stored settings, as text that ends in a newline; or why that cannot be told. */
  readonly planChange: (config: Config) => Promise<Result<string, string>>;
  /** Ends a request to the daemon early. */
  readonly signal?: AbortSignal;
  /** Asked for once there is something to take back: from then on an interruption does not end the program. */
  readonly untilInterrupted: () => AbortSignal;
}

const exitCodes: Readonly<Record<ClientFailure["kind"], ExitCode>> = {
  broken: 1,
  refused: 2,
  unreachable: 3,
  denied: 4,
};

/** Shows a good answer; says what was wrong with any other. */
export function report<T>(
  result: Result<T, ClientFailure>,
  parts: CommandParts,
  show: (value: T) => ExitCode,
): ExitCode {
  if (result.ok) return show(result.value);
  parts.stderr(`bezel: ${result.error.message}\n`);
  return exitCodes[result.error.kind];
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
