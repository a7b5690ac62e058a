import { createGpioKeypad } from "../chips/gpio-keypad.ts";
import { type Clock, sleep } from "../clock.ts";
import { HalError } from "../errors.ts";
import { type KeyName, type Keypad, keyNames } from "../keypad.ts";
import { createMockInput, type MockInput } from "./gpio.ts";

/** Fingers on five keys. */
export interface MockKeys {
  down(key: KeyName): void;
  up(key: KeyName): void;
  /** Down, held, up; resolves when the keypad has reported the release. */
  press(key: KeyName, holdMs?: number): Promise<void>;
  /** The lines stop answering until `plugIn`: a keypad that is watched is reported as lost. */
  unplug(): void;
  plugIn(): void;
}

const debounceMs = 10;
/** A contact as bad as they come: it is quiet after 4 ms. */
const bounceMs = [0.3, 0.9, 1.2, 2.6, 3.1, 4];

/** The real keypad driver on modelled contacts that bounce. */
export function createMockKeypad({ clock }: { readonly clock: Clock }): { keypad: Keypad; keys: MockKeys } {
  const device = "mock keypad";
  const contacts = new Map<KeyName, MockInput>(
    keyNames.map((key) => [key, createMockInput({ clock, name: `key ${key}` })]),
  );
  const gone = new HalError("absent", device, "the keypad is unplugged");
  let unplugged = false;

  const set = (key: KeyName, active: boolean) => contacts.get(key)?.set(active, bounceMs);
  const failAll = (error: HalError | null) => {
    unplugged = error !== null;
    for (const contact of contacts.values()) contact.fail(error);
  };

  return {
    keypad: createGpioKeypad({
      device,
      clock,
      debounceMs,
      open: async () => {
        if (unplugged) throw gone;
        return new Map([...contacts].map(([key, contact]) => [key, contact.open()]));
      },
    }),
    keys: {
      down: (key) => set(key, true),
      up: (key) => set(key, false),
      press: async (key, holdMs = 50) => {
        set(key, true);
        await sleep(clock, `hold ${key}`, holdMs);
        set(key, false);
        await sleep(clock, `release ${key}`, debounceMs + 2 * (bounceMs.at(-1) ?? 0));
      },
      unplug: () => failAll(gone),
      plugIn: () => failAll(null),
    },
  };
}
