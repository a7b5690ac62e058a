/**
 * Runs in the guest, as root: carries out the driver's commands and answers. Bundled into the image; its argument is the
 * character device of the channel.
 */
import { execFile } from "node:child_process";
import { openSync, read, readFileSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { promisify } from "node:util";
import { type AgentMessage, type AgentRequest, maxOutputBytes } from "./agent-protocol.ts";

const readSome = promisify(read);

function send(channel: number, message: AgentMessage): void {
  // The line end before it closes what an earlier boot may have left unfinished.
  const bytes = Buffer.from(`\n${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(channel, bytes, at);
}

function carryOut(channel: number, { id, argv, stdin, timeoutMs }: AgentRequest): void {
  const [program, ...args] = argv;
  const options = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: maxOutputBytes } as const;
  const child = execFile(program, args, options, (error, stdout, stderr) => {
    const code = error === null ? 0 : error.code === "ENOENT" ? 127 : typeof error.code === "number" ? error.code : -1;
    send(channel, { type: "result", id, code, stdout, stderr });
  });
  // A program that does not read its input is no failure.
  child.stdin?.on("error", () => {}).end(stdin);
}

async function serve(device: string): Promise<void> {
  // A virtio port can be opened once only: one descriptor for both directions.
  const channel = openSync(device, "r+");
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  send(channel, { type: "greeting", bootId });
  const buffer = Buffer.alloc(65_536);
  const decoder = new StringDecoder("utf8");
  let text = "";
  for (;;) {
    const { bytesRead } = await readSome(channel, buffer, 0, buffer.length, null);
    // The driver has gone.
    if (bytesRead === 0) return;
    text += decoder.write(buffer.subarray(0, bytesRead));
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line !== "") carryOut(channel, JSON.parse(line) as AgentRequest);
  }
}

void serve(process.argv[2] ?? "");
