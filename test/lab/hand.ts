import type { Box } from "./box.ts";
import type { SerialTerminal } from "./serial-terminal.ts";
import { until } from "./until.ts";

/** Somebody at the appliance: sees the glass and presses keys. */
export interface Hand {
  press(...keys: readonly Key[]): Promise<void>;
  /** Fills in the address field that is open, and confirms it. */
  enterAddress(address: string): Promise<void>;
  /** Clears the text field that is open, fills it in and confirms it. */
  enterText(text: string): Promise<void>;
  /** Resolves when the glass reads so, line ends and symbols of keys apart; gives what it reads. */
  sees(text: string | RegExp, limitMs?: number): Promise<string>;
}

type Key = "UP" | "DOWN" | "LEFT" | "RIGHT" | "ENTER";

/** The five keys, pressed through the control API: an address is turned digit by digit. */
export function atThePanel(box: Box): Hand {
  const { press } = box;
  return {
    press: async (...keys) => void (await press(...keys)),
    enterAddress: async (address) => {
      const wanted = padded(address);
      const [, shown = ""] = (await box.screen()).lines;
      const keys = [...wanted].flatMap((digit, at): string[] => {
        if (digit === ".") return [];
        const turns = (Number(digit) - Number(shown[at]) + 10) % 10;
        return [...Array.from({ length: turns }, () => "UP"), "RIGHT"];
      });
      await press(...keys, "ENTER");
    },
    enterText: async (text) => {
      await press("LEFT+RIGHT");
      await box.type(`${text}\n`);
    },
    sees: (text, limitMs) => seesOn(async () => (await box.screen()).lines, text, limitMs),
  };
}

const bytes: Readonly<Record<Key, string>> = {
  UP: "\x1b[A",
  DOWN: "\x1b[B",
  RIGHT: "\x1b[C",
  LEFT: "\x1b[D",
  ENTER: "\r",
};

/** A laptop on the serial line, where the panel shows already. */
export function atTheConsole(terminal: Pick<SerialTerminal, "rows" | "send">): Hand {
  // The first cell of the glass stands at row 2, column 2.
  const glass = async () =>
    terminal
      .rows()
      .slice(1, 3)
      .map((row) => row.slice(1, 17));
  return {
    press: (...keys) => terminal.send(keys.map((key) => bytes[key]).join("")),
    enterAddress: (address) => terminal.send(`${address}\r`),
    enterText: (text) => terminal.send(`\x15${text}\r`),
    sees: (text, limitMs) => seesOn(glass, text, limitMs),
  };
}

async function seesOn(
  glass: () => Promise<readonly string[]>,
  wanted: string | RegExp,
  limitMs?: number,
): Promise<string> {
  let seen = "";
  return until(
    () => `to see ${wanted} instead of ${JSON.stringify(seen)}`,
    async () => {
      const words = (await glass()).join(" ").replaceAll(/[←→↑↓↵↔↕\s]+/g, " ");
      seen = words.trim();
      return (typeof wanted === "string" ? seen.includes(wanted) : wanted.test(seen)) ? seen : null;
    },
    limitMs,
  );
}

function padded(address: string): string {
  return address
    .split(".")
    .map((octet) => octet.padStart(3, "0"))
    .join(".");
}
