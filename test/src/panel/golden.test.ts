import { describe, expect, it } from "vitest";
import type { Facts, Progress } from "../../../src/model/facts.ts";
import type { Geometry } from "../../../src/model/frame.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { guideFaults } from "../../support/guide-faults.ts";
import { bareFacts, drawn, fault, geometries, homeFacts, panelBench, staticIpv4, withLan } from "./bench.ts";
import { unindicated } from "./screens.ts";

// The files in golden/ are read by people: look at the difference before you accept it with `npx vitest run <this file> -u`.

const staticFacts = withLan(staticIpv4);

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
  { what: "change", id: "dhcp-lan", text: "ENABLING DHCP ON LAN" },
  { what: "change", id: "renew-dhcp-lan", text: "RENEWING DHCP ON LAN" },
  { what: "change", id: "static-lan", text: "ENABLING STATIC IP ON LAN" },
];

const toField = (index: number) => ["ENTER*2", "DOWN", `ENTER*${2 + index}`];
const toDomain = toField(7);

/** A heading, the facts, and the keys; every frame on the way is drawn when `all` is set. */
const walks: readonly {
  readonly name: string;
  readonly facts: Facts;
  readonly keys: readonly string[];
  readonly type?: string;
}[] = [
  ...working.map((progress) => ({ name: "working", facts: { ...homeFacts, progress }, keys: [] })),
  { name: "home", facts: homeFacts, keys: [] },
  {
    name: "home, a long name",
    facts: { ...homeFacts, registration: { state: "active", name: "is_a_much_longer_name_than_fits", indicator: "P" } },
    keys: [],
  },
  { name: "home, IPv6", facts: { ...homeFacts, settings: factorySettings("ipv6-only") }, keys: [] },
  {
    name: "activation",
    facts: { ...homeFacts, phase: "activation", registration: { state: "unactivated", code: "1234-5678-9012" } },
    keys: [],
  },
  {
    name: "communication failure",
    facts: { ...homeFacts, phase: "communication-failure", fault: fault("LAN has no DNS servers") },
    keys: [],
  },
  ...guideFaults.map((message): { name: string; facts: Facts; keys: string[] } => ({
    name: "network error",
    facts: { ...homeFacts, phase: "network-error", fault: fault(message) },
    keys: [],
  })),
  ...["RIGHT", "DOWN", "DOWN", "DOWN"].map((_, index): { name: string; facts: Facts; keys: string[] } => ({
    name: `detail of an error, page ${index + 1}`,
    facts: { ...homeFacts, phase: "network-error", fault: fault("LAN has no DNS servers") },
    keys: ["RIGHT", `DOWN*${index}`],
  })),
  { name: "a change that did not stand", facts: { ...homeFacts, notice: "NOT CHANGED: the disk is full" }, keys: [] },
  ...(["factory", "previous", "reverted"] as const).map((loaded) => ({
    name: `settings: ${loaded}`,
    facts: { ...homeFacts, storage: { loaded, problem: null } },
    keys: [],
  })),
  {
    name: "settings cannot be stored",
    facts: { ...homeFacts, storage: { loaded: "current", problem: "no space left on /var/lib/bezel" } },
    keys: ["DOWN"],
  },
  ...[0, 1, 2, 3].map((downs) => ({ name: "main menu", facts: homeFacts, keys: ["ENTER", `DOWN*${downs}`] })),
  ...[0, 1, 2].map((downs) => ({
    name: "SETUP NETWORK with DHCP",
    facts: homeFacts,
    keys: ["ENTER*2", `DOWN*${downs}`],
  })),
  ...[0, 1].map((downs) => ({
    name: "SETUP NETWORK with a static address",
    facts: staticFacts,
    keys: ["ENTER*2", `DOWN*${downs}`],
  })),
  { name: "question", facts: homeFacts, keys: ["ENTER", "DOWN", "ENTER"] },
  { name: "question", facts: homeFacts, keys: ["ENTER", "DOWN*2", "ENTER"] },
  { name: "question", facts: staticFacts, keys: ["ENTER*3"] },
  ...Array.from({ length: 10 }, (_, index) => ({
    name: "static IP on LAN",
    facts: staticFacts,
    keys: toField(index - 1),
  })),
  { name: "typed with dots", facts: staticFacts, keys: toField(0), type: "10.77.0.2" },
  { name: "empty field", facts: bareFacts, keys: toField(0) },
  { name: "blank text field", facts: withLan({ ...staticIpv4, domain: null }), keys: toDomain },
  {
    name: "long text",
    facts: withLan({ ...staticIpv4, domain: "a-very-long.domain.example.com" }),
    keys: [...toDomain, "RIGHT*30"],
  },
  { name: "insert/delete mode", facts: staticFacts, keys: [...toDomain, "RIGHT*3", "DOWN"] },
  { name: "insert/delete mode", facts: staticFacts, keys: [...toDomain, "RIGHT*3", "DOWN*2"] },
  { name: "insert/delete mode", facts: staticFacts, keys: [...toDomain, "RIGHT*3", "DOWN*3"] },
  ...[
    "10.256.0.1\n",
    "0.1.2.3\n",
    "127.0.0.1\n",
    "224.0.0.1\n",
    "\n",
    "x",
    "10.0.0.1\n2",
    "10.0.0.0\n\n",
    "10.0.0.255\n\n",
    "10.0.0.2\n\n10.0.1.1\n",
    "10.0.0.2\n\n10.0.0.2\n",
    "10.0.0.2\n\n10.0.0.1\n\n",
  ].map((type) => ({ name: "refused", facts: bareFacts, keys: toField(0), type })),
  { name: "refused", facts: staticFacts, keys: toDomain, type: "a b\n" },
  { name: "refused", facts: staticFacts, keys: toDomain, type: "/" },
];

function frames(geometry: Geometry) {
  return walks.map(({ name, facts, keys, type = "" }) => {
    const bench = panelBench(facts, geometry);
    bench.press(...keys.filter((key) => !key.endsWith("*0")));
    return { name, frame: bench.type(type) };
  });
}

describe.each(geometries)("$cols x $rows", (geometry) => {
  it("shows every screen as in the file", async () => {
    const text = frames(geometry).map(({ name, frame }) => `${name}: ${drawn(frame)}`);
    await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot(`golden/${geometry.cols}x${geometry.rows}.txt`);
  });

  it("shows indicators on all screens but the working ones and those that need the room", () => {
    const bare = frames(geometry).filter(
      ({ name, frame }) => name !== "working" && !/[←→↑↓↵↔↕]$/.test(frame.lines[0] ?? ""),
    );
    const text = bare.map(({ frame }) => frame.lines.map((line) => line.trim()).join(" "));
    expect(text).toEqual(unindicated[`${geometry.cols}x${geometry.rows}`]);
  });
});
