import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { streamEvents } from "../../../src/control/event-stream.ts";

/** A response whose reader can be made slow. */
function bench() {
  const clock = createFakeClock();
  const written: string[] = [];
  let keepsUp = true;
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    writeHead: () => {},
    write: (text: string) => {
      written.push(text);
      return keepsUp;
    },
    destroy: () => response.emit("close"),
  });
  const listeners = new Set<() => void>();
  let state = { screen: 0, status: 0 };
  const feed = {
    current: () => Object.entries(state).map(([name, data]) => ({ name, data })),
    subscribe: (changed: () => void) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
  streamEvents(feed, response as unknown as ServerResponse, clock);
  return {
    clock,
    response,
    listeners,
    set: (change: Partial<typeof state>) => {
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    stall: () => {
      keepsUp = false;
    },
    drain: () => {
      keepsUp = true;
      response.emit("drain");
    },
    take: () => written.splice(0),
  };
}

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

describe("an event stream", () => {
  it("begins with the current state, then sends only what changed", () => {
    const { take, set } = bench();
    expect(take()).toEqual([event("screen", 0), event("status", 0)]);
    set({ screen: 1 });
    set({ screen: 1 });
    expect(take()).toEqual([event("screen", 1)]);
  });

  it("skips to the newest for a reader that fell behind", () => {
    const { take, set, stall, drain } = bench();
    take();
    stall();
    set({ screen: 1 });
    for (let screen = 2; screen <= 1000; screen++) set({ screen, status: screen });
    expect(take()).toEqual([event("screen", 1)]);
    drain();
    expect(take()).toEqual([event("screen", 1000), event("status", 1000)]);
  });

  it("beats every 15 s", async () => {
    const { take, clock } = bench();
    take();
    await clock.advance(45_000);
    expect(take()).toEqual([": alive\n\n", ": alive\n\n", ": alive\n\n"]);
  });

  it("cuts off a reader that takes nothing any more", async () => {
    const { set, stall, clock, listeners } = bench();
    stall();
    set({ screen: 1 });
    await clock.advance(15_000);
    expect(listeners.size).toBe(1);
    await clock.advance(15_000);
    expect(listeners.size).toBe(0);
    expect(clock.pending()).toEqual([]);
  });

  it("writes nothing to a connection that is being torn down", () => {
    const { response, take, set } = bench();
    take();
    response.destroyed = true;
    set({ screen: 1 });
    expect(take()).toEqual([]);
  });

  it("leaves nothing behind when the reader goes", () => {
    const { response, clock, listeners } = bench();
    response.emit("close");
    expect(listeners.size).toBe(0);
    expect(clock.pending()).toEqual([]);
  });
});
