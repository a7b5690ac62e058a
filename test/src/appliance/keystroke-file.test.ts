import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bareFacts, homeFacts, staticIpv4, withLan } from "../panel/bench.ts";
import { byteMs, consoleBench } from "./console-bench.ts";

const [down, right] = ["\x1b[B", "\x1b[C"];
const address = "10.77.0.30\r\r10.77.0.1\r10.77.0.2\r10.77.0.3\r\r\rlab.example\r";

/** The whole set-up of a static address, from a silent console to the last question's answer. */
const file = `\r\r\r${down}${down}\r\r${address}\r`;

const wanted = {
  method: "static",
  address: "10.77.0.30",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.2", "10.77.0.3"],
  wins: [],
  domain: "lab.example",
};

type Bench = Awaited<ReturnType<typeof consoleBench>>;
const lanOf = ({ effects }: Bench) =>
  effects.map((effect) => (effect.type === "change-settings" ? effect.settings.lan.ipv4 : effect.type));

describe("a file of keystrokes", { timeout: 60_000 }, () => {
  it("works in one piece, on a console that nobody has opened yet", async () => {
    const bench = await consoleBench(bareFacts);
    await bench.send(file);
    expect(lanOf(bench)).toEqual([wanted]);
    await bench.stop();
  });

  it.each([
    ["LF", file.replaceAll("\r", "\n")],
    ["CR LF", file.replaceAll("\r", "\r\n")],
  ])("works with %s at the end of its lines", async (_, text) => {
    const bench = await consoleBench(bareFacts);
    await bench.send(text);
    expect(lanOf(bench)).toEqual([wanted]);
    await bench.stop();
  });

  it("works when the display is dark", async () => {
    const bench = await consoleBench(bareFacts, { blankMs: 60_000 });
    await bench.clock.advance(100_000);
    expect(bench.panel.frame().blank).toBe(true);
    await bench.send(file);
    expect(lanOf(bench)).toEqual([wanted]);
    await bench.stop();
  });

  it("works when Ctrl-L begins it on an open console with a dark display", async () => {
    const bench = await consoleBench(bareFacts, { blankMs: 60_000 });
    await bench.press("\r");
    await bench.clock.advance(100_000);
    await bench.send(`\x0c${file.slice(1)}`);
    expect(lanOf(bench)).toEqual([wanted]);
    await bench.stop();
  });

  it("works at the speed of the line, however it is cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 64 }), fc.constantFrom(0, 0, 0, 16, 120, 400)), { minLength: 1 }),
        async (cuts) => {
          const bench = await consoleBench(bareFacts);
          let sent = 0;
          for (let piece = 0; sent < file.length; piece += 1) {
            const [length, pauseMs] = cuts[piece % cuts.length] ?? [1, 0];
            // Within an arrow key no terminal server pauses so long that it is given up.
            const end = file.slice(0, sent + length);
            const isTorn = end.endsWith("\x1b") || end.endsWith("\x1b[");
            await bench.send(file.slice(sent, sent + length));
            await bench.clock.advance(length * byteMs + (isTorn ? 0 : pauseMs));
            sent += length;
          }
          expect(lanOf(bench)).toEqual([wanted]);
          await bench.stop();
        },
      ),
      { numRuns: 30 },
    );
  });

  it("that goes on behind its last answer is dropped from there, which the console says", async () => {
    const bench = await consoleBench(bareFacts);
    await bench.send(`${file}\r\r${down}\r\r`);
    expect(bench.panel.frame().screen).toBe("progress/static-lan");
    // The picture waits for the terminal's answer about its character set.
    await bench.clock.advance(300);
    expect(bench.take()).toContain("dropped");
    bench.facts.set({ progress: null });
    await bench.send("\r\r");
    expect(bench.panel.frame().screen).toBe("home");
    expect(bench.effects).toHaveLength(1);
    await bench.clock.advance(500);
    await bench.press("\r");
    expect(bench.panel.frame().screen).toBe("main/setup-network");
    await bench.stop();
  });

  it("opens the password, and says nothing of it on the line", async () => {
    const bench = await consoleBench(homeFacts);
    await bench.press("\r", "\r", "\r");
    while (bench.panel.frame().screen !== "setup/proxy") await bench.press(down);
    bench.take();
    await bench.send("\r\r\x15proxy.example\r3128\rcorp\\anna\r~!{}|^`[]:' ;\r");
    expect(bench.panel.frame().screen).toBe("proxy/password/refused");
    await bench.press("\r", "\r");
    await bench.send("\x15~!{}|^`[]:';\r");
    expect(bench.panel.frame().screen).toBe("confirm/proxy");
    expect(bench.take()).not.toContain("~!");
    await bench.press("\r");
    expect(bench.effects).toHaveLength(1);
    await bench.stop();
  });
});

describe("a paste", () => {
  const opened = async (options: { blankMs?: number } = {}) => {
    const bench = await consoleBench(withLan(staticIpv4), options);
    await bench.press("\r", "\r", "\r", down, down, "\r", "\r");
    expect(bench.panel.frame().screen).toBe("lan-static/address");
    return bench;
  };
  const words = ({ panel }: Bench) =>
    panel
      .frame()
      .lines.join(" ")
      .replace(/[←→↑↓↵↔↕ ]+/g, " ")
      .trim();

  it("onto a dark display loses nothing", async () => {
    const bench = await opened({ blankMs: 60_000 });
    await bench.clock.advance(100_000);
    expect(bench.panel.frame()).toMatchObject({ screen: "lan-static/address", blank: true });
    await bench.send("10.77.0.99\r");
    expect(bench.panel.frame()).toMatchObject({ screen: "lan-static/netmask", blank: false });
    await bench.press("\r", "\r", "\r", "\r", "\r", "\r", "\r", "\r");
    expect(lanOf(bench)).toMatchObject([{ address: "10.77.0.99" }]);
    await bench.stop();
  });

  it("over a longer value leaves nothing of it", async () => {
    const bench = await opened();
    await bench.press(...new Array<string>(7).fill("\r"));
    await bench.send("lab\r");
    await bench.press("\r");
    expect(lanOf(bench)).toMatchObject([{ domain: "lab" }]);
    await bench.stop();
  });

  it("loses nothing that fits, and says what it refused", async () => {
    const bench = await opened();
    await bench.press(...new Array<string>(7).fill("\r"));
    await bench.send("\x15my/do main.example");
    expect(bench.panel.frame().screen).toBe("lan-static/domain/refused");
    expect(words(bench)).toBe("/ is not allowed here");
    // The first comes too soon after the run to be told from it.
    await bench.press(right, right);
    expect(words(bench)).toBe("DOMAIN NAME do main.example");
    await bench.stop();
  });

  it("of any length fills the field to its end", async () => {
    const bench = await opened();
    await bench.press(...new Array<string>(7).fill("\r"));
    await bench.send(`\x15${"abcdefgh".repeat(500)}`);
    expect(words(bench)).toBe("At most 32 characters");
    await bench.press(right, right);
    expect(words(bench)).toBe("DOMAIN NAME abcdefghabcdefgh");
    await bench.press("\r");
    expect(bench.panel.frame().screen).toBe("confirm/static-lan");
    await bench.stop();
  });

  it("that is refused in the middle never reaches another field, nor the last question", async () => {
    const bench = await opened();
    await bench.send(`10.77.0.300\r\r10.77.0.1\r10.77.0.2\r\r\r\r\r\r`);
    expect(bench.panel.frame().screen).toBe("lan-static/address/refused");
    expect(words(bench)).toBe("Number 4 is more than 255");
    expect(bench.take()).toContain("what came after it was dropped");
    await bench.clock.advance(400);
    await bench.send("\r\r\r");
    expect(bench.panel.frame().screen).toBe("lan-static/address/refused");
    await bench.clock.advance(600);
    await bench.send("\r\x1510.77.0.31\r\r\r\r\r\r\r\r");
    expect(bench.panel.frame().screen).toBe("confirm/static-lan");
    expect(bench.effects).toEqual([]);
    await bench.press("\r");
    expect(lanOf(bench)).toEqual([{ ...staticIpv4, address: "10.77.0.31" }]);
    await bench.stop();
  });

  it("a slip of the finger makes nothing doubtful", async () => {
    const bench = await opened();
    await bench.press(..."10.77.x0.31", "\r", "\r", "\r", "\r", "\r", "\r", "\r", "\r", "\r");
    expect(lanOf(bench)).toEqual([{ ...staticIpv4, address: "10.77.0.31" }]);
    await bench.stop();
  });
});
