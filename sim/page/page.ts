import "@xterm/xterm/css/xterm.css";
import "./base.css";
import "./device.css";
import "./keypad.css";
import "./back.css";
import "./desk.css";
import type { StatusDocument } from "../../src/control/schema.ts";
import type { BenchDocument } from "../bench-document.ts";
import type { PowerView } from "../page-protocol.ts";
import { follow } from "./api.ts";
import { bindBackPanel } from "./back-panel.ts";
import { createConsole } from "./console.ts";
import { byId, setText } from "./dom.ts";
import { createGlass } from "./glass.ts";
import { createJournal } from "./journal.ts";
import { bindKeypad } from "./keypad.ts";
import { showLeds, showPoll, showStatus } from "./status.ts";
import { createSwitches } from "./switches.ts";

let aheadMs = 0;
let status: StatusDocument | null = null;
let bench: BenchDocument | null = null;
let power: PowerView = { plugged: true, running: false };

const nowMs = () => Date.now() + aheadMs;
const journal = createJournal(nowMs);
const complain = (problem: string | null) => {
  if (problem !== null) journal.add(problem, "bad");
};
const drawGlass = createGlass();
const showConsole = createConsole();
const backPanel = bindBackPanel(complain);
const switches = createSwitches(complain, (seconds) => journal.add(`${seconds} s have passed`));
bindKeypad();

const showAll = () => {
  if (status === null) return;
  showStatus(status, power, nowMs());
  if (bench !== null) backPanel.showLamps(status, bench, power.running);
  journal.follow(status, power);
};

follow(
  {
    about: switches.showAbout,
    clock: ({ now }) => {
      aheadMs = Date.parse(now) - Date.now();
    },
    power: (view) => {
      power = view;
      backPanel.showPower(view);
      showAll();
    },
    glass: (view) => {
      drawGlass(view);
      showLeds(view);
    },
    bench: (next) => {
      bench = next;
      switches.show(next);
      backPanel.showBench(next);
      showAll();
    },
    status: (next) => {
      status = next;
      showAll();
    },
    console: (view) => {
      setText(byId("terminal-device"), view.plugged ? `${view.device} VT100 9600 8N2` : "unplugged");
      backPanel.showConsole(view.plugged, view.text !== "");
      showConsole(view);
    },
  },
  (connected) => {
    const state = byId("stream-state");
    state.classList.toggle("live", connected);
    setText(state, connected ? "live" : "bench does not answer");
  },
);

setInterval(() => {
  if (status !== null) showPoll(status, nowMs());
}, 1000);
