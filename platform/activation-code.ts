import { randomBytes } from "node:crypto";

/** Sixteen letters that a technician cannot mistake for another on 5x8 dots, nor read as a word. */
const letters = "CDFHJKLMNPRTVWXY";

/** Twelve letters in groups of four, 48 random bits: fits a row of 16 and can be read out on the telephone. */
export function newActivationCode(): string {
  const text = Array.from(randomBytes(12), (byte) => letters[byte & 15]).join("");
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}

/** A code as typed by a person, in the form that is stored. */
export function normalizedCode(typed: string): string {
  const text = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}
