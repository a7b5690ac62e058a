/** Eight rows of five dots, top first; bit 4 is the left dot. The last row is where the cursor's line is drawn. */
export type Bitmap = readonly number[];

/** What the CGRAM can be loaded with, by character. */
export type Glyphs = ReadonlyMap<string, Bitmap>;

/** The navigation glyphs of the front panel and the printable ASCII that ROM A00 lacks. No two are drawn alike. */
export const panelGlyphs: Glyphs = new Map([
  ["←", [0b00000, 0b00100, 0b01000, 0b11111, 0b01000, 0b00100, 0b00000, 0]],
  ["→", [0b00000, 0b00100, 0b00010, 0b11111, 0b00010, 0b00100, 0b00000, 0]],
  ["↑", [0b00100, 0b01110, 0b10101, 0b00100, 0b00100, 0b00100, 0b00100, 0]],
  ["↓", [0b00100, 0b00100, 0b00100, 0b00100, 0b10101, 0b01110, 0b00100, 0]],
  ["↵", [0b00001, 0b00001, 0b00101, 0b01001, 0b11111, 0b01000, 0b00100, 0]],
  ["↔", [0b00000, 0b00000, 0b01010, 0b11111, 0b01010, 0b00000, 0b00000, 0]],
  ["↕", [0b00100, 0b01110, 0b10101, 0b00100, 0b10101, 0b01110, 0b00100, 0]],
  ["\\", [0b00000, 0b10000, 0b01000, 0b00100, 0b00010, 0b00001, 0b00000, 0]],
  ["~", [0b00000, 0b00000, 0b01000, 0b10101, 0b00010, 0b00000, 0b00000, 0]],
]);

const relatives: ReadonlyMap<string, string> = new Map([
  ["←", "<"],
  ["→", ">"],
  ["↑", "^"],
  ["↓", "v"],
  ["↵", "E"],
  ["↔", "-"],
  ["↕", "|"],
  ["\\", "/"],
  ["~", "-"],
]);

/** The ASCII character that comes nearest: an accent is dropped, an arrow becomes `< > ^ v`; `?` where there is none. */
export function asciiRelative(character: string): string {
  const known = relatives.get(character);
  if (known !== undefined) return known;
  const base = character.normalize("NFKD").charAt(0);
  return base >= " " && base <= "}" && base !== "\\" ? base : "?";
}
