import type { ConsolePort } from "../hal/console.ts";
import { createFakeClock, type FakeClock } from "../hal/mock/fake-clock.ts";
import type { Frame } from "../src/model/frame.ts";
import { createConsoleSession } from "../src/surfaces/console/session.ts";
import type { Figure, Row } from "./measure.ts";
import { typicalScenes } from "./screens.ts";

/** 9600 baud, 8 data bits, no parity, two stop bits: eleven bits a byte. */
const bytesPerSecond = Math.floor(9600 / 11);

const goals = { cell: 16, repaint: 400 } as const;
const oneCell = ["one digit changed", "cursor moved"];

/** Bytes to a serial console for typical changes of the screen. */
export async function measureConsole(): Promise<Figure> {
  const rows: Row[] = [];
  for (const charset of ["UTF-8", "ASCII"] as const) rows.push(...(await measureCharset(charset)));
  return {
    title: "Console: bytes of a screen change (VT100, 16x2)",
    notes: [
      `Pictures of the real panel through a real console session. A line at 9600 baud 8N2 carries ${bytesPerSecond} bytes a second.`,
      "Against: a full repaint for each change. Ratio: ours to it.",
    ],
    rows,
  };
}

async function measureCharset(charset: "UTF-8" | "ASCII"): Promise<readonly Row[]> {
  const scenes = await typicalScenes({ cols: 16, rows: 2 });
  const [first] = scenes;
  if (first === undefined) throw new Error("no scenes");
  const clock = createFakeClock();
  const terminal = createTerminal(clock, charset, first.frame);
  await terminal.type("\r");
  terminal.takeBytes();

  const rows: Row[] = [];
  let largest = 0;
  for (const { change, frame } of scenes) {
    await terminal.show(frame);
    const bytes = terminal.takeBytes();
    await terminal.type("\f");
    const repaint = terminal.takeBytes();
    largest = Math.max(largest, repaint);
    if (change === null) continue;
    const isCell = oneCell.includes(change);
    const ms = Math.round((bytes / bytesPerSecond) * 1000);
    rows.push({
      what: `${charset} ${change}`,
      ours: `${bytes} B, ${ms} ms`,
      against: `${repaint} B, ${Math.round((repaint / bytesPerSecond) * 1000)} ms`,
      ratio: (bytes / repaint).toFixed(2),
      goal: isCell ? `<= ${goals.cell} B` : "",
      met: isCell ? bytes <= goals.cell : null,
    });
  }
  rows.push({
    what: `${charset} full repaint (largest)`,
    ours: `${largest} B, ${Math.round((largest / bytesPerSecond) * 1000)} ms`,
    against: `${bytesPerSecond} B/s`,
    ratio: (largest / bytesPerSecond).toFixed(2),
    goal: `<= ${goals.repaint} B`,
    met: largest <= goals.repaint,
  });
  await terminal.close();
  return rows;
}

/** A person at a terminal that counts what it is sent. */
function createTerminal(clock: FakeClock, charset: "UTF-8" | "ASCII", firstFrame: Frame) {
  let frame = firstFrame;
  let bytes = 0;
  const typed: Uint8Array[] = [];
  let wanted: ((bytes: Uint8Array) => void) | null = null;
  const feed = (text: string) => {
    typed.push(new TextEncoder().encode(text));
    const next = wanted === null ? undefined : typed.shift();
    if (next !== undefined) wanted?.(next);
  };
  const port: ConsolePort = {
    device: "terminal",
    read: () =>
      new Promise((resolve) => {
        const next = typed.shift();
        if (next !== undefined) return resolve(next);
        wanted = (arrived) => {
          wanted = null;
          resolve(arrived);
        };
      }),
    write: async (sent) => {
      bytes += sent.length;
      // The session's question: where the cursor is after a character of two bytes.
      if (new TextDecoder().decode(sent).endsWith("\x1b[6n")) feed(charset === "UTF-8" ? "\x1b[1;2R" : "\x1b[1;3R");
    },
    close: async () => {},
  };
  const panel = {
    frame: () => frame,
    input: () => {},
    takesText: () => false,
    commits: () => false,
    busy: () => false,
    wake: () => {},
    mac: () => "02:00:00:00:00:01",
  };
  const session = createConsoleSession({ port, panel, clock });
  const ended = new AbortController();
  const running = session.run(ended.signal);

  return {
    type: async (text: string) => {
      feed(text);
      await clock.advance(0);
    },
    show: async (next: Frame) => {
      frame = next;
      session.show(next);
      await clock.advance(0);
    },
    takeBytes: () => {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    close: async () => {
      ended.abort();
      await clock.advance(0);
      await running;
    },
  };
}
