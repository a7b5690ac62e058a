/** A program and its arguments. Never a shell line; never a secret: arguments can be read by every user of the machine. */
export type Argv = readonly [program: string, ...args: string[]];

export interface RunOptions {
  /**
   * Bytes for descriptors 0 (standard input), 3, 4 ...; secrets travel here. A descriptor that is not named is closed. Those
   * from 3 on can be opened again as `/dev/fd/3`.
   */
  readonly inputs?: Readonly<Record<number, Uint8Array | string>>;
  /** The child is killed (SIGTERM, then SIGKILL a second later) when this runs out. */
  readonly timeoutMs: number;
  /** What each of stdout and stderr may hold; the child is killed when it prints more. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /**
   * Where stdout goes while the program runs. `file`: a nameless one in memory, read at the end; for a program that prints
   * much in little pieces, each of which would wake us. Too much is noticed only then. Default `pipe`.
   */
  readonly stdoutTo?: "pipe" | "file";
  /** How stdout becomes a string. `latin1` keeps every byte, as the character of that code. Default `utf8`. */
  readonly stdoutEncoding?: "utf8" | "latin1";
  readonly signal?: AbortSignal;
}

export interface FollowOptions {
  readonly line: (line: string) => void;
  /** Default 64 KiB. */
  readonly maxLineBytes?: number;
  /** The child is killed (SIGTERM, then SIGKILL a second later) when this aborts. */
  readonly signal: AbortSignal;
}

/** How a child ended. A non-zero exit is a value, not an exception; death by a signal is 128 + its number, as in a shell. */
export type Exited =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** The program is not installed or may not be run. */
  | { readonly kind: "notFound"; readonly program: string }
  | { readonly kind: "timeout" | "aborted" | "tooMuchOutput"; readonly stdout: string; readonly stderr: string };

/**
 * Runs other programs: fixed PATH, locale C, no shell, environment of ours. Rejects with a HalError when the machine cannot
 * start any (no memory, no descriptors).
 */
export interface Processes {
  run(argv: Argv, options: RunOptions): Promise<Exited>;
}

/** Programs that last as long as their caller wants to listen. */
export interface Followers {
  /**
   * Runs a program that lasts and hands over its standard output line by line, without the line end; longer lines than
   * `maxLineBytes` are cut. Resolves when it has ended, by itself or because the signal aborted; `stdout` is empty, `stderr`
   * holds its beginning. Rejects as `run` does.
   */
  follow(argv: Argv, options: FollowOptions): Promise<Exited>;
}
