import type { KeyName } from "../../hal/keypad.ts";
import type { BenchPatch } from "../bench-document.ts";
import type { PageEvents } from "../page-protocol.ts";

/** Resolves with null, or with what the bench had against it. */
async function send(method: "POST" | "PATCH", path: string, body: unknown): Promise<string | null> {
  try {
    const response = await fetch(`api/v1/bench${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return null;
    const answer: unknown = await response.json();
    return (answer as { error?: { message?: string } }).error?.message ?? `status ${response.status}`;
  } catch {
    return "the bench does not answer";
  }
}

export const patchBench = (patch: BenchPatch) => send("PATCH", "", patch);
export const setKey = (key: KeyName, down: boolean) => send("POST", "/panel", { key, down });
export const setPower = (action: "cut" | "restore" | "button") => send("POST", "/power", { action });
export const orderJob = (order: "scan" | "update", seconds: number) => send("POST", "/jobs", { order, seconds });
export const cancelJobs = () => send("POST", "/jobs", { cancel: true });
export const typeOnConsole = (input: string) => send("POST", "/console", { input });
export const plugConsole = (plugged: boolean) => send("POST", "/console", { plugged });

type Listeners = { readonly [Name in keyof PageEvents]: (data: PageEvents[Name]) => void };

/** Follows the bench; the browser reconnects by itself. */
export function follow(listeners: Listeners, live: (connected: boolean) => void): void {
  const stream = new EventSource("api/v1/bench/stream");
  stream.addEventListener("open", () => live(true));
  stream.addEventListener("error", () => live(false));
  for (const name of Object.keys(listeners) as (keyof PageEvents)[]) {
    const listener = listeners[name] as (data: unknown) => void;
    stream.addEventListener(name, (event: MessageEvent<string>) => listener(JSON.parse(event.data)));
  }
}
