import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFiles } from "../hal/linux/files.ts";
import { filterScript, rulesScript, wantedRules } from "../src/helper/separation.ts";
import { silentLog } from "../src/model/log.ts";
import type { Route } from "../src/model/network-state.ts";
import { factorySettings, type Ipv4Settings, type PortName, type StaticIpv4 } from "../src/model/settings.ts";
import { type Profile, profilesOf, routesValue } from "../src/network/networkmanager/profile.ts";
import { wishesOf } from "../src/network/plan.ts";
import { ensureIdentity } from "../src/uplink/identity.ts";
import type { PollRequest } from "../src/uplink/protocol.ts";
import { pollReport } from "../src/uplink/report.ts";
import { accounts } from "../test/lab/accounts.ts";
import { type Box, openBox } from "../test/lab/box.ts";
import { platformHost } from "../test/lab/gateway.ts";
import { bootMachine } from "../test/lab/installation.ts";
import { type Lab, openLab } from "../test/lab/lab.ts";
import { labLacks } from "../test/lab/needs.ts";
import {
  activateOnSight,
  toDhcpQuestion,
  toNoWanQuestion,
  toStaticQuestion,
  toWanQuestion,
} from "../test/lab/steps.ts";
import { until } from "../test/lab/until.ts";
import { someFacts } from "../test/support/some-facts.ts";
import { type Effort, type Figure, inTurn, ratioRow } from "./measure.ts";
import { pollByCurl } from "./poll.ts";
import { unitCommand } from "./program.ts";

const goal = 1.15;
/** After a change; what it leaves to be done must not slow the bare one down that is measured next. */
const restMs = 1000;

const fixed: StaticIpv4 = {
  method: "static",
  address: "10.77.0.20",
  prefixLength: 24,
  gateway: "10.77.0.1",
  dns: ["10.77.0.1"],
  wins: [],
  domain: null,
};

/**
 * From the last ENTER of a change, or from an order, to the platform's answer to it, against the bare commands of the same
 * effect.
 */
export async function measureChange({ pairs }: Effort): Promise<Figure> {
  const title = "Change: from the confirmed settings to the platform's answer";
  const lacks = labLacks();
  if (lacks !== null) return { title, notes: [`Not measured: ${lacks}.`], rows: [] };
  const labs: Lab[] = [];
  const open = async () => {
    const lab = await openLab();
    labs.push(lab);
    activateOnSight(lab);
    return lab;
  };
  try {
    const ours = await openOurs(await open());
    const bare = await openBare(await open());
    const spreads = await inTurn(pairs, {
      bareStatic: () => bare.change(fixed),
      ourStatic: ours.toStatic,
      bareDhcp: () => bare.change({ method: "dhcp" }),
      ourDhcp: ours.toDhcp,
      bareWan: bare.wanOn,
      ourWan: ours.wanOn,
      bareRoute: bare.route,
      ourRoute: ours.route,
      bareNoWan: bare.wanOff,
      ourNoWan: ours.wanOff,
    });
    return {
      title,
      notes: [
        "bezel run with NetworkManager and the reference platform in a lab of namespaces; from the key to the end of the poll.",
        "Against: nmcli connection up of the same profile and one curl to the platform by name, in another such lab;",
        "for WAN also ip and nft with the same rules, for the route nmcli connection modify and device reapply.",
        "The helper is started for each of its verbs, as one that has been asleep. The route is ordered as the platform",
        "does: its time ends with the report, for which the platform is asked before the change and after it.",
        `${pairs} rounds of all ten in turn.`,
      ],
      rows: [
        ratioRow("DHCP to a static address", { ours: spreads.ourStatic, bare: spreads.bareStatic }, goal),
        ratioRow("static address to DHCP", { ours: spreads.ourDhcp, bare: spreads.bareDhcp }, goal),
        ratioRow("WAN on, by DHCP", { ours: spreads.ourWan, bare: spreads.bareWan }, goal),
        ratioRow("WAN off", { ours: spreads.ourNoWan, bare: spreads.bareNoWan }, goal),
        ratioRow("another route by WAN", { ours: spreads.ourRoute, bare: spreads.bareRoute }, null),
      ],
    };
  } finally {
    for (const lab of labs) await lab.close();
  }
}

async function openOurs(lab: Lab) {
  const box = await openBox(lab, { command: unitCommand() });
  await box.start();
  await box.untilScreen("home");

  /** Confirms, and waits for a poll that tells of a network that fits. Looks at the platform: the box is left in peace. */
  const confirm = async (fits: (network: PolledNetwork) => boolean): Promise<number> => {
    const startMs = Date.now();
    await box.press("ENTER");
    await until("a poll after the change", async () => {
      const last = lab.gateway.platform.appliances()[0]?.lastPoll;
      const isNew = last !== undefined && last !== null && Date.parse(last.at) >= startMs;
      return isNew && fits(last.request.network);
    });
    const endMs = await answered(box, startMs);
    await box.untilScreen("home");
    await pause(restMs);
    return endMs - startMs;
  };
  const isFixed = (address: string) => address === `${fixed.address}/${fixed.prefixLength}`;
  let revision = 0;
  return {
    toStatic: async () => {
      await toStaticQuestion(box, fixed.address);
      return confirm(({ lan }) => lan.ipv4.some(isFixed));
    },
    toDhcp: async () => {
      await toDhcpQuestion(box);
      return confirm(({ lan }) => lan.ipv4.some((address) => !isFixed(address)));
    },
    wanOn: async () => {
      await toWanQuestion(box);
      return confirm(({ wan }) => (wan?.ipv4.length ?? 0) > 0);
    },
    wanOff: async () => {
      await toNoWanQuestion(box);
      return confirm(({ wan }) => wan === null);
    },
    route: async () => {
      revision += 1;
      const value = { destination: `10.${100 + (revision % 100)}.0.0/16`, gateway: "10.78.0.1", via: "wan" };
      const startMs = performance.now();
      const report = await box.order({ schema: 1, revision, items: [{ id: "route", kind: "route", value }] });
      const tookMs = performance.now() - startMs;
      if (report.outcome !== "kept") throw new Error(`the order was ${report.outcome}: ${report.reason}`);
      await pause(restMs);
      return tookMs;
    },
  };
}

type PolledNetwork = PollRequest["network"];

/** When the box had the answer, ms since 1970; its clock is ours. */
async function answered(box: Box, sinceMs: number): Promise<number> {
  const { poll } = await box.untilStatus(({ poll }) => Date.parse(poll.lastSuccess ?? "") >= sinceMs);
  return Date.parse(poll.lastSuccess ?? "");
}

/** Each prints when it began and when it ended, in s since 1970: how long it takes to get into the lab does not count. */
const scriptOf = (work: string) => `
uuid=$1; shift
${work}`;
const ended = 'curl "$@" >/dev/null && echo "$begun $EPOCHREALTIME"';
const up = scriptOf(`begun=$EPOCHREALTIME
nmcli connection up uuid "$uuid" >/dev/null && ${ended}`);
const separating = "nft=$1 rules=$2; shift 2; begun=$EPOCHREALTIME";
const upAndSeparate = scriptOf(`${separating}
nmcli connection up uuid "$uuid" >/dev/null && nft -f "$nft" && ip -4 -batch "$rules" && ${ended}`);
const downAndJoin = scriptOf(`${separating}
nmcli connection delete uuid "$uuid" >/dev/null && nft -f "$nft" && ip -4 -batch "$rules" && ${ended}`);
/** The platform is asked before and after, as an order does. */
const reapply = scriptOf(`routes=$1 nft=$2; shift 2; begun=$EPOCHREALTIME
curl "$@" >/dev/null && nmcli connection modify --temporary uuid "$uuid" ipv4.routes "$routes" &&
nmcli device reapply wan0 >/dev/null && nft -f "$nft" && ${ended}`);
/** Of the account bezel in a lab. */
const uid = accounts.bezel;

async function openBare(lab: Lab) {
  const found = await ensureIdentity({
    files: createFiles(),
    directory: join(lab.folder, "bare"),
    serial: "29001",
    log: silentLog,
  });
  if (!found.ok) throw new Error(found.error.message);
  const [body, resolvConf] = [join(lab.folder, "request.json"), join(lab.folder, "resolv.conf")];
  await writeFile(body, JSON.stringify({ nonce: "0".repeat(22), ...pollReport(someFacts(), null, []) }));
  // Inside, the machine's own name servers are out of reach.
  await writeFile(resolvConf, `nameserver ${fixed.dns[0]}\n`);
  await lab.run(["mount", "--bind", resolvConf, "/etc/resolv.conf"]);
  const url = `https://${platformHost}/`;
  const curl = pollByCurl({ url, authorityFile: lab.gateway.caFile, identity: found.value, body });

  const profileOf = (port: PortName, ipv4: Ipv4Settings, routes: readonly Route[] = []) => {
    const settings = factorySettings();
    const wishes = wishesOf({ ...settings, lan: { ...settings.lan, ipv4 }, wan: { link: "auto", ipv4 } });
    const { link: _, ...order } = wishes[port] ?? wishes.lan;
    return profilesOf({ kind: "configure", ...order, routes }, { lan: "lan0", wan: "wan0" }).port;
  };
  const add = ({ uuid, type, properties }: Profile) =>
    lab.run([
      ...(["nmcli", "connection", "add", "save", "no", "type", type, "connection.uuid", uuid] as const),
      ...properties.flat(),
    ]);
  const lan = profileOf("lan", { method: "dhcp" });
  const wan = profileOf("wan", { method: "dhcp" });
  await add(lan);
  await lab.run(["nmcli", "connection", "up", "uuid", lan.uuid]);
  await mkdir(join(lab.folder, "bare-boot"));
  const config = join(lab.folder, "bare-boot", "bezel.toml");
  await writeFile(config, "");
  await bootMachine(lab, config);
  /** Rules and sets of a separated network, or of one that is not, in files. */
  const scripts = async (name: string, separation: { on: boolean; scanByWan: readonly string[] }) => {
    const [nft, rules] = [join(lab.folder, `${name}.nft`), join(lab.folder, `${name}.rules`)];
    await writeFile(nft, filterScript(separation, { lan: "lan0", wan: "wan0" }));
    const [here, wanted] = [wantedRules(uid, 4), wantedRules(separation.on ? uid : null, 4)];
    await writeFile(rules, rulesScript(separation.on ? [] : here, wanted));
    return [nft, rules] as const;
  };
  const on = await scripts("on", { on: true, scanByWan: [] });
  const off = await scripts("off", { on: false, scanByWan: [] });
  const timed = async (script: string, ...args: readonly string[]): Promise<number> => {
    const times = await lab.run(["bash", "-c", script, "bash", ...args]);
    const [begun = Number.NaN, ended = Number.NaN] = times.split(" ").map(Number);
    return (ended - begun) * 1000;
  };

  let revision = 0;
  return {
    change: async (ipv4: Ipv4Settings): Promise<number> => {
      const wanted = profileOf("lan", ipv4).properties.flat();
      await lab.run(["nmcli", "connection", "modify", "--temporary", "uuid", lan.uuid, ...wanted]);
      return timed(up, lan.uuid, ...curl);
    },
    wanOn: async () => {
      await add(wan);
      return timed(upAndSeparate, wan.uuid, ...on, ...curl);
    },
    wanOff: () => timed(downAndJoin, wan.uuid, ...off, ...curl),
    route: async () => {
      revision += 1;
      const routes = [{ destination: `10.${100 + (revision % 100)}.0.0/16`, gateway: "10.78.0.1" }];
      const [nft] = await scripts("route", { on: true, scanByWan: routes.map(({ destination }) => destination) });
      return timed(reapply, wan.uuid, routesValue("wan", routes), nft, ...curl);
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
