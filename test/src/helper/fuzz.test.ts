import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect, done, good, say, serve } from "./peer.ts";

/** A client's behaviour: what it sends, in which pieces, and how it leaves. */
const json = fc.json({ maxDepth: 3 }).map((text) => `${text}\n`);
const port = fc.constantFrom("lan", "wan");
const link = fc.record({ verb: fc.constant("link"), port, mode: fc.constantFrom("auto", "10/full") });
const probe = fc.record({
  verb: fc.constant("find-holder"),
  port,
  vlan: fc.constantFrom(0, 1, 4094),
  address: fc.ipV4(),
});
const question = fc.record({
  verb: fc.constant("ask-wins"),
  port,
  vlan: fc.constantFrom(0, 1, 4094),
  address: fc.ipV4(),
  prefixLength: fc.integer({ min: 1, max: 32 }),
});
const strangeVerb = fc.record({ verb: fc.oneof(fc.constantFrom("Link", "constructor", "__proto__"), fc.string()) });
const strangePort = fc.record({
  port: fc.oneof(fc.constantFrom("lan0", "eth0", "../lan", "lan ", ["lan"], "__proto__"), fc.string()),
});
const strangeMode = fc.record({ mode: fc.oneof(fc.constantFrom("1000/half", "auto; reboot", ["auto"]), fc.string()) });
const strangeVlan = fc.record({ vlan: fc.constantFrom(-1, 4095, 9999, 1.5, "1", "0 -I eth0", [1]) });
const strangeAddress = fc.record({
  address: fc.oneof(fc.ipV6(), fc.constantFrom("10.0.0.1 -I eth0", "0x0a000001", "10.1", "224.0.0.1"), fc.string()),
});
const networks = fc.array(fc.constantFrom("10.9.0.0/16", "192.0.2.0/24", "0.0.0.0/0", "203.0.113.7/32"), {
  maxLength: 3,
});
const separation = fc.record({
  verb: fc.constant("separate"),
  port: fc.constant("wan"),
  on: fc.boolean(),
  scanByWan: networks,
});
const strangeNetworks = fc.record({
  scanByWan: fc.oneof(
    fc.array(fc.oneof(fc.constantFrom("10.9.0.1/16", "10.9.0.0/16 }", "10.9.0.0/16\n", "::/0", 7), fc.string()), {
      minLength: 1,
    }),
    fc.constantFrom("10.9.0.0/16", null, Array(100).fill("10.9.0.0/16")),
  ),
});
const strangeLength = fc.record({ prefixLength: fc.constantFrom(-1, 0, 33, 1.5, "24", "24 --release", [24]) });
const strangeKey = fc.record({ interface: fc.constantFrom("eth0", "lo") });
/** A valid request, and mostly with one thing about it changed. */
const nearlyValid = fc
  .oneof(
    fc.tuple(link, fc.oneof(fc.constant({}), strangeVerb, strangePort, strangeMode, strangeKey)),
    fc.tuple(probe, fc.oneof(fc.constant({}), strangeVlan, strangePort, strangeAddress, strangeKey)),
    fc.tuple(separation, fc.oneof(fc.constant({}), strangePort, strangeNetworks, strangeKey)),
    fc.tuple(question, fc.oneof(fc.constant({}), strangeVlan, strangePort, strangeAddress, strangeLength, strangeKey)),
  )
  .map(([request, change]) => `${JSON.stringify({ ...request, ...change })}\n`);
const behaviour = fc.record({
  bytes: fc.oneof(
    { weight: 4, arbitrary: nearlyValid.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.oneof(json, fc.string({ maxLength: 5000 })).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6000 }).map((bytes) => Buffer.from(bytes)) },
  ),
  cuts: fc.array(fc.nat(6000), { maxLength: 4 }),
  leaves: fc.constantFrom("waits", "half-closes", "hangs up"),
});

const linkOrder = /^(lan|wan)0 (auto|1000\/full|100?\/(full|half))$/;
const probeOrder = /^arping -D -c 2 -w 2 -I (?:lan0(?:\.(\d+))?|wan0) (\d+)\.\d+\.\d+\.\d+$/;
const questionOrder =
  /^dhcpcd --test .* --inform=(\d+)\.\d+\.\d+\.\d+\/(?:[1-9]|[12]\d|3[0-2]) .* --script=\/usr\/bin\/env (?:lan0(?:\.(\d+))?|wan0)$/;

const ruleQuestion = /^ip -N -json -[46] rule show$/;
const ruleOrder =
  /^ip -N -json -[46] -batch - rule add priority 1001 uidrange 990-990 prohibit\n(rule add priority 1000 uidrange 990-990 lookup 100\n)?$/;
const member = "\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+";
const filterOrder = new RegExp(
  "^nft -f - flush set inet bezel management_ports\n" +
    'add element inet bezel management_ports \\{ ("wan0"|"lan0", "lan0\\.\\*") \\}\n' +
    "flush set inet bezel scan_by_wan\n" +
    `(add element inet bezel scan_by_wan \\{ ${member}(, ${member}){0,98} \\}\n)?$`,
);

/** What may be done: exactly the verbs, about the two ports of the configuration. */
function isAllowed(line: string): boolean {
  if (line === "id -u bezel" || [ruleQuestion, ruleOrder, filterOrder].some((form) => form.test(line))) return true;
  const [, asked = "", tag = "1"] = questionOrder.exec(line) ?? [];
  const [, vlan = tag, octet = asked] = probeOrder.exec(line) ?? [];
  const host = Number(octet) >= 1 && Number(octet) <= 223 && octet !== "127";
  return linkOrder.test(line) || (host && Number(vlan) >= 1 && Number(vlan) <= 4094);
}

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
        expect(news.filter((line) => !isAllowed(line))).toEqual([]);
        // A separation that nobody waits for any more may go on beside it, on the other port.
        const separating = /^(id|ip|nft) /;
        const others = news.filter((line) => !separating.test(line));
        const separations = news.filter((line) => line === "ip -N -json -4 rule show");
        expect(others.length + separations.length).toBeLessThanOrEqual(clients.length + 1);
        expect(others.at(-1)).toBe("lan0 auto");
      }),
      { numRuns: 200 },
    );
    await stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);
});
