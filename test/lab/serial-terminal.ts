import { once } from "node:events";
import { constants, openSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { ReadStream } from "node:tty";
import { plugPty } from "../support/pty-pair.ts";
import { createVt100Screen } from "../support/vt100-screen.ts";

/** A VT100 with UTF-8 at the far end of a serial line. */
export interface SerialTerminal {
  /** The box's end of the line. */
  readonly device: string;
  /** Throws when something came that no VT100 understands. */
  rows(): readonly string[];
  send(bytes: string): Promise<void>;
  unplug(): Promise<void>;
}

const esc = "\x1b";
/** A sequence that is not complete yet. */
const unfinished = new RegExp(`${esc}(\\[[\\d;?]*|\\()?$`);
const cursorQuestion = `${esc}[6n`;

/** Needs socat. `device` becomes a name in `folder`, and with `.far` behind it that of the terminal's end. */
export async function plugTerminal(folder: string, device: string): Promise<SerialTerminal> {
  const line = await plugPty(folder, device);
  const far = new ReadStream(openSync(line.farEnd, constants.O_RDWR | constants.O_NOCTTY));
  const screen = createVt100Screen();
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let failure: Error | null = null;

  const draw = (text: string) => {
    const [first = "", ...others] = text.split(cursorQuestion);
    screen.write(first);
    for (const after of others) {
      const { row, col } = screen.cursor();
      void line.write(`${esc}[${row + 1};${col + 1}R`);
      screen.write(after);
    }
  };
  far.on("data", (part: Buffer) => {
    const text = rest + decoder.write(part);
    rest = unfinished.exec(text)?.[0] ?? "";
    try {
      draw(text.slice(0, text.length - rest.length));
    } catch (cause) {
      failure ??= new Error(`no VT100 understands ${JSON.stringify(text)}`, { cause });
    }
  });

  return {
    device: line.device,
    rows: () => {
      if (failure !== null) throw failure;
      return screen.rows();
    },
    send: (bytes) => line.write(bytes),
    unplug: async () => {
      const closed = once(far, "close");
      far.destroy();
      await closed;
      await line.unplug();
    },
  };
}
