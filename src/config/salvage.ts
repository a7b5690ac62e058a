import { parse, TomlError } from "smol-toml";

/**
 * The board that a configuration with faults names all the same; null where it names none. Where the text as a whole is no
 * TOML, the lines of its table `[panel]` may still be.
 */
export function salvageBoard(text: string): string | null {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^\s*\[\s*panel\s*\]/.test(line));
  const length = lines.slice(start + 1).findIndex((line) => /^\s*\[/.test(line));
  const table = start < 0 ? "" : lines.slice(start, length < 0 ? undefined : start + 1 + length).join("\n");
  return boardOf(text) ?? boardOf(table);
}

function boardOf(text: string): string | null {
  try {
    const { panel } = parse(text);
    if (typeof panel !== "object" || !("board" in panel)) return null;
    return typeof panel.board === "string" ? panel.board : null;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return null;
  }
}
