import { StringDecoder } from "node:string_decoder";
import { createVt100Screen } from "./vt100-screen.ts";

/** A VT100 with UTF-8, fed with the bytes that come over its line. */
export interface Terminal {
  feed(bytes: Uint8Array): void;
  /** The screen, without the blanks at the end of each row. Throws when something came that no VT100 understands. */
  rows(): readonly string[];
}

const esc = "\x1b";
/** A sequence that is not complete yet. */
const unfinished = new RegExp(`${esc}(\\[[\\d;?]*|\\()?$`);
const cursorQuestion = `${esc}[6n`;

/** `answer` sends what the terminal says by itself: where its cursor stands, when it is asked. */
export function createTerminal(answer: (bytes: string) => void): Terminal {
  const screen = createVt100Screen();
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let failure: Error | null = null;

  const draw = (text: string) => {
    const [first = "", ...others] = text.split(cursorQuestion);
    screen.write(first);
    for (const after of others) {
      const { row, col } = screen.cursor();
      answer(`${esc}[${row + 1};${col + 1}R`);
      screen.write(after);
    }
  };
  return {
    feed: (bytes) => {
      const text = rest + decoder.write(Buffer.from(bytes));
      rest = unfinished.exec(text)?.[0] ?? "";
      try {
        draw(text.slice(0, text.length - rest.length));
      } catch (cause) {
        failure ??= new Error(`no VT100 understands ${JSON.stringify(text)}`, { cause });
      }
    },
    rows: () => {
      if (failure !== null) throw failure;
      return screen.rows();
    },
  };
}
