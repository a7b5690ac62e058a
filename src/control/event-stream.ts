import type { ServerResponse } from "node:http";
import type { Clock, Stop } from "../../hal/clock.ts";
import type { EventFeed } from "./api.ts";

/** A comment line that keeps the connection from looking dead. */
const heartbeatMs = 15_000;

/**
 * Sends server-sent events: the current state first, then each change. Nothing is queued for a reader that does not keep
 * up: once it has drained it gets the newest state. One that takes nothing for two heartbeats is cut off.
 */
export function streamEvents(feed: EventFeed, response: ServerResponse, clock: Clock): void {
  const sent = new Map<string, string>();
  let blocked = false;
  let missedBeats = 0;
  let stopBeat: Stop = () => {};

  const send = (text: string) => {
    if (!response.write(text)) blocked = true;
  };
  const flush = () => {
    // Between the loss of a connection and its "close" a write would be an error.
    if (blocked || response.destroyed) return;
    for (const { name, data } of feed.current()) {
      const text = JSON.stringify(data);
      if (sent.get(name) === text) continue;
      sent.set(name, text);
      send(`event: ${name}\ndata: ${text}\n\n`);
    }
  };
  const beat = () => {
    if (response.destroyed) return;
    if (blocked) {
      missedBeats += 1;
      if (missedBeats >= 2) {
        response.destroy();
        return;
      }
    } else {
      send(": alive\n\n");
    }
    stopBeat = clock.after("event stream", heartbeatMs, beat);
  };

  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const unsubscribe = feed.subscribe(flush);
  response.on("drain", () => {
    blocked = false;
    missedBeats = 0;
    flush();
  });
  response.on("close", () => {
    unsubscribe();
    stopBeat();
  });
  flush();
  stopBeat = clock.after("event stream", heartbeatMs, beat);
}
