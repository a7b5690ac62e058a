import type { Effect } from "../src/model/effect.ts";
import type { Facts } from "../src/model/facts.ts";
import type { Frame } from "../src/model/frame.ts";
import { press } from "../src/model/key.ts";
import { type MenuItem, type MenuName, menus, type Target } from "../src/panel/menus.ts";
import { initialPanel, type PanelState, stepPanel, viewPanel } from "../src/panel/panel.ts";
import { type Place, statusPlace } from "../src/panel/place.ts";
import { procedures } from "../src/panel/procedures.ts";
import { homeFacts, panelBench } from "../test/src/panel/bench.ts";
import { worldOf, worlds } from "../test/src/panel/worlds.ts";

/** A line of the drawing: screens from left to right, each with the key that leads to it; then where it goes on. */
export interface Row {
  readonly screens: readonly { readonly frame: Frame; readonly key: string }[];
  /** Stands under the first screen. */
  readonly note: string;
  readonly end: string;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const titles: Readonly<Record<MenuName, string>> = {
  main: "the main menu",
  setup: "SETUP NETWORK",
  wan: "ENABLE or CHANGE WAN INTERFACE",
  reset: "RESET NETWORK SETTINGS",
};

const context = (facts: Facts) => panelBench(facts).context();
const at = (place: Place): PanelState => ({ ...initialPanel(0), place });
const plain = (frame: Frame) => [{ frame, key: "" }];

/** Everything that the menus and procedures hold, in the order of the menus, then what the box shows by itself. */
export function menuSections(): readonly Section[] {
  return [
    { title: "By itself", rows: statusRows() },
    { title: "Main menu: ENTER or DOWN at home, at the activation code and at an error", rows: menuRows("main") },
    ...(["setup", "wan", "reset"] as const).map((menu) => ({ title: titles[menu], rows: menuRows(menu) })),
    { title: "While a scan runs, in front of every change of the network", rows: [scanRow()] },
    { title: "Insert/delete mode: DOWN in PROXY HOST, DOMAIN NAME and the IPv6 fields", rows: [editingRow()] },
  ];
}

/** Facts under which an item is offered and its fields have values, so that ENTER passes them. */
function worldFor({ id, label, when }: Pick<MenuItem, "id" | "label" | "when">, menu?: MenuName): Facts {
  const first = menu === "wan" ? [worldOf("a split network")] : [];
  const facts = [...first, ...Object.values(worlds)].find((one) => when?.holds(one) ?? true);
  if (facts === undefined) throw new Error(`${id} ${label} is offered in no world`);
  return facts;
}

function menuRows(menu: MenuName): readonly Row[] {
  const drawn = new Map<string, string>();
  return menus[menu].flatMap((item) => {
    const { id, label, target } = item;
    const facts = worldFor(item, menu);
    const state = at({ at: "menu", menu, item: id });
    const first = plain(viewPanel(state, context(facts)));
    const note = item.when === undefined ? "" : `if: ${item.when.words}`;
    const rest = followed(state, facts);
    const way = `${JSON.stringify(target)} ${rest.map(({ frame }) => frame.screen)}`;
    const known = rest.length === 0 ? undefined : drawn.get(way);
    if (known !== undefined) return [{ screens: first, note, end: `as ${known}` }];
    drawn.set(way, label);
    const row = { screens: [...first, ...rest], note, end: endOf(target, rest) };
    return [row, ...belowRows(target)];
  });
}

function endOf(target: Target, rest: Row["screens"]): string {
  if (target.to === "menu") return `below: ${titles[target.menu]}`;
  if (target.to === "exit") return "one level up";
  return target.to === "reading" && rest.some(({ frame }) => frame.lines[0]?.includes("↓"))
    ? "further pages by DOWN"
    : "";
}

/** Without a user there is no field for the password. */
const user = "corp\\anna";

function filled(state: PanelState, facts: Facts): PanelState {
  const { screen, lines } = viewPanel(state, context(facts));
  if (screen !== "proxy/user" || lines[1]?.trim() !== "") return state;
  return [...user].reduce(
    (before, character) => stepPanel(before, { type: "character", character }, context(facts)).state,
    state,
  );
}

/** The screens behind an item when only ENTER is pressed, the working message at the end included. */
function followed(start: PanelState, facts: Facts): Row["screens"] {
  const screens: { frame: Frame; key: string }[] = [];
  let state = start;
  for (let steps = 0; steps < 20; steps += 1) {
    const step = stepPanel(state, press("ENTER"), context(facts));
    for (const effect of step.effects) screens.push(...worked(effect, facts));
    const { place } = step.state;
    if (step.effects.some(({ type }) => type !== "test-network") || place.at === "status" || place.at === "menu") break;
    state = filled(step.state, facts);
    screens.push({ frame: viewPanel(state, context(facts)), key: "↵" });
    if (place.at === "reading" || place.at === "test") break;
  }
  return screens;
}

function worked(effect: Effect, facts: Facts): Row["screens"] {
  if ("progress" in effect) return [{ frame: panelBench({ ...facts, progress: effect.progress }).frame(), key: "↵" }];
  if (effect.type === "reboot") {
    return [{ frame: panelBench({ ...facts, progress: { what: "rebooting" } }).frame(), key: "↵" }];
  }
  if (effect.type === "shutdown") {
    return (["shutting-down", "safe-to-unplug"] as const).map((what, index) => ({
      frame: panelBench({ ...facts, progress: { what } }).frame(),
      key: index === 0 ? "↵" : "",
    }));
  }
  return [];
}

/** What stands below the field of a procedure, by DOWN. */
function belowRows(target: Target): readonly Row[] {
  const below = target.to === "procedure" ? procedures[target.procedure].below : undefined;
  if (below === undefined || target.to !== "procedure") return [];
  const { when } = procedures[below];
  const facts = worldFor({ id: below, label: "", ...(when === undefined ? {} : { when }) });
  const item = at({ at: "menu", menu: "setup", item: "setup/ports" });
  const above = stepPanel(item, press("ENTER"), context(facts)).state;
  const { state } = stepPanel(above, press("DOWN"), context(facts));
  const rest = followed(state, facts);
  const screens = [
    { frame: viewPanel(above, context(facts)), key: "" },
    { frame: viewPanel(state, context(facts)), key: "↓" },
    ...rest,
  ];
  return [{ screens, note: when === undefined ? "" : `if: ${when.words}`, end: "" }];
}

function scanRow(): Row {
  const facts = worldOf("a scan");
  const bench = panelBench(facts);
  bench.press("ENTER*2");
  const asked = { frame: bench.press("ENTER"), key: "" };
  const screens = [
    asked,
    { frame: bench.press("ENTER"), key: "↵" },
    { frame: bench.facts({ progress: { what: "canceling-scan" } }), key: "↵" },
  ];
  return { screens, note: "such as this one", end: "the change" };
}

function editingRow(): Row {
  const bench = panelBench(homeFacts);
  bench.press("ENTER*2", "DOWN*2", "ENTER*9", "RIGHT*4");
  const screens = [
    { frame: bench.frame(), key: "" },
    ...["", "", ""].map(() => ({ frame: bench.press("DOWN"), key: "↓" })),
  ];
  return { screens, note: "UP goes back to the field", end: "" };
}

function statusRows(): readonly Row[] {
  const shown = (change: Partial<Facts>) => ({ frame: panelBench({ ...homeFacts, ...change }).frame(), key: "" });
  const boot = (["welcome", "starting", "filesystem-check", "coming-up"] as const).map((step) =>
    shown({ progress: { what: "boot", step } }),
  );
  const contact = [
    shown({ progress: { what: "contacting" } }),
    shown({ progress: { what: "filesystem-check" } }),
    shown({ progress: { what: "contacting" } }),
  ];
  const error = panelBench(worldOf("an error"));
  return [
    { screens: [...boot, ...contact], note: "", end: "" },
    {
      screens: [shown({ phase: "activation", registration: { state: "unactivated", code: "QG-1234-5678" } })],
      note: "until the box is activated",
      end: "",
    },
    { screens: plain(viewPanel(at(statusPlace), context(homeFacts))), note: "ready", end: "" },
    {
      screens: [
        { frame: error.frame(), key: "" },
        { frame: error.press("RIGHT"), key: "→" },
      ],
      note: "first contact failed",
      end: "further pages by DOWN",
    },
    { screens: [shown({ phase: "communication-failure" })], note: "contact was lost", end: "" },
  ];
}
