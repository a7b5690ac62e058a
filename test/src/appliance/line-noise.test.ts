import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { staticIpv4, withLan } from "../panel/bench.ts";
import { consoleBench } from "./console-bench.ts";

// On this box ENTER alone leads from home to a last question, and answers it.
const facts = withLan(staticIpv4);
const down = "\x1b[B";

async function atQuestion() {
  const bench = await consoleBench(facts);
  await bench.press("\r", "\r", "\r", "\r");
  expect(bench.panel.frame().screen).toBe("confirm/dhcp-lan");
  return bench;
}

const byte = (min: number, max: number) => fc.integer({ min, max });
const bytes = (one: fc.Arbitrary<number>) =>
  fc
    .uint8Array({ maxLength: 400 })
    .chain((seeds) =>
      fc.array(one, { minLength: seeds.length, maxLength: seeds.length }).map((all) => Uint8Array.from(all)),
    );
const text = (lines: readonly string[]) =>
  fc.array(fc.constantFrom(...lines), { maxLength: 20 }).map((all) => new TextEncoder().encode(all.join("")));

/** What comes down a line that nobody types at. */
const noises: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  "any bytes": bytes(byte(0, 255)),
  "seven-bit bytes": bytes(byte(0, 127)),
  "an open line: breaks and ones": bytes(fc.constantFrom(0x00, 0xff, 0x00, 0xff, 0x80, 0xfe, 0x0d)),
  "a wrong baud rate": bytes(fc.constantFrom(0x00, 0x0d, 0x0a, 0x80, 0x86, 0x98, 0xe0, 0xf8, 0x1e, 0x66, 0x78, 0x7e)),
  "a bit that flips among line ends": bytes(fc.constantFrom(0x0d, 0x0d, 0x0d, 0x8d, 0x0f, 0x2d, 0x0a)),
  "a log-in prompt": text(["\r\n", "\r\n\r\n", "login: ", "Password: ", "\x07", "Login incorrect\r\n"]),
  "a modem": text(["\r\nRING\r\n", "\r\nNO CARRIER\r\n", "AT\r", "\r\nOK\r\n"]),
  "an echo of what we draw": text([
    "\x1b[H",
    "\r\n",
    "\x1b[2;3H",
    "S1[ ]",
    "\x1b[K",
    "\x0f\x1b(B\x1b[m\x1b[r\x1b[2J",
    "+--+",
  ]),
};

const piecesOf = (noise: fc.Arbitrary<Uint8Array>) =>
  fc.array(fc.tuple(noise, fc.constantFrom(0, 1, 20, 100, 600, 5000)), { minLength: 1, maxLength: 8 });

/** Sends pieces with pauses between, and tells whether anything was started. */
async function suffer(
  bench: Awaited<ReturnType<typeof consoleBench>>,
  pieces: readonly (readonly [Uint8Array, number])[],
): Promise<number> {
  for (const [piece, pauseMs] of pieces) {
    await bench.send(piece);
    await bench.clock.advance(pauseMs);
  }
  return bench.effects.length;
}

describe("noise on the line", { timeout: 60_000 }, () => {
  it.each(Object.entries(noises))("never answers a last question, once it has shown itself: %s", async (_, noise) => {
    await fc.assert(
      fc.asyncProperty(piecesOf(noise), async (pieces) => {
        const bench = await atQuestion();
        // The first NUL may belong to the CR before it.
        await bench.send("\0\0");
        expect(await suffer(bench, pieces)).toBe(0);
        await bench.stop();
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.entries(noises))("starts nothing from a console that it opens itself: %s", async (_, noise) => {
    await fc.assert(
      fc.asyncProperty(piecesOf(noise), async (pieces) => {
        const bench = await consoleBench(facts);
        await bench.send("\rxx");
        expect(await suffer(bench, pieces)).toBe(0);
        await bench.stop();
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, string]>([
    ["breaks", "\0\0\r"],
    ["a byte with the eighth bit set", "\xff  \r"],
    ["text that nothing takes", "ok\r"],
    ["a broken sequence", "\x1b[1\x03\r"],
  ])("ENTER behind %s starts nothing, until DOWN was pressed twice by hand", async (_, sent) => {
    const bench = await atQuestion();
    bench.take();
    await bench.send(Uint8Array.from(sent, (character) => character.charCodeAt(0)));
    await bench.press("\r", down, "\r");
    expect(bench.effects).toEqual([]);
    expect(bench.panel.frame().screen).toBe("confirm/dhcp-lan");
    expect(bench.take()).toContain("press DOWN twice, then ENTER");
    await bench.press(down, down, "\r");
    expect(bench.effects).toHaveLength(1);
    await bench.stop();
  });

  it.each<[string, readonly string[]]>([
    ["in one run", [`${down}${down}`]],
    ["once", [down]],
    ["as RIGHT, which TAB is too", ["\t", "\t"]],
    ["with noise between", [down, "\x01", down]],
  ])("arrow keys %s clear nothing", async (_, keys) => {
    const bench = await atQuestion();
    await bench.send("ok");
    await bench.press(...keys, "\r");
    expect(bench.effects).toEqual([]);
    await bench.stop();
  });

  it("a stray character by hand is none, but spoils an ENTER in one run with it", async () => {
    const bench = await atQuestion();
    await bench.press("y\r");
    expect(bench.effects).toEqual([]);
    await bench.press("y", "\r");
    expect(bench.effects).toHaveLength(1);
    await bench.stop();
  });

  it("in the menus ENTER does what it always does", async () => {
    const bench = await consoleBench(facts);
    await bench.press("\r", "x", "\r", "\r");
    expect(bench.panel.frame().screen).toBe("setup/dhcp-lan");
    await bench.stop();
  });

  it("a console without a sign of noise answers", async () => {
    const bench = await atQuestion();
    await bench.press("\x1bOP", "?", "\x11", "\r");
    expect(bench.effects).toHaveLength(1);
    await bench.stop();
  });
});
