import type { Argv, Exited, Processes } from "../../../hal/processes.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { Refusal } from "../privileged.ts";

/** Goes on after a line that the kernel refuses, and says so with the line's number. */
const batch = ["-force", "-batch", "-"] as const;
/** Nobody else waits for the helper inside; beside the ports others do. A batch takes a second or two, on a busy machine ten. */
export const limitsMs = { inside: 25_000, beside: 12_000 } as const;
/** 4094 links with three addresses each are 4 MB. */
const maxOutputBytes = 16 * 2 ** 20;

export interface BatchOutcome {
  readonly stdout: string;
  /** By the index of the line, from 0: why it was not done. */
  readonly refused: ReadonlyMap<number, string>;
}

/**
 * Runs lines of ip(8). The lines must be well-formed: at one that ip itself cannot read it ends, also with `-force`, and
 * nobody knows which of them were done.
 */
export async function runBatch(
  processes: Processes,
  lines: readonly string[],
  signal: AbortSignal,
  {
    options = [],
    timeoutMs = limitsMs.inside,
  }: { readonly options?: readonly string[]; readonly timeoutMs?: number } = {},
): Promise<Result<BatchOutcome, Refusal>> {
  if (lines.length === 0) return ok({ stdout: "", refused: new Map() });
  const argv: Argv = ["ip", ...options, ...batch];
  const text = lines.map((line) => `${line}\n`).join("");
  const ended = await runIp(processes, argv, signal, { input: text, timeoutMs });
  if (!ended.ok) return ended;
  const { code, stdout, stderr } = ended.value;
  const said = parseRefusals(stderr, lines.length);
  // 1: some lines were refused. With anything else, or with words that belong to no line, ip gave up.
  const understood = said !== null && (code === 0 ? said.refused.size === 0 : code === 1 && said.rest === "");
  if (!understood || (code === 1 && said.refused.size === 0))
    return failed({ kind: "refused", detail: `ip ended with ${code}: ${said?.rest || stderr.trim() || "no word"}` });
  return ok({ stdout, refused: said.refused });
}

/** One run of ip(8) to its own end, however that was. */
export async function runIp(
  processes: Processes,
  argv: Argv,
  signal: AbortSignal,
  { input, timeoutMs = limitsMs.inside }: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<Result<Extract<Exited, { kind: "exited" }>, Refusal>> {
  const inputs = input === undefined ? {} : { inputs: { 0: input } };
  // It hands over each link by itself: 7000 pieces for 4094.
  const ended = await processes.run(argv, { ...inputs, timeoutMs, maxOutputBytes, stdoutTo: "file", signal });
  switch (ended.kind) {
    case "notFound":
      return failed({ kind: "refused", detail: 'ip is missing; install the package "iproute2"' });
    case "timeout":
      return failed({ kind: "timeout", detail: `ip did not end within ${timeoutMs} ms` });
    case "aborted":
    case "tooMuchOutput":
      return failed({ kind: "refused", detail: `ip ended by ${ended.kind}` });
    case "exited":
      return ok(ended);
  }
}

const failure = /^Command failed -:(\d+)$/;
/** Of a reason, in characters. */
const maxReason = 120;

/**
 * What ip 6.1 prints with `-force`: the reason, in one line or more, and then the number of the line, in order. null when a
 * number is not one of ours.
 */
export function parseRefusals(
  stderr: string,
  count: number,
): { readonly refused: ReadonlyMap<number, string>; readonly rest: string } | null {
  const refused = new Map<number, string>();
  let words: string[] = [];
  let last = 0;
  for (const line of stderr.split("\n").filter((text) => text.trim() !== "")) {
    const number = failure.exec(line)?.[1];
    if (number === undefined) {
      words.push(line.trim());
      continue;
    }
    const at = Number(number);
    if (at <= last || at > count) return null;
    refused.set(at - 1, (words.join(" ") || "no word").slice(0, maxReason));
    words = [];
    last = at;
  }
  return { refused, rest: words.join(" ") };
}
