import { describe, expect, it } from "vitest";
import type { TerminalSize } from "../../../../hal/console.ts";
import { createConsolePair } from "../../../../hal/mock/console-pair.ts";
import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import type { Frame } from "../../../../src/model/frame.ts";
import type { PanelInput } from "../../../../src/model/key.ts";
import { createConsoleSession } from "../../../../src/surfaces/console/session.ts";
import { someFrame } from "../../../support/some-frames.ts";
import { createVt100Screen } from "../../../support/vt100-screen.ts";

const device = "/dev/ttyUSB0";
const probe = "\x1b[H°\x1b[6n";
const home = someFrame(["is_bezel       ↵", "10.77.0.20     P"]);
const menu = someFrame(["SETUP        ↑↓↵", "NETWORK         "]);

interface Line {
  readonly header?: readonly string[];
  readonly size?: () => TerminalSize;
  readonly readBytes?: number;
}

async function open({ header, size = () => ({ cols: 80, rows: 24 }), readBytes = 4096 }: Line = {}) {
  const clock = createFakeClock();
  const pair = createConsolePair({ readBytes });
  pair.plug(device);
  const port = await pair.open(device, { baud: 9600, stopBits: 2 });
  const inputs: PanelInput[] = [];
  const wakes: string[] = [];
  const panel = {
    frame: home as Frame,
    takesText: false,
    commits: false,
    busy: false,
    mac: "52:54:00:12:34:56" as string | null,
  };
  const session = createConsoleSession({
    port: header === undefined ? port : { ...port, attended: { header, size } },
    clock,
    panel: {
      frame: () => panel.frame,
      input: (input) => inputs.push(input),
      takesText: () => panel.takesText,
      commits: () => panel.commits,
      busy: () => panel.busy,
      wake: () => wakes.push(panel.frame.screen),
      mac: () => panel.mac,
    },
  });
  const stop = new AbortController();
  const done = session.run(stop.signal).then(
    () => "ended",
    (error: Error) => error.message,
  );
  const peer = pair.peer(device);
  const screen = createVt100Screen();
  const type = async (text: string | Uint8Array) => {
    peer.write(text);
    await clock.advance(0);
  };
  /** Lets the terminal draw what was sent; the probe is not for the model. */
  const drawn = () => {
    screen.write(peer.take().replace(probe, ""));
    return screen.rows();
  };
  return { clock, pair, peer, panel, session, inputs, wakes, type, screen, look: drawn, stop, done };
}

/** An open console, its first ENTER pressed, on a terminal that speaks UTF-8. */
async function painted() {
  const bench = await open();
  await bench.type("\r");
  await bench.type("\x1b[1;2R");
  bench.look();
  return bench;
}

describe("a serial console", () => {
  it("prints nothing before the first ENTER, whatever is typed", async () => {
    const { clock, peer, inputs, session, type } = await open();
    await type("hello\x1b[A\x0c?");
    session.show(menu);
    await clock.advance(10_000);
    expect(peer.take()).toBe("");
    expect(inputs).toEqual([]);
  });

  it("shows the panel and the MAC address at the first ENTER, which the panel never sees", async () => {
    const { peer, inputs, type, look } = await open();
    await type("\r\n");
    expect(peer.take()).toBe(probe);
    await type("\x1b[1;2R");
    expect(look().slice(0, 7)).toEqual([
      "┌────────────────┐",
      "│is_bezel       ↵│  S1[ ] S2[ ] S3[ ]",
      "│10.77.0.20     P│",
      "└────────────────┘",
      "Arrow keys move, ENTER confirms, ? shows the keys",
      "MAC address 52:54:00:12:34:56",
      "",
    ]);
    expect(inputs).toEqual([]);
  });

  it("draws with ASCII when two columns are reported", async () => {
    const { type, look } = await open();
    await type("\r");
    await type("\x1b[1;3R");
    expect(look()[1]).toBe("|is_bezel       E|  S1[ ] S2[ ] S3[ ]");
  });

  it("draws with ASCII when no answer comes in 300 ms, and anew with UTF-8 at a late one", async () => {
    const { clock, type, look, inputs } = await open();
    await type("\r");
    await clock.advance(299);
    expect(look()[0]).not.toContain("+");
    await clock.advance(1);
    expect(look()[0]).toBe("+----------------+");
    await type("\x1b[1;2R");
    expect(look()[1]).toBe("│is_bezel       ↵│  S1[ ] S2[ ] S3[ ]");
    // xterm's Shift-F3 and Ctrl-F3 look like reports.
    await type("\x1b[1;5R");
    expect(look()[0]).toBe("┌────────────────┐");
    expect(inputs).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it("leaves the MAC address out until it is known", async () => {
    const { clock, panel, session, type, look } = await open();
    const { mac } = panel;
    panel.mac = null;
    await type("\r");
    await type("\x1b[1;2R");
    expect(look().slice(4, 6)).toEqual(["Arrow keys move, ENTER confirms, ? shows the keys", ""]);
    panel.mac = mac;
    session.show(home);
    await clock.advance(0);
    expect(look()[5]).toBe(`MAC address ${mac}`);
  });

  it("answers no question by a second ENTER before it can be seen", async () => {
    const { panel, inputs, type } = await open();
    panel.commits = true;
    await type("\r");
    await type("\r\x1b[B");
    await type("\x1b[1;2R");
    await type("\r");
    expect(inputs).toEqual([
      { type: "key", key: "DOWN", repeat: 0 },
      { type: "key", key: "ENTER", repeat: 0 },
    ]);
  });

  it("hands on keys and characters, torn apart as they may be", async () => {
    const { panel, inputs, type } = await painted();
    panel.takesText = true;
    await type("\x1b");
    await type("[");
    await type("A");
    await type("x\x7f\x15");
    expect(inputs).toEqual([
      { type: "key", key: "UP", repeat: 0 },
      { type: "character", character: "x", pasted: true },
      { type: "erase" },
      { type: "key", key: "LEFT+RIGHT", repeat: 0 },
    ]);
  });

  it("forgets a lone ESC after half a second", async () => {
    const { clock, panel, inputs, type } = await painted();
    panel.takesText = true;
    await type("\x1b");
    await clock.advance(500);
    await type("A");
    expect(inputs).toEqual([{ type: "character", character: "A" }]);
    expect(clock.pending()).toEqual([]);
  });

  it("draws a new frame with a few bytes", async () => {
    const { clock, peer, session, screen } = await painted();
    session.show(someFrame(["is_bezel       ↵", "10.77.0.21     P"]));
    await clock.advance(0);
    const sent = peer.take();
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(16);
    screen.write(sent);
    expect(screen.rows()[2]).toBe("│10.77.0.21     P│");
  });

  it("paints everything again at Ctrl-L", async () => {
    const { type, screen, look, wakes } = await painted();
    const before = screen.rows();
    screen.write("\x1b[2J\x1b[Hnoise");
    await type("\x0c");
    expect(look()).toEqual(before);
    expect(wakes).toHaveLength(2);
  });

  it("shows and hides the keys at ? where that is no character", async () => {
    const { inputs, panel, type, look } = await painted();
    await type("?");
    expect(look()[6]).toContain("UP, DOWN");
    await type("?");
    expect(look()[6]).toBe("");
    expect(inputs).toEqual([]);
    panel.takesText = true;
    await type("?");
    expect(look()[6]).toBe("");
    expect(inputs).toEqual([{ type: "character", character: "?" }]);
  });

  it("keeps one write under way on a stuck line, goes on reading, and then draws the newest frame only", async () => {
    const { clock, peer, session, inputs, type, screen } = await painted();
    peer.hold(true);
    session.show(menu);
    await clock.advance(0);
    for (const mark of "abcdefghij") {
      session.show(someFrame([`SETUP        ↑↓${mark}`, "NETWORK         "]));
      await type("\x1b[B");
    }
    expect(inputs).toHaveLength(10);
    expect(peer.take()).toBe("");
    peer.hold(false);
    await clock.advance(0);
    const sent = peer.take();
    expect(sent.match(/[a-j]/g)).toEqual(["j"]);
    screen.write(sent);
    expect(screen.rows()[1]).toBe("│SETUP        ↑↓j│  S1[ ] S2[ ] S3[ ]");
  });

  it("ends a stuck write when it is told to end", async () => {
    const { clock, peer, session, stop, done } = await painted();
    peer.hold(true);
    session.show(menu);
    await clock.advance(0);
    stop.abort();
    await clock.advance(1000);
    expect(await done).toBe("ended");
    expect(clock.pending()).toEqual([]);
  });

  it("draws the last frame before it ends", async () => {
    const { clock, screen, session, peer, stop, done } = await painted();
    session.show(menu);
    stop.abort();
    expect(await done).toBe("ended");
    screen.write(peer.take());
    expect(screen.rows()[1]).toContain("SETUP");
    expect(clock.pending()).toEqual([]);
  });

  it("ends silently when nobody has pressed ENTER", async () => {
    const { clock, peer, stop, done } = await open();
    stop.abort();
    expect(await done).toBe("ended");
    expect(peer.take()).toBe("");
    expect(clock.pending()).toEqual([]);
  });

  it("ends while it asks for the character set", async () => {
    const { clock, peer, type, stop, done } = await open();
    await type("\r");
    stop.abort();
    expect(await done).toBe("ended");
    expect(peer.take()).toBe(probe);
    expect(clock.pending()).toEqual([]);
  });

  it("fails when the line hangs up, also while it asks for the character set", async () => {
    const seen = await painted();
    seen.pair.unplug(device);
    expect(await seen.done).toContain("closed");
    const asking = await open();
    await asking.type("\r");
    asking.pair.unplug(device);
    expect(await asking.done).toContain("closed");
    await asking.clock.advance(0);
    expect(asking.clock.pending()).toEqual([]);
  });

  it("reads byte by byte as well", async () => {
    const { type, inputs, look } = await open({ readBytes: 1 });
    await type("\r");
    await type("\x1b[1;2R");
    await type("\x1b[B\r\n");
    expect(look()[0]).toContain("┌");
    expect(inputs.map((input) => (input.type === "key" ? input.key : input.type))).toEqual(["DOWN", "ENTER"]);
  });
});

describe("an attended terminal", () => {
  it("shows the panel at once, below its header", async () => {
    const { type, look } = await open({ header: ["http://127.0.0.1:8080", ""] });
    await type("\x1b[1;2R");
    const rows = look();
    expect(rows[0]).toBe("http://127.0.0.1:8080");
    expect(rows[3]).toContain("│is_bezel       ↵│");
    expect(rows[7]).toBe("MAC address 52:54:00:12:34:56");
  });

  it("is drawn for the size that it has, also after a resize", async () => {
    let size = { cols: 80, rows: 7 };
    const { type, look } = await open({ header: ["http://127.0.0.1:8080", ""], size: () => size });
    await type("\x1b[1;2R");
    expect(look().slice(6, 8)).toEqual(["Arrow keys move, ENTER confirms, ? shows the keys", ""]);
    size = { cols: 20, rows: 4 };
    await type("\x0c");
    expect(look().slice(0, 5)).toEqual([
      "┌────────────────┐",
      "│is_bezel       ↵│",
      "│10.77.0.20     P│",
      "└────────────────┘",
      "",
    ]);
  });
});
