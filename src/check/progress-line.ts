/** One line of a terminal that is written over and over; nothing at all where there is no terminal. */
export interface ProgressLine {
  show(text: string): void;
  /** Leaves the line as it was before. */
  clear(): void;
}

/** CSI K of ECMA-48: erase to the end of the line. */
const eraseLine = "\r\x1b[K";

export function createProgressLine(write: (text: string) => void, isTerminal: boolean): ProgressLine {
  let shown = "";
  return {
    show: (text) => {
      if (!isTerminal || text === shown) return;
      write(`${eraseLine}${text}`);
      shown = text;
    },
    clear: () => {
      if (shown !== "") write(eraseLine);
      shown = "";
    },
  };
}
