import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFiles } from "../hal/linux/files.ts";
import { silentLog } from "../src/model/log.ts";
import { factorySettings, type Ipv4Settings, type StaticIpv4 } from "../src/model/settings.ts";
import { profilesOf } from "../src/network/networkmanager/profile.ts";
import { wishesOf } from "../src/network/plan.ts";
import { ensureIdentity } from "../src/uplink/identity.ts";
import { pollReport } from "../src/uplink/report.ts";
import { type Box, openBox } from "../test/lab/box.ts";
import { platformHost } from "../test/lab/gateway.ts";
import { type Lab, openLab } from "../test/lab/lab.ts";
import { labLacks } from "../test/lab/needs.ts";
import { activateOnSight, toDhcpQuestion, toStaticQuestion } from "../test/lab/steps.ts";
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

/** From the last ENTER of a change of LAN to the platform's answer to it, against the two bare commands of the same effect. */
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
    });
    return {
      title,
      notes: [
        "bezel run with NetworkManager and the reference platform in a lab of namespaces; from the key to the end of the poll.",
        "Against: nmcli connection up of the same profile and one curl to the platform by name, in another such lab.",
        `${pairs} rounds of all four in turn.`,
      ],
      rows: [
        ratioRow("DHCP to a static address", { ours: spreads.ourStatic, bare: spreads.bareStatic }, goal),
        ratioRow("static address to DHCP", { ours: spreads.ourDhcp, bare: spreads.bareDhcp }, goal),
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

  /** Confirms, and waits for a poll that tells of an address that fits. Looks at the platform: the box is left in peace. */
  const confirm = async (fits: (address: string) => boolean): Promise<number> => {
    const startMs = Date.now();
    await box.press("ENTER");
    await until("a poll after the change", async () => {
      const last = lab.gateway.platform.appliances()[0]?.lastPoll;
      const isNew = last !== undefined && last !== null && Date.parse(last.at) >= startMs;
      return isNew && last.request.network.lan.ipv4.some(fits);
    });
    const endMs = await answered(box, startMs);
    await box.untilScreen("home");
    await pause(restMs);
    return endMs - startMs;
  };
  return {
    toStatic: async () => {
      await toStaticQuestion(box, fixed.address);
      return confirm((address) => address === `${fixed.address}/${fixed.prefixLength}`);
    },
    toDhcp: async () => {
      await toDhcpQuestion(box);
      return confirm((address) => address !== `${fixed.address}/${fixed.prefixLength}`);
    },
  };
}

/** When the box had the answer, ms since 1970; its clock is ours. */
async function answered(box: Box, sinceMs: number): Promise<number> {
  const { poll } = await box.untilStatus(({ poll }) => Date.parse(poll.lastSuccess ?? "") >= sinceMs);
  return Date.parse(poll.lastSuccess ?? "");
}

/** Prints when it began and when it ended, in s since 1970: how long it takes to get into the lab does not count. */
const script = `
uuid=$1; shift
begun=$EPOCHREALTIME
nmcli connection up uuid "$uuid" >/dev/null && curl "$@" >/dev/null && echo "$begun $EPOCHREALTIME"`;

async function openBare(lab: Lab) {
  const found = await ensureIdentity({
    files: createFiles(),
    directory: join(lab.folder, "bare"),
    serial: "29001",
    log: silentLog,
  });
  if (!found.ok) throw new Error(found.error.message);
  const [body, resolvConf] = [join(lab.folder, "request.json"), join(lab.folder, "resolv.conf")];
  await writeFile(body, JSON.stringify({ nonce: "0".repeat(22), ...pollReport(someFacts(), null) }));
  // Inside, the machine's own name servers are out of reach.
  await writeFile(resolvConf, `nameserver ${fixed.dns[0]}\n`);
  await lab.run(["mount", "--bind", resolvConf, "/etc/resolv.conf"]);
  const url = `https://${platformHost}/`;
  const curl = pollByCurl({ url, authorityFile: lab.gateway.caFile, identity: found.value, body });

  const profileOf = (ipv4: Ipv4Settings) => {
    const settings = factorySettings();
    const { link: _, ...order } = wishesOf({ ...settings, lan: { ...settings.lan, ipv4 } }).lan;
    return profilesOf({ kind: "configure", ...order }, { lan: "lan0", wan: "wan0" }).port;
  };
  const { uuid, type, properties } = profileOf({ method: "dhcp" });
  const identity = ["type", type, "connection.uuid", uuid];
  await lab.run(["nmcli", "connection", "add", "save", "no", ...identity, ...properties.flat()]);
  await lab.run(["nmcli", "connection", "up", "uuid", uuid]);

  return {
    change: async (ipv4: Ipv4Settings): Promise<number> => {
      const wanted = profileOf(ipv4).properties.flat();
      await lab.run(["nmcli", "connection", "modify", "--temporary", "uuid", uuid, ...wanted]);
      const times = await lab.run(["bash", "-c", script, "bash", uuid, ...curl]);
      const [begun = Number.NaN, ended = Number.NaN] = times.split(" ").map(Number);
      return (ended - begun) * 1000;
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
