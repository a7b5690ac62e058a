import type { Facts, Progress } from "../../../src/model/facts.ts";
import type { Frame } from "../../../src/model/frame.ts";
import type { NetworkTest } from "../../../src/model/network-test.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import type { Glass } from "../../../src/panel/layout.ts";
import { guideFaults } from "../../support/guide-faults.ts";
import { someTest, testAt, testBrokenAt } from "../../support/some-network-test.ts";
import { bareFacts, fault, homeFacts, type PanelBench, panelBench, staticIpv4, withLan } from "./bench.ts";
import { explore, worlds } from "./worlds.ts";

/** A picture of the panel, and how one comes to see it. */
export interface Scene {
  readonly how: string;
  readonly frame: Frame;
}

interface Show {
  readonly how: string;
  readonly facts: Facts;
  readonly act?: (bench: PanelBench) => unknown;
}

const working: readonly Progress[] = [
  { what: "boot", step: "welcome" },
  { what: "boot", step: "starting" },
  { what: "boot", step: "filesystem-check" },
  { what: "boot", step: "coming-up" },
  { what: "contacting" },
  { what: "filesystem-check" },
  { what: "canceling-scan" },
  { what: "rebooting" },
  { what: "shutting-down" },
  { what: "safe-to-unplug" },
];

const statusShows: readonly Show[] = [
  { how: "home", facts: homeFacts },
  {
    how: "home, a long name",
    facts: { ...homeFacts, registration: { state: "active", name: "is_a_much_longer_name_than_fits", indicator: "P" } },
  },
  { how: "home, IPv6", facts: { ...homeFacts, settings: factorySettings("ipv6-only") } },
  {
    how: "activation",
    facts: { ...homeFacts, phase: "activation", registration: { state: "unactivated", code: "1234-5678-9012" } },
  },
  {
    how: "communication failure",
    facts: { ...homeFacts, phase: "communication-failure", fault: fault("LAN has no DNS servers") },
  },
  ...guideFaults.map((message) => ({
    how: "network error",
    facts: { ...homeFacts, phase: "network-error" as const, fault: fault(message) },
  })),
  ...[0, 1, 2, 3].map((downs) => ({
    how: `detail of an error, page ${downs + 1}`,
    facts: { ...homeFacts, phase: "network-error" as const, fault: fault("LAN has no DNS servers") },
    act: (bench: PanelBench) => bench.press("RIGHT", ...new Array<string>(downs).fill("DOWN")),
  })),
  { how: "a change that did not stand", facts: { ...homeFacts, notice: "NOT CHANGED: the disk is full" } },
  ...(["factory", "previous", "reverted"] as const).map((loaded) => ({
    how: `settings: ${loaded}`,
    facts: { ...homeFacts, storage: { loaded, problem: null } },
  })),
  {
    how: "settings cannot be stored",
    facts: { ...homeFacts, storage: { loaded: "current", problem: "no space left on /var/lib/bezel" } },
    act: (bench) => bench.press("DOWN"),
  },
];

const testFault = fault("Timeout was reached (28)", {
  detail: "platform.example: Connection timed out after 30001 ms",
});
const tests: readonly (readonly [how: string, test: NetworkTest])[] = [
  ["the cable is looked at", testAt("carrier", 1000)],
  ["the platform is contacted", testAt("connect", -11_000)],
  ["good", someTest()],
  ["broken", testBrokenAt("connect", 30_001, testFault)],
  ["another host has the address", testBrokenAt("duplicate", 0, fault("Duplicate IP detected"))],
  ["refused", someTest({ state: "refused", reason: "the network is being changed", rungs: [] })],
  ["ended by a change", someTest({ state: "canceled", reason: "the network is being changed", rungs: [] })],
];
const testShows: readonly Show[] = tests.map(([how, test]) => ({
  how: `test of the network: ${how}`,
  facts: { ...homeFacts, test },
  act: (bench) => bench.press("ENTER", "DOWN*4", "ENTER"),
}));

const lock = { checked: 0, right: false, waitUntilMs: 0 };
const lockShows: readonly Show[] = [
  { how: "PIN", facts: { ...homeFacts, lock }, act: (bench) => bench.press("ENTER", "UP*2", "RIGHT", "UP*3") },
  { how: "PIN asked", facts: { ...homeFacts, lock }, act: (bench) => bench.type("\n1234\n") },
  {
    how: "PIN wrong",
    facts: { ...homeFacts, lock },
    act: (bench) => [bench.type("\n1234\n"), bench.facts({ lock: { ...lock, checked: 1 } })],
  },
  {
    how: "too many PINs",
    facts: { ...homeFacts, lock: { ...lock, waitUntilMs: 3_601_000 } },
    act: (bench) => bench.press("ENTER"),
  },
];

/** From home to an item of SETUP NETWORK and into it. */
export function enter(bench: PanelBench, item: string): void {
  bench.press("ENTER*2");
  for (let left = 20; bench.frame().screen !== item; left -= 1) {
    if (left === 0) throw new Error(`${item} is not offered`);
    bench.press("DOWN");
  }
  bench.press("ENTER");
}

const inField = (how: string, facts: Facts, item: string, act: (bench: PanelBench) => unknown): Show => ({
  how,
  facts,
  act: (bench) => {
    enter(bench, item);
    if (bench.frame().screen.startsWith("begin/")) bench.press("ENTER");
    act(bench);
  },
});
const staticFacts = withLan(staticIpv4);
const typed = (text: string, facts: Facts = bareFacts) =>
  inField(`typed ${JSON.stringify(text)}`, facts, "setup/static-lan", (bench) => bench.type(text));
const ipv6Facts = { ...homeFacts, settings: factorySettings("ipv6-only") };

const fieldShows: readonly Show[] = [
  ...[
    "10.77.0.2",
    "10.256.0.1\n",
    "0.1.2.3\n",
    "127.0.0.1\n",
    "224.0.0.1\n",
    "\n",
    "x",
    "1234567890123",
    "1.2.3.4.",
    "10.0.0.1\n2",
    "10.0.0.0\n\n",
    "10.0.0.255\n\n",
    "10.0.0.2\n\n10.0.1.1\n",
    "10.0.0.2\n\n10.0.0.2\n",
    "10.0.0.2\n\n10.0.0.1\n\n",
  ].map((text) => typed(text)),
  ...[
    "\u0015a b\n",
    "/",
    "a..b\n",
    "\u0015-a\n",
    `\u0015${"a".repeat(33)}`,
    "\u0015a-very-long.domain.example.com",
    `\u0015${"a".repeat(32)}`,
  ].map((text) => typed(`\n\n\n\n\n\n\n${text}`, staticFacts)),
  ...["4095\n", "x", "12345", "12"].map((text) =>
    inField(`VLAN, typed ${JSON.stringify(text)}`, homeFacts, "setup/vlan", (bench) => bench.type(text)),
  ),
  ...[
    "proxy.example",
    "2001:db8::1",
    "p\n0\n",
    "p\n65536\n",
    "p\n\n\u0015corp\\anna~",
    "p\n\ncorp\\anna\nsecret",
    `p\n\ncorp\\anna\n${"x".repeat(16)}`,
    "p\n\ncorp\\anna\na b\n",
    "p\n\na b\n",
  ].map((text) =>
    inField(`proxy, typed ${JSON.stringify(text)}`, homeFacts, "setup/proxy", (bench) => bench.type(`\u0015${text}`)),
  ),
  inField("a password by keys", homeFacts, "setup/proxy", (bench) => [
    bench.type("\u0015p\n\ncorp\n"),
    bench.press("UP", "RIGHT", "DOWN*32", "RIGHT", "DOWN*51"),
  ]),
  ...[
    "2001:db8:3c4d:15:0:d234:3eee::",
    "2001:0db8:3c4d:0015:0000:d234:3eee:0001",
    "2001:db8\n",
    "::1\n",
    "ff02::1\n",
    "g",
    "2001:db8::2\n129",
    "2001:db8::2\n48\n2001:db9::1\n",
  ].map((text) =>
    inField(`IPv6, typed ${JSON.stringify(text)}`, ipv6Facts, "setup/static6-lan", (bench) =>
      bench.type(`\u0015${text}`),
    ),
  ),
];

/**
 * Every screen that the panel is known to show, each once: by facts, by keys from home in every world, by typing. What a
 * field holds makes no other screen of it, except where it was typed for that.
 */
export function scenes(glass: Glass): readonly Scene[] {
  const all: Scene[] = [];
  const seen = new Set<string>();
  const isNew = ({ screen, cursor, lines }: Frame) => {
    const isValue = cursor !== null || /\/(netmask|prefix)$/.test(screen);
    return seen.size < seen.add(`${screen} ${isValue ? lines[0] : lines}`).size;
  };
  const add = ({ how, facts, act }: Show) => {
    const bench = panelBench(facts, glass);
    act?.(bench);
    all.push({ how, frame: bench.frame() });
  };
  for (const progress of working) add({ how: "working", facts: { ...homeFacts, progress } });
  for (const show of [...statusShows, ...testShows, ...lockShows]) add(show);
  for (const [name, facts] of Object.entries(worlds)) {
    const { found, effects } = explore(facts, glass);
    for (const { frame, path } of found) if (isNew(frame)) all.push({ how: `${name}: ${shortened(path)}`, frame });
    for (const effect of effects) {
      const { frame } = panelBench({ ...facts, progress: "progress" in effect ? effect.progress : null }, glass);
      if (isNew(frame())) all.push({ how: `${name}: working`, frame: frame() });
    }
  }
  for (const show of fieldShows) add(show);
  return all;
}

/** `ENTER ENTER DOWN` as `ENTER*2 DOWN`. */
function shortened(path: readonly string[]): string {
  const runs: { name: string; count: number }[] = [];
  for (const name of path) {
    const last = runs.at(-1);
    if (last?.name === name) last.count += 1;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name}*${count}`)).join(" ") || "at rest";
}
