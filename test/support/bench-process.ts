import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

export const bundle = resolve(import.meta.dirname, "../../dist/bezel.cjs");

export interface ScreenDocument {
  readonly screen: string;
  readonly lines: readonly string[];
}

/** The built program's bench in a process of its own. */
export interface BenchProcess {
  readonly url: string;
  readonly socket: string;
  get<T>(path: string): Promise<T>;
  patch(change: object): Promise<void>;
  /** Resolves with the first screen that fits; rejects after `limitMs` with the last one seen. */
  screen(fits: (screen: ScreenDocument) => boolean, limitMs?: number): Promise<ScreenDocument>;
  stop(): Promise<void>;
}

export async function startBench(options: readonly string[] = []): Promise<BenchProcess> {
  const child = spawn(process.execPath, [bundle, "sim", "--headless", "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (part: Buffer) => {
    log = (log + part.toString()).slice(-20_000);
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line") as Promise<[string]>,
    once(child, "exit").then(() => Promise.reject(new Error(`the bench ended: ${log}`))),
  ]);
  const { url, socket } = JSON.parse(line) as { url: string; socket: string };

  const get = async <T>(path: string): Promise<T> => (await (await fetch(url + path)).json()) as T;
  return {
    url,
    socket,
    get,
    patch: async (change) => {
      const answer = await fetch(`${url}/api/v1/bench`, { method: "PATCH", body: JSON.stringify(change) });
      if (!answer.ok) throw new Error(`PATCH ${JSON.stringify(change)}: ${await answer.text()}`);
    },
    screen: async (fits, limitMs = 30_000) => {
      const endMs = Date.now() + limitMs;
      for (;;) {
        const screen = await get<ScreenDocument>("/api/v1/screen");
        if (fits(screen)) return screen;
        if (Date.now() > endMs) throw new Error(`still ${JSON.stringify(screen)}\n${log.slice(-2000)}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    stop: () => stopProcess(child),
  };
}

/** SIGTERM, and SIGKILL for one that does not listen. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(killer);
}
