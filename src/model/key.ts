import type { KeyName } from "../../hal/keypad.ts";

export type { KeyName } from "../../hal/keypad.ts";

/** A key as the panel understands it: one of the five, or the one chord of the guide. */
export type Key = KeyName | "LEFT+RIGHT";

export const keys: readonly Key[] = ["UP", "DOWN", "LEFT", "RIGHT", "ENTER", "LEFT+RIGHT"];

/** What a person does at the panel, whatever the surface. */
export type PanelInput =
  /** `repeat` counts from 1 while the key is held; 0 is the press itself. */
  | { readonly type: "key"; readonly key: Key; readonly repeat: number }
  /** One printable character typed at a console; `pasted`: so soon after the one before that no hand typed it. */
  | { readonly type: "character"; readonly character: string; readonly pasted?: boolean }
  /** Backspace: removes the character before the cursor. */
  | { readonly type: "erase" };

export function press(key: Key): PanelInput {
  return { type: "key", key, repeat: 0 };
}
