import type { StatusDocument } from "../../src/control/schema.ts";
import type { PowerView } from "../page-protocol.ts";
import { byId, make } from "./dom.ts";
import { phaseOf } from "./status.ts";

const maxEntries = 200;

/** What happened, newest first: changes of the status said in words, and what the bench refused. */
export function createJournal(nowMs: () => number) {
  const list = byId("log");
  let before: { status: StatusDocument; power: PowerView } | null = null;

  const add = (text: string, tone: "" | "good" | "bad" = "") => {
    const time = new Date(nowMs()).toISOString();
    list.prepend(
      make("li", {}, make("time", { dateTime: time }, time.slice(11, 19)), make("span", { className: tone }, text)),
    );
    while (list.childElementCount > maxEntries) list.lastElementChild?.remove();
  };

  return {
    add,
    follow: (status: StatusDocument, power: PowerView) => {
      for (const [text, tone] of changes(before, { status, power })) add(text, tone);
      before = { status, power };
    },
  };
}

type Moment = { readonly status: StatusDocument; readonly power: PowerView };
type Entry = readonly [string, "" | "good" | "bad"];

function changes(before: Moment | null, now: Moment): Entry[] {
  const entries: Entry[] = [];
  const { status, power } = now;
  const [phase, tone] = phaseOf(status, power);
  const differs = (pick: (moment: Moment) => unknown) =>
    before === null || JSON.stringify(pick(before)) !== JSON.stringify(pick(now));
  if (differs((moment) => phaseOf(moment.status, moment.power)[0])) {
    const code = status.phase === "activation" && power.running ? `, code ${status.activationCode}` : "";
    entries.push([`${phase}${code}`, tone === "good" || tone === "bad" ? tone : ""]);
  }
  if (!power.running) return entries;
  if (status.fault !== null && differs((moment) => moment.status.fault?.message)) {
    entries.push([`${status.fault.message}: ${status.fault.detail}`, "bad"]);
  }
  for (const port of ["lan", "wan"] as const) {
    const name = port.toUpperCase();
    if (differs((moment) => moment.status[port]?.ipv4) && status[port] !== null) {
      entries.push([
        status[port].ipv4[0] === undefined ? `${name} has no address` : `${name} has ${status[port].ipv4[0]}`,
        "",
      ]);
    }
    if (before !== null && differs((moment) => moment.status[port]?.carrier) && status[port] !== null) {
      entries.push([`${name} link ${status[port].carrier ? "up" : "down"}`, ""]);
    }
  }
  if (status.name !== null && differs((moment) => moment.status.name)) entries.push([`Named ${status.name}`, ""]);
  if (before !== null && differs((moment) => moment.status.scans.map(({ id, state }) => [id, state]))) {
    for (const { id, state } of status.scans.slice(0, 1)) entries.push([`Scan ${id} ${state}`, ""]);
  }
  return entries;
}
