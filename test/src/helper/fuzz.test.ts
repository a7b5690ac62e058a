import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect, done, good, say, serve } from "./peer.ts";

/** A client's behaviour: what it sends, in which pieces, and how it leaves. */
const json = fc.json({ maxDepth: 3 }).map((text) => `${text}\n`);
const nearlyValid = fc
  .record(
    {
      verb: fc.oneof(fc.constantFrom("link", "find-holder", "Link", "__proto__", "constructor"), fc.string()),
      port: fc.oneof(fc.constantFrom("lan", "wan", "lan0", "eth0", "../lan"), fc.string(), fc.integer()),
      mode: fc.oneof(fc.constantFrom("auto", "10/full", "1000/half", "auto; reboot"), fc.string()),
      vlan: fc.oneof(fc.integer({ min: -2, max: 5000 }), fc.double(), fc.string()),
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("10.0.0.1 -I eth0", "0x0a000001"), fc.string()),
      interface: fc.constantFrom("eth0", "lo"),
    },
    { requiredKeys: ["verb"] },
  )
  .map((request) => `${JSON.stringify(request)}\n`);
const behaviour = fc.record({
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 6000 }).map((bytes) => Buffer.from(bytes)),
    fc.oneof(json, nearlyValid, fc.constant(good), fc.string({ maxLength: 5000 })).map((text) => Buffer.from(text)),
  ),
  cuts: fc.array(fc.nat(6000), { maxLength: 4 }),
  leaves: fc.constantFrom("waits", "half-closes", "hangs up"),
});

/** What may be done: exactly the two verbs, about the two ports of the configuration. */
const allowed =
  /^((lan|wan)0 (auto|1000\/full|100?\/(full|half))|arping -D -c 2 -w 2 -I (lan0(\.\d{1,4})?|wan0) [\d.]{7,15})$/;

describe("a taken-over controller", () => {
  it("gets nothing done but valid requests, and the next good one is answered", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bezel-helper-"));
    const path = join(folder, "net.sock");
    const { machine, clock, stop } = await serve(path);
    await fc.assert(
      fc.asyncProperty(fc.array(behaviour, { minLength: 1, maxLength: 4 }), async (clients) => {
        const before = machine.done.length;
        const peers = await Promise.all(
          clients.map(async ({ bytes, cuts, leaves }) => {
            const { socket, heard } = await connect(path);
            let from = 0;
            for (const cut of [...cuts].sort((a, b) => a - b)) {
              socket.write(bytes.subarray(from, cut));
              from = Math.min(Math.max(from, cut), bytes.length);
              await new Promise((resolve) => setImmediate(resolve));
            }
            socket.write(bytes.subarray(from));
            if (leaves === "half-closes") socket.end();
            if (leaves === "hangs up") socket.destroy();
            // Not awaited here: it may come only with the time limit.
            return { heard };
          }),
        );
        let closed = false;
        const all = Promise.all(peers.map(({ heard }) => heard)).then(() => {
          closed = true;
        });
        while (!closed) {
          // Those that have not ended their line wait for the limit.
          if (clock.pending().includes("line")) await clock.advance(5000);
          else await new Promise((resolve) => setImmediate(resolve));
        }
        await all;
        expect(await say(path, good)).toBe(done);
        const news = machine.done.slice(before);
        expect(news.filter((line) => !allowed.test(line))).toEqual([]);
        expect(news.length).toBeLessThanOrEqual(clients.length + 1);
        expect(news.at(-1)).toBe("lan0 auto");
      }),
      { numRuns: 150 },
    );
    await stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);
});
