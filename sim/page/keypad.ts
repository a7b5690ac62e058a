import type { KeyName } from "../../hal/keypad.ts";
import { setKey } from "./api.ts";
import { byId } from "./dom.ts";

const byKeyboard: Readonly<Record<string, KeyName>> = {
  ArrowUp: "UP",
  ArrowDown: "DOWN",
  ArrowLeft: "LEFT",
  ArrowRight: "RIGHT",
  Enter: "ENTER",
};

/**
 * The five keys: held as long as the pointer or the keyboard's key is. Several fingers may hold several keys. The
 * keyboard's arrows belong to the box unless the person is in a field or at the serial console.
 */
export function bindKeypad(): void {
  const buttons = new Map<KeyName, HTMLElement>();
  const held = new Set<KeyName>();
  // Requests are sent one behind the other: a release must not overtake its press, nor ENTER the arrow before it.
  let line = Promise.resolve();
  const set = (key: KeyName, down: boolean) => {
    if (held.has(key) === down) return;
    if (down) held.add(key);
    else held.delete(key);
    buttons.get(key)?.classList.toggle("pressed", down);
    line = line.then(async () => {
      await setKey(key, down);
    });
  };
  const releaseAll = () => {
    for (const key of [...held]) set(key, false);
  };

  for (const button of byId("front").querySelectorAll<HTMLElement>(".key")) {
    const key = button.dataset.key as KeyName;
    buttons.set(key, button);
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      set(key, true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      button.addEventListener(end, () => set(key, false));
    }
    // A key that was clicked must not take the keyboard's ENTER for its own.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    // A screen reader clicks without a pointer or a key.
    button.addEventListener("click", (event) => {
      if (event.detail !== 0 || held.has(key)) return;
      set(key, true);
      set(key, false);
    });
    button.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      set(key, true);
    });
    button.addEventListener("keyup", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      set(key, false);
    });
  }

  addEventListener("keydown", (event) => {
    const key = byKeyboard[event.key];
    if (key === undefined || event.altKey || event.ctrlKey || event.metaKey || usesKeysItself(event.target)) return;
    if (event.key === "Enter" && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    set(key, true);
  });
  addEventListener("keyup", (event) => {
    const key = byKeyboard[event.key];
    if (key !== undefined) set(key, false);
  });
  addEventListener("blur", releaseAll);
}

function usesKeysItself(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input:not([role=switch]), select, textarea, .xterm, #log") !== null
  );
}
