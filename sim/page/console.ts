import { Terminal } from "@xterm/xterm";
import type { ConsoleView } from "../page-protocol.ts";
import { typeOnConsole } from "./api.ts";
import { byId } from "./dom.ts";

const cols = 80;
const rows = 24;

/** A VT100 on the serial line of the bench. */
export function createConsole(): (view: ConsoleView) => void {
  const host = byId("terminal");
  const hint = byId("terminal-hint");
  const terminal = new Terminal({
    cols,
    rows,
    scrollback: 0,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: 14,
    screenReaderMode: true,
    theme: { background: "#07090a", foreground: "#b9f6c9", cursor: "#6df08f", cursorAccent: "#07090a" },
  });
  terminal.open(host);

  // Keys arrive faster than requests travel; what gathers meanwhile goes in one.
  let waiting = "";
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    while (waiting !== "") {
      const input = waiting.slice(0, 1000);
      waiting = waiting.slice(input.length);
      await typeOnConsole(input);
    }
    sending = false;
  };
  terminal.onData((data) => {
    waiting += data;
    hint.hidden = true;
    void send();
  });

  let seen = 0;
  const fit = () => {
    const screen = host.querySelector<HTMLElement>(".xterm-screen");
    const width = screen?.offsetWidth ?? 0;
    if (screen === null || width === 0) return;
    const size = (terminal.options.fontSize ?? 14) * (host.clientWidth / width);
    const fontSize = Math.max(5, Math.min(16, Math.floor(size * 4) / 4));
    if (fontSize !== terminal.options.fontSize) terminal.options.fontSize = fontSize;
  };
  new ResizeObserver(fit).observe(host);
  requestAnimationFrame(fit);

  return ({ plugged, from, text }) => {
    // Something was missed, or the bench is another one.
    if (from !== seen || !plugged) terminal.reset();
    seen = from + text.length;
    if (text === "") return;
    hint.hidden = true;
    terminal.write(text);
  };
}
