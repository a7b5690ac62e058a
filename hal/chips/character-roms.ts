/** Which character generator ROM an HD44780 was made with. */
export const romNames = ["A00", "A02"] as const;
export type RomName = (typeof romNames)[number];

/** The code of each character that a ROM can draw. A character that is missing here needs a CGRAM glyph. */
export type CharacterRom = ReadonlyMap<string, number>;

const printableAscii = Array.from({ length: 0x7f - 0x20 }, (_, index): [string, number] => [
  String.fromCharCode(0x20 + index),
  0x20 + index,
]);

/** HD44780U data sheet, table 4. */
export const characterRoms: Readonly<Record<RomName, CharacterRom>> = {
  // ASCII, but 0x5C is the Yen sign and 0x7E and 0x7F are arrows.
  A00: new Map([...printableAscii.filter(([character]) => !"\\~".includes(character)), ["→", 0x7e], ["←", 0x7f]]),
  A02: new Map([...printableAscii, ["↵", 0x17], ["↑", 0x18], ["↓", 0x19], ["→", 0x1a], ["←", 0x1b]]),
};
