import { HalError } from "../../../hal/errors.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { Client } from "../client.ts";
import type { ClientCommand } from "../command-line.ts";
import { maxOrderBytes } from "../schema.ts";
import { type CommandParts, type ExitCode, report, toJson } from "./parts.ts";
import { describeReport } from "./print.ts";

/** `bezel order`: sends the document and waits for what becomes of it. An interruption takes the order back. */
export async function runOrder(
  { file, json }: Extract<ClientCommand, { name: "order" }>,
  client: Pick<Client, "order" | "cancelOrder">,
  parts: CommandParts,
): Promise<ExitCode> {
  const document = await readDocument(file, parts);
  if (!document.ok) {
    parts.stderr(`bezel: ${document.error}\n`);
    return 2;
  }
  const answer = await withCancel(client, (signal) => client.order(document.value, signal), parts);
  return report(answer, parts, ({ document: told, raw }) => {
    parts.stdout(json ? toJson(raw) : describeReport(told));
    return told.outcome === "kept" && told.results.every((result) => result.ok) ? 0 : 1;
  });
}

async function readDocument(file: string, { files, stdin }: CommandParts): Promise<Result<string, string>> {
  const name = file === "-" ? "standard input" : file;
  try {
    const bytes = await (file === "-" ? stdin(maxOrderBytes) : files.read(file, maxOrderBytes));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    JSON.parse(text);
    return ok(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return failed(`${name}: is not JSON`);
    if (!(error instanceof HalError)) throw error;
    if (error.kind === "absent") return failed(`${name}: there is no such file`);
    if (error.kind === "unsupported") return failed(`${name}: is larger than ${maxOrderBytes / 1024} KiB`);
    return failed(`${name}: cannot be read: ${error.message}`);
  }
}

/**
 * While the order is waited for, an interruption takes it back; what became of it is in the report all the same. The wait ends
 * only when the daemon cannot be told.
 */
async function withCancel<T>(
  client: Pick<Client, "cancelOrder">,
  wait: (signal: AbortSignal) => Promise<T>,
  { untilInterrupted, stderr }: CommandParts,
): Promise<T> {
  const giveUp = new AbortController();
  const cancel = async () => {
    stderr("bezel: canceling the order\n");
    const canceled = await client.cancelOrder();
    if (!canceled.ok) giveUp.abort(new Error("the order could not be canceled"));
    else if (!canceled.value.document.canceled) stderr("bezel: there is no order to cancel any more\n");
  };
  const interrupted = () => void cancel();
  const signal = untilInterrupted();
  signal.addEventListener("abort", interrupted, { once: true });
  try {
    return await wait(giveUp.signal);
  } finally {
    signal.removeEventListener("abort", interrupted);
  }
}
