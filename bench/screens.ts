import { createFakeClock } from "../hal/mock/fake-clock.ts";
import { createPanelSession } from "../src/appliance/panel-session.ts";
import { createFactTable } from "../src/model/fact-table.ts";
import type { Facts } from "../src/model/facts.ts";
import type { FaultRecord } from "../src/model/fault.ts";
import type { Frame, Geometry } from "../src/model/frame.ts";
import { type Key, press } from "../src/model/key.ts";
import { someFacts, somePort } from "../test/support/some-facts.ts";

/** A picture of the panel, and what the change to it is an example of; null: it only leads to the next one. */
export interface Scene {
  readonly change: string | null;
  readonly frame: Frame;
}

export const someFault: FaultRecord = {
  code: "connect",
  message: "Error connect to server (07)",
  legacyCode: null,
  detail: "platform.example: connection refused by 192.0.2.1 port 443",
  next: "Check that the firewall lets the box out to port 443.",
  since: "2026-01-01T00:00:00Z",
  until: null,
};

const idleMs = 300_000;

/** What the panel itself shows, one picture after another, while somebody starts a box and sets it up. */
export async function typicalScenes(geometry: Geometry): Promise<readonly Scene[]> {
  const clock = createFakeClock();
  const facts = createFactTable(someFacts({ phase: "starting", progress: { what: "boot", step: "welcome" } }));
  const session = createPanelSession({
    facts,
    options: { geometry, idleMs, blankMs: 0 },
    clock,
    shown: () => {},
    effect: () => {},
  });
  const scenes: Scene[] = [{ change: null, frame: session.frame() }];

  const now = (change: string | null, screen: string) => {
    const frame = session.frame();
    // A walk that has lost its way would count something else under the same name.
    if (frame.screen !== screen) throw new Error(`${change ?? "on the way"}: at ${frame.screen}, not ${screen}`);
    scenes.push({ change, frame });
  };
  const key = (change: string | null, name: Key, screen: string) => {
    session.input([press(name)]);
    now(change, screen);
  };
  const type = (change: string | null, text: string, screen: string) => {
    session.input([...text].map((character) => ({ type: "character", character })));
    now(change, screen);
  };
  const fact = (change: string | null, set: Partial<Facts>, screen: string) => {
    facts.set(set);
    now(change, screen);
  };

  fact("boot message to the next", { progress: { what: "boot", step: "starting" } }, "boot");
  fact("boot message to home", { progress: null, phase: "ready" }, "home");
  fact(
    "another address at home",
    { network: { lan: somePort({ ipv4: ["10.77.0.21/24"] }), wan: null, separated: false } },
    "home",
  );
  key("home to menu", "ENTER", "main/setup-network");
  key("menu item to the next", "DOWN", "main/system-reboot");
  key("menu item to question", "ENTER", "confirm/reboot");
  key(null, "UP", "main/system-reboot");
  key(null, "UP", "main/setup-network");
  key(null, "ENTER", "setup/dhcp-lan");
  key(null, "DOWN", "setup/vlan");
  key(null, "DOWN", "setup/static-lan");
  key(null, "ENTER", "begin/static-lan");
  key("question to field", "ENTER", "lan-static/address");
  key("one digit changed", "UP", "lan-static/address");
  key(null, "DOWN", "lan-static/address");
  key("cursor moved", "RIGHT", "lan-static/address");
  key("field to the next", "ENTER", "lan-static/netmask");
  for (const field of ["gateway", "dns1", "dns2", "wins1", "wins2", "domain"]) {
    key(null, "ENTER", `lan-static/${field}`);
  }
  type(null, "scanner-7.lab.example.net", "lan-static/domain");
  type("text field scrolled by one", "w", "lan-static/domain");
  key("field to question", "ENTER", "confirm/static-lan");
  await clock.advance(idleMs);
  now("idle: back to home", "home");
  fact(null, { phase: "network-error", fault: someFault }, "network-error");
  key("message to its detail", "RIGHT", "network-error/detail");
  key("page of a text to the next (full repaint)", "DOWN", "network-error/detail");
  session.stop();
  return scenes;
}
