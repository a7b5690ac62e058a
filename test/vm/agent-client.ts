import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { AgentMessage, AgentRequest, CommandResult } from "./agent-protocol.ts";

export interface RunOptions {
  readonly stdin?: string;
  /** By default a minute: an emulated machine is slow. */
  readonly timeoutMs?: number;
}

/** Commands in the guest, as root. */
export interface Agent {
  /** Resolves with the boot's identifier when the guest has started, or started anew since `before`. */
  booted(limitMs: number, before?: string): Promise<string>;
  /** Runs a program. Rejects when the guest does not answer or restarts meanwhile. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<CommandResult>;
  /** The standard output of a program that succeeds, without the line end. Rejects with what it said when it fails. */
  read(...argv: readonly [string, ...string[]]): Promise<string>;
}

const defaultTimeoutMs = 60_000;
/** What the way there and back may take beyond the command's own time. */
const graceMs = 30_000;

interface Waiting {
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
}

export function createAgent(channel: Socket): Agent {
  const decoder = new StringDecoder("utf8");
  const waiting = new Map<number, Waiting>();
  const onBoot = new Set<() => void>();
  let bootId: string | null = null;
  let text = "";
  let requests = 0;

  const abandon = (reason: string) => {
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  };
  const take = (message: AgentMessage) => {
    if (message.type === "result") {
      waiting.get(message.id)?.resolve(message);
      waiting.delete(message.id);
      return;
    }
    abandon("the guest has restarted");
    bootId = message.bootId;
    for (const tell of onBoot) tell();
  };
  channel.on("data", (bytes: Buffer) => {
    text += decoder.write(bytes);
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const message = parse(line);
      if (message !== null) take(message);
    }
  });
  channel.on("close", () => abandon("the guest has no power"));

  const run: Agent["run"] = async (argv, { stdin = "", timeoutMs = defaultTimeoutMs } = {}) => {
    if (channel.destroyed) throw new Error("the guest has no power");
    requests += 1;
    const request: AgentRequest = { id: requests, argv, stdin, timeoutMs };
    const answer = new Promise<CommandResult>((resolve, reject) => waiting.set(request.id, { resolve, reject }));
    channel.write(`${JSON.stringify(request)}\n`);
    return within(answer, timeoutMs + graceMs, `the guest did not answer to ${argv.join(" ")}`).finally(() =>
      waiting.delete(request.id),
    );
  };

  return {
    run,
    read: async (...argv) => {
      const { code, stdout, stderr } = await run(argv);
      if (code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}: ${stderr}${stdout}`);
      return stdout.trimEnd();
    },
    booted: (limitMs, before) => {
      let look = () => {};
      const greeted = new Promise<string>((resolve) => {
        look = () => {
          if (bootId !== null && bootId !== before) resolve(bootId);
        };
        onBoot.add(look);
        look();
      });
      return within(greeted, limitMs, "the guest has not booted").finally(() => onBoot.delete(look));
    },
  };
}

/** null for what a restart has cut off. */
function parse(line: string): AgentMessage | null {
  try {
    return JSON.parse(line) as AgentMessage;
  } catch {
    return null;
  }
}

/** Rejects with `complaint` when it takes longer. */
export async function within<T>(promise: Promise<T>, limitMs: number, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} within ${Math.round(limitMs / 1000)} s`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
