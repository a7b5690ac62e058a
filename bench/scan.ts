import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSystemClock } from "../hal/linux/clock.ts";
import type { Argv } from "../hal/processes.ts";
import { socketLine } from "../src/helper/client.ts";
import { createScanHelper, maxScanReplyBytes } from "../src/helper/scan/client.ts";
import { silentLog } from "../src/model/log.ts";
import { createScanNetwork } from "../src/network/scan/namespace.ts";
import type { ScanNetwork, ScanWish } from "../src/network/scan/scan-network.ts";
import { openLab } from "../test/lab/lab.ts";
import type { Daemon } from "../test/lab/namespaces.ts";
import { labLacks } from "../test/lab/needs.ts";
import { insideScan, openScanLab, type ScanLab, vlanInLab } from "../test/lab/scan-lab.ts";
import { until } from "../test/lab/until.ts";
import { someRoute, someVlan } from "../test/support/some-scans.ts";
import { type Effort, type Figure, inTurn, type Row, ratioRow } from "./measure.ts";
import { program } from "./program.ts";

/** A round takes half a minute. */
const maxRounds = 5;
const goals = { all: 1.3, one: 1.5 };

const vlans = Array.from({ length: 4094 }, (_, at) => someVlan(at + 1));
const routes = Array.from({ length: 99 }, (_, at) => someRoute(at, at + 1));
const whole: ScanWish = { vlans, routes };
/** The address of one is another one each time. */
const changed = (round: number): ScanWish => ({
  vlans: vlans.map((vlan) => (vlan.tag === 2000 ? { ...vlan, address: `10.7.208.${30 + (round % 200)}` } : vlan)),
  routes,
});

/** VLANs of the scans: all at once, and one among all, against the bare lines of ip for the same. */
export async function measureScan({ pairs, networkManager }: Effort): Promise<Figure> {
  const title = "Scans: 4094 VLANs with addresses, and 99 routes";
  const lacks = labLacks();
  if (lacks !== null) return { title, notes: [`Not measured: ${lacks}.`], rows: [] };
  const rounds = Math.min(pairs, maxRounds);
  const lab = await openScanLab(program);
  try {
    const bare = await openBare(lab);
    let number = 0;
    const spreads = await inTurn(rounds, {
      bareAll: async () => {
        await bare.clear();
        return bare.all();
      },
      bareOne: () => bare.one(number++),
      ourOne: async () => {
        // From the same state: the first call makes good what the bare change did.
        return withHelpers(lab, async (network) => {
          await timed(network, whole);
          return timed(network, changed(number++));
        });
      },
      ourAll: async () => {
        await bare.clear();
        return withHelpers(lab, (network) => timed(network, whole));
      },
      ourFirst: () => withHelpers(lab, (network) => timed(network, changed(number++))),
    });
    return {
      title,
      notes: [
        "bring() over both helpers behind their sockets; in namespaces, with macvlan links in the place of the VLANs.",
        "Against: the same lines by ip -batch; and for one address: ip -json address show into a file, ip address add and del.",
        `${rounds} rounds in turn. The helpers start with the first request of "all" and of the last row.`,
      ],
      rows: [
        ratioRow("all, from none", { ours: spreads.ourAll, bare: spreads.bareAll }, goals.all),
        ratioRow("one address among 4094", { ours: spreads.ourOne, bare: spreads.bareOne }, goals.one),
        ratioRow("the same, helpers asleep", { ours: spreads.ourFirst, bare: spreads.bareOne }, null),
        ...(networkManager ? [await measureProfiles(spreads.ourAll.median)] : []),
      ],
    };
  } finally {
    await lab.close();
  }
}

async function timed(network: ScanNetwork, wish: ScanWish): Promise<number> {
  const startMs = performance.now();
  const brought = await network.bring(wish, new AbortController().signal);
  const tookMs = performance.now() - startMs;
  if (!brought.ok || brought.value.length > 0) throw new Error(JSON.stringify(brought).slice(0, 1000));
  return tookMs;
}

/** Only where links are made ip has to be another one than the machine's, which costs a shell and a sed each time. */
const withItself = (ip: string): Argv => {
  const script = 'mount --bind "$0" /usr/bin/ip && exec "$@"';
  return ["unshare", "--mount", "--", "bash", "-c", script, ip];
};

/** Both helpers behind sockets that start them. */
async function withHelpers(lab: ScanLab, measure: (network: ScanNetwork) => Promise<number>): Promise<number> {
  const started: Daemon[] = [];
  const listen = async (name: string, argv: Argv) => {
    const path = join(lab.folder, `${name}.sock`);
    const helper = await lab.start(["systemd-socket-activate", `--listen=${path}`, ...argv]);
    started.push(helper);
    await until("the helper's socket", async () => helper.log().includes("Listening"));
    return socketLine({ path, clock: createSystemClock(), maxReplyBytes: maxScanReplyBytes });
  };
  try {
    const beside = await listen("beside", lab.helper);
    const inside = await listen("inside", [...withItself(lab.ip), ...insideScan, ...lab.helper, "--inside"]);
    return await measure(createScanNetwork({ privileged: createScanHelper({ beside, inside }), log: silentLog }));
  } finally {
    for (const helper of started) await helper.kill("SIGKILL");
  }
}

/** Prints how long the commands took, in ms: how long it takes to get into the lab does not count. */
const timing = (commands: string) => `
set -e; begun=$EPOCHREALTIME
${commands}
ended=$EPOCHREALTIME; echo $(( (\${ended/./} - \${begun/./}) / 1000 ))`;

async function openBare(lab: ScanLab) {
  const { ip } = lab;
  const file = (name: string) => join(lab.folder, name);
  const made = vlans.map(({ tag }) => `link add link lan0 name lan0.${tag} netns scan group 4094 ${vlanInLab}\n`);
  const batches = Array.from({ length: 5 }, (_, at) => made.slice(at * 900, (at + 1) * 900).join(""));
  await Promise.all(batches.map((text, at) => writeFile(file(`make-${at}`), text)));
  const set = vlans.flatMap(({ tag, address, prefixLength }) => [
    `address replace ${address}/${prefixLength} dev lan0.${tag}\n`,
    `link set dev lan0.${tag} up\n`,
  ]);
  const routed = routes.map(
    ({ destination, gateway, via }) => `route add ${destination} via ${gateway} dev lan0.${via} proto static\n`,
  );
  await writeFile(file("inside"), [...set, ...routed].join(""));
  const bash = async (commands: string) => Number(await lab.run(["bash", "-c", timing(commands)]));
  let last = "10.7.208.20";

  return {
    all: () => {
      last = "10.7.208.20";
      return bash(
        [
          ...batches.map((_, at) => `${ip} -batch ${file(`make-${at}`)}`),
          `${ip} -n scan -batch ${file("inside")}`,
        ].join("\n"),
      );
    },
    one: (round: number) => {
      const next = `10.7.208.${30 + (round % 200)}`;
      const commands = [
        `${ip} -n scan -json address show > ${file("shown.json")}`,
        `${ip} -n scan address add ${next}/24 dev lan0.2000`,
        `${ip} -n scan address del ${last}/24 dev lan0.2000`,
      ];
      last = next;
      return bash(commands.join("\n"));
    },
    clear: () => lab.processes.run([ip, "-n", "scan", "link", "delete", "group", "4094"], { timeoutMs: 60_000 }),
  };
}

/** NetworkManager's way: a profile for each, read at once; none of them is brought up. */
async function measureProfiles(oursMs: number): Promise<Row> {
  const lab = await openLab();
  try {
    const folder = lab.path("/etc/NetworkManager/system-connections");
    await mkdir(folder, { recursive: true });
    for (const { tag, address } of vlans)
      await writeFile(join(folder, `scan-${tag}.nmconnection`), keyfile(tag, address), { mode: 0o600 });
    const tookMs = Number(
      await lab.processes
        .run(["bash", "-c", timing("nmcli --wait 600 connection reload")], { timeoutMs: 600_000 })
        .then((ended) => (ended.kind === "exited" ? ended.stdout : "NaN")),
    );
    return {
      what: "all, as NetworkManager's profiles",
      ours: `${oursMs.toFixed(1)} ms`,
      against: `${tookMs.toFixed(1)} ms (once; only read, not up)`,
      ratio: (oursMs / tookMs).toFixed(2),
      goal: "",
      met: null,
    };
  } finally {
    await lab.close();
  }
}

const keyfile = (tag: number, address: string) => `[connection]
id=scan-${tag}
type=vlan
interface-name=lan0.${tag}
autoconnect=false
[vlan]
id=${tag}
parent=lan0
[ipv4]
method=manual
address1=${address}/24
[ipv6]
method=disabled
`;
