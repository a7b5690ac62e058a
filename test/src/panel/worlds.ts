import type { Effect } from "../../../src/model/effect.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import { type Key, press } from "../../../src/model/key.ts";
import { factorySettings, type Settings, type StaticIpv4 } from "../../../src/model/settings.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { type PanelState, stepPanel, viewPanel } from "../../../src/panel/panel.ts";
import { somePort } from "../../support/some-facts.ts";
import { someTest, splitRows, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { bareFacts, fault, homeFacts, panelBench, staticIpv4, withLan } from "./bench.ts";

const withSettings = (change: Partial<Settings>, facts: Facts = homeFacts): Facts => ({
  ...facts,
  settings: { ...facts.settings, ...change },
});
const withVlan = (facts: Facts): Facts => withSettings({ lan: { ...facts.settings.lan, vlan: 20 } }, facts);

export const wanIpv4: StaticIpv4 = {
  method: "static",
  address: "192.0.2.20",
  prefixLength: 25,
  gateway: "192.0.2.1",
  dns: ["192.0.2.53"],
  wins: [],
  domain: null,
};
const wanPort = somePort({ interface: "wan0", ipv4: ["192.0.2.77/24"], gateway: "192.0.2.1", dns: ["192.0.2.53"] });
const split: Facts = {
  ...withSettings({ wan: { link: "auto", ipv4: { method: "dhcp" } } }),
  network: { ...homeFacts.network, wan: wanPort },
  test: testAt("connect", 1000, splitRows),
};

export const proxySettings = {
  host: "proxy.example",
  port: 8080,
  user: "corp\\anna",
  passwordRef: "0123456789abcdef0123456789abcdef",
} as const;

const ipv6: Facts = {
  ...homeFacts,
  settings: factorySettings("ipv6-only"),
  network: {
    lan: { ...homeFacts.network.lan, gateway: "fe80::1", dns: ["2001:db8::53"] },
    wan: null,
    separated: false,
  },
};
const static6: Facts = withSettings(
  {
    lan: {
      ...ipv6.settings.lan,
      ipv6: {
        method: "static",
        address: "2001:db8:3c4d:15::20",
        prefixLength: 64,
        gateway: "2001:db8:3c4d:15::1",
        dns: ["2001:db8::53", "2001:db8::54"],
      },
    },
  },
  ipv6,
);

/** Facts under which, together, every option of every menu is offered and every field may be passed by ENTER. */
export const worlds: Readonly<Record<string, Facts>> = {
  "a lease": homeFacts,
  "a static address": withLan(staticIpv4),
  "a VLAN on a lease": withVlan(homeFacts),
  "a VLAN on a static address": withVlan(withLan(staticIpv4)),
  "nothing from the network": bareFacts,
  "a split network": split,
  "a static WAN": withSettings({ wan: { link: "100/full", ipv4: wanIpv4 } }, split),
  "a proxy": withSettings({ proxy: proxySettings }),
  "other settings that were good": { ...homeFacts, lastGood: withLan(staticIpv4).settings },
  "IPv6 only": ipv6,
  "a static IPv6 address": static6,
  "a scan": {
    ...withLan(staticIpv4),
    jobs: [{ id: "1", kind: "scan", state: "running", percent: 5 }],
    test: someTest(),
  },
  "an error": {
    ...homeFacts,
    phase: "network-error",
    fault: fault("LAN has no DNS servers", { legacyCode: "E05" }),
    faults: [
      fault("LAN has no DNS servers", { legacyCode: "E05", since: "2026-01-31T13:05:00.000Z" }),
      fault("Error connect to server (07)", { until: "2026-01-01T00:03:00Z" }),
    ],
    test: testBrokenAt("dns", 5003, fault("LAN DNS can't resolve QG URL", { legacyCode: "E05" })),
  },
};

export function worldOf(name: string): Facts {
  const facts = worlds[name];
  if (facts === undefined) throw new Error(`no world ${name}`);
  return facts;
}

export interface Found {
  readonly frame: Frame;
  readonly state: PanelState;
  /** From home; characters that are typed stand for themselves. */
  readonly path: readonly string[];
}

/** The keys, and a character that no field takes. */
const everyInput = ["ENTER", "DOWN", "RIGHT", "UP", "LEFT", "\u00e9"] as const;

/**
 * Every screen that keys lead to from home, with the shortest way there, and every effect that was asked for on the way. A
 * field counts twice: with the cursor at its first cell and elsewhere.
 */
export function explore(
  facts: Facts,
  geometry?: Glass,
  inputs: readonly (Key | "\u00e9")[] = everyInput,
): { found: readonly Found[]; effects: readonly Effect[] } {
  const bench = panelBench(facts, geometry);
  const context = bench.context();
  const seen = new Map<string, Found>();
  const effects: Effect[] = [];
  let edge: { state: PanelState; path: readonly string[] }[] = [{ state: bench.state(), path: [] }];
  while (edge.length > 0) {
    const next: typeof edge = [];
    for (const { state, path } of edge) {
      const frame = viewPanel(state, context);
      const { screen, cursor, lines } = frame;
      const key = `${screen} ${cursor === null ? lines.join() : cursor.col > 0}`;
      if (seen.has(key)) continue;
      seen.set(key, { frame, state, path });
      for (const name of inputs) {
        const input = name === "\u00e9" ? ({ type: "character", character: name } as const) : press(name);
        const step = stepPanel(state, input, context);
        effects.push(...step.effects);
        next.push({ state: step.state, path: [...path, name] });
      }
    }
    edge = next;
  }
  return { found: [...seen.values()], effects };
}
