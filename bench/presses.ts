import { padIpv4 } from "../src/model/address.ts";
import type { Effect } from "../src/model/effect.ts";
import type { Facts } from "../src/model/facts.ts";
import { hostRules, passwordRules, proxyUserRules } from "../src/panel/fields/rules.ts";
import {
  bareFacts,
  fault,
  homeFacts,
  type PanelBench,
  panelBench,
  staticIpv4,
  withLan,
} from "../test/src/panel/bench.ts";
import { wanIpv4 } from "../test/src/panel/worlds.ts";
import type { Figure, Row } from "./measure.ts";

/** Key presses of a job, on the panel itself: it is over when the panel asks for what was wanted. */
interface Job {
  readonly what: string;
  readonly facts: Facts;
  /**
   * The same on a box that offers nothing to begin with, as the guide describes it: zeros and blank fields. `same`: nothing is
   * offered to us either, so that the guide's way is ours and there is nothing to compare. `none`: the guide has no way.
   */
  readonly guide: Facts | "same" | "none";
  /** The items on the way, then what each field is to hold; a field that is not named is left as it is. */
  readonly procedures: readonly { readonly items: readonly string[]; readonly values: Values }[];
  /** What the last of them asks for; null: it is only read. */
  readonly asks: Effect["type"] | null;
}

type Values = Readonly<Record<string, string>>;

const staticValues: Values = {
  "lan-static/address": "10.77.0.20",
  "lan-static/netmask": "",
  "lan-static/gateway": "10.77.0.1",
  "lan-static/dns1": "10.77.0.2",
  "lan-static/dns2": "10.77.0.3",
};
const wanValues: Values = {
  "wan-static/address": wanIpv4.address,
  "wan-static/gateway": wanIpv4.gateway,
  "wan-static/dns1": wanIpv4.dns[0] ?? "",
};
const proxyValues: Values = {
  "proxy/host": "10.77.0.9",
  "proxy/user": "corp\\anna",
  "proxy/password": "s3cret-7",
};
const lease: Facts = {
  ...homeFacts,
  network: { ...homeFacts.network, lan: { ...homeFacts.network.lan, ipv4: ["10.77.0.100/24"], domain: null } },
};
const deadDns: Facts = {
  ...withLan(staticIpv4),
  phase: "network-error",
  fault: fault("LAN DNS server not reachable", { detail: "10.77.0.2: no answer" }),
};

const staticLan = { items: ["main/setup-network", "setup/static-lan"], values: staticValues };
const jobs: readonly Job[] = [
  {
    what: "back to DHCP",
    facts: withLan(staticIpv4),
    guide: "same",
    procedures: [{ items: ["main/setup-network", "setup/dhcp-lan"], values: {} }],
    asks: "change-settings",
  },
  { what: "static address", facts: lease, guide: bareFacts, procedures: [staticLan], asks: "change-settings" },
  {
    what: "static address, proxy with user and password",
    facts: lease,
    guide: bareFacts,
    procedures: [staticLan, { items: ["main/setup-network", "setup/proxy"], values: proxyValues }],
    asks: "change-settings",
  },
  {
    what: "split network with a static WAN",
    facts: withLan(staticIpv4),
    guide: "same",
    procedures: [{ items: ["main/setup-network", "setup/wan", "wan/static"], values: wanValues }],
    asks: "change-settings",
  },
  {
    what: "find a dead DNS server",
    facts: deadDns,
    guide: "none",
    procedures: [{ items: [], values: {} }],
    asks: null,
  },
];

export async function measurePresses(): Promise<Figure> {
  return {
    title: "Key presses for a job",
    notes: [
      "Counted on the panel: each press of a key, each character typed. Holding a key counts as its single steps.",
      "The guide's way is the same procedure from fields that open with zeros or blank. It has no test on the box.",
    ],
    rows: jobs.flatMap((job) => [row(job, "keypad"), row(job, "console")]),
  };
}

type By = "keypad" | "console";

function row(job: Job, by: By): Row {
  const ours = count(job, job.facts, by);
  const what = `${job.what}, ${by}`;
  if (job.guide === "same" || job.guide === "none") {
    const against = job.guide === "same" ? "the guide's way is the same" : "a laptop at the cable";
    return { what, ours: String(ours), against, ratio: "", goal: "", met: null };
  }
  const guide = count(job, job.guide, by);
  return {
    what,
    ours: String(ours),
    against: `${guide} by the guide`,
    ratio: (ours / guide).toFixed(2),
    goal: "<= the guide",
    met: ours <= guide,
  };
}

function count({ what, procedures, asks }: Job, start: Facts, by: By): number {
  let presses = 0;
  let facts = start;
  for (const { items, values } of procedures) {
    const bench = counted(panelBench(facts), (more) => {
      presses += more;
    });
    if (asks === null) {
      while (!bench.frame().lines.join("").includes("10.77.0.2")) {
        bench.press(bench.frame().screen === "network-error" ? "RIGHT" : "DOWN");
      }
      continue;
    }
    bench.press("ENTER");
    for (const item of items) {
      while (bench.frame().screen !== item) bench.press("DOWN");
      bench.press("ENTER");
    }
    for (let screens = 0; bench.effects().length === 0 && screens < 20; screens += 1) {
      const value = values[bench.frame().screen];
      if (value !== undefined && value !== "") enter(bench, value, by);
      bench.press("ENTER");
    }
    const [effect] = bench.effects();
    const asked = JSON.stringify(effect ?? null);
    const isWanted = Object.values(values).every((value) => asked.includes(JSON.stringify(value).slice(1, -1)));
    if (effect?.type !== asks || !isWanted) throw new Error(`${what}: the panel asked for ${asked}`);
    if (effect.type === "change-settings") facts = { ...facts, settings: effect.settings };
  }
  return presses;
}

function counted(bench: PanelBench, add: (presses: number) => void): PanelBench {
  return {
    ...bench,
    press: (...keys) => {
      for (const key of keys) add(Number(key.split("*")[1] ?? 1));
      return bench.press(...keys);
    },
    type: (text) => {
      add(text.length);
      return bench.type(text);
    },
  };
}

const rings: Readonly<Record<string, string>> = {
  "proxy/host": hostRules("ipv4+v6").ring,
  "proxy/user": proxyUserRules.ring,
  "proxy/password": passwordRules.ring,
};

/** Brings a field to a value: by characters, or cell by cell with the arrows, each the shorter way round. */
function enter(bench: PanelBench, value: string, by: By): void {
  const ring = rings[bench.frame().screen];
  const shown = bench.frame().lines[1]?.trimEnd() ?? "";
  const wanted = ring === undefined ? padIpv4(value) : value;
  if (shown === wanted) return;
  if (by === "console") {
    // A text would be typed over: what stands behind it would stay.
    bench.type(ring === undefined || shown === "" ? value : `\u0015${value}`);
    return;
  }
  let behind = 0;
  for (const [index, character] of [...wanted].entries()) {
    if (character === "." && ring === undefined) continue;
    const from = shown[index] ?? " ";
    if (from !== character) {
      if (behind > 0) bench.press(`RIGHT*${behind}`);
      behind = 0;
      turn(bench, ring ?? "0123456789", from, character);
    }
    behind += 1;
  }
}

function turn(bench: PanelBench, ring: string, from: string, to: string): void {
  const up = (ring.indexOf(to) - ring.indexOf(from) + ring.length) % ring.length;
  const down = ring.length - up;
  // In a field with insert/delete mode DOWN turns the ring only after an UP.
  const first = bench.frame().screen === "proxy/host" ? 2 : 0;
  if (up <= down + first) bench.press(`UP*${up}`);
  else if (first === 0) bench.press(`DOWN*${down}`);
  else bench.press("UP", `DOWN*${down + 1}`);
}
