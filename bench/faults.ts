import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "../hal/linux/clock.ts";
import { createFiles } from "../hal/linux/files.ts";
import { createProcesses } from "../hal/linux/processes.ts";
import { type Bench, createBench } from "../sim/bench.ts";
import type { BenchPatch } from "../sim/bench-document.ts";
import { createAppliance } from "../src/appliance/appliance.ts";
import { defaultConfig } from "../src/config/load.ts";
import { createCurlHttps } from "../src/https/curl.ts";
import { silentLog } from "../src/model/log.ts";
import { factorySettings } from "../src/model/settings.ts";
import { openSettingsStore } from "../src/settings/store.ts";
import { ensureIdentity } from "../src/uplink/identity.ts";
import { pollUrl } from "../src/uplink/protocol.ts";
import { guideFaults } from "../test/support/guide-faults.ts";
import { type FaultRow, faultRows } from "./fault-rows.ts";
import type { Figure, Row } from "./measure.ts";
import { program } from "./program.ts";

/** Above the floor: the diagnosis, on a machine that does nothing else. */
const goalMs = 2000;
/** A fault that has not been named by then is not. */
const patienceMs = 120_000;
const glanceMs = 5;

const files = createFiles();
const clock = createSystemClock();

/** All is well again, whatever a row has broken. */
const soundWire = { cable: true, dhcp: "ok", duplicate: false, dns: "ok", routerAdvertisement: "ok" } as const;
const soundWorld: BenchPatch = {
  lan: { ...soundWire, subnet: "10.77.0.0/24" },
  wan: { ...soundWire, subnet: "10.78.0.0/24" },
  proxy: { required: false, auth: "none", answer: "ok" },
  platform: { answer: "ok", activated: true },
};

/** From the poll that fails to its fault: every row that the bench can provoke, on the real controller. */
export async function measureFaults(): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-benchmark-"));
  const bench = await openBench(folder);
  try {
    const rows: Row[] = [];
    for (const row of faultRows) {
      rows.push(await measureRow(row, bench, folder));
      process.stderr.write(`${rows.length}/${faultRows.length} ${row.message}\n`);
    }
    const absent = guideFaults.filter((message) => faultRows.every((row) => row.message !== message));
    return {
      title: "Fault: from the start of the failing poll to its name",
      notes: [
        "The controller over the simulated network, a real proxy and the reference platform on loopback, from power on; once each.",
        "Against: curl alone with the same request, or the limit of what does not answer; nothing where the box knows it already.",
        `Not to be provoked here: ${absent.join("; ")}.`,
      ],
      rows,
    };
  } finally {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function openBench(folder: string): Promise<Bench> {
  return createBench({
    system: clock,
    files,
    processes: createProcesses(),
    directory: folder,
    activated: true,
    log: silentLog,
    geometry: { cols: 16, rows: 2 },
    startBox: ({ machine, jobRunner, stateDirectory, platformUrl, authorityFile, ...parts }, signal) => {
      const config = defaultConfig();
      const appliance = createAppliance({
        config: {
          ...config,
          platform: { ...config.platform, url: platformUrl, caFile: authorityFile },
          control: { ...config.control, socket: join(folder, "control.sock") },
          state: { directory: stateDirectory },
        },
        product: { name: "Qualys", version: "0.0.0", model: "bench", serial: "29001" },
        machine,
        surroundings: async () => ({
          ...parts,
          https: createCurlHttps({ processes: machine.processes }),
          runner: jobRunner,
          sealer: null,
          healthArgv: [process.execPath, program, "health", stateDirectory],
        }),
        random: Math.random,
        log: silentLog,
        hide: () => {},
        messageMs: 0,
      });
      return { ...appliance, ended: appliance.run(signal) };
    },
  });
}

async function measureRow(row: FaultRow, bench: Bench, folder: string): Promise<Row> {
  const { message, floor } = row;
  const stateDirectory = join(folder, "box");
  bench.host.cut();
  await store(row, bench, join(stateDirectory, "settings"));
  await bench.patch(soundWorld);
  await bench.patch(row.world ?? {});
  bench.host.restore();
  const named = await untilNamed(message, bench);
  if (named === null) {
    const found = bench.control.facts().fault?.message ?? "nothing";
    return { what: message, ours: `not named: ${found}`, against: "", ratio: "", goal: "the guide's text", met: false };
  }
  const floorMs = floor === "curl" ? await bareCurl(row, bench, folder) : floor === "facts" ? 0 : floor;
  return {
    what: message,
    ours: `${named} ms`,
    against: floor === "facts" ? "-" : `${Math.round(floorMs)} ms`,
    ratio: floor === "facts" ? "" : (named / floorMs).toFixed(2),
    goal: floor === "facts" ? `<= ${goalMs} ms` : `<= it + ${goalMs} ms`,
    met: named <= floorMs + goalMs,
  };
}

/** Puts the row's settings on the disk of the box, which has no power. */
async function store({ settings, password }: FaultRow, bench: Bench, directory: string): Promise<void> {
  const opened = await openSettingsStore({ files, directory, clock, log: silentLog });
  const wanted = settings?.(bench.about.proxy) ?? factorySettings();
  const begun = await opened.begin(wanted, password === undefined ? "forget" : { proxyPassword: password });
  const kept = begun.ok ? await begun.value.commit() : begun;
  if (!kept.ok) throw new Error(kept.error);
}

/** Milliseconds from the start of the poll that failed; null: another fault was named, or none. */
async function untilNamed(message: string, bench: Bench): Promise<number | null> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const { fault, poll } = bench.control.facts();
    const startedMs = Date.parse(poll.lastAttempt ?? "");
    if (fault?.message === message) return Math.max(0, Date.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, glanceMs));
  }
  return null;
}

/** The same request by curl alone, whatever becomes of it, ms. */
async function bareCurl({ settings, password }: FaultRow, bench: Bench, folder: string): Promise<number> {
  const { platformUrl, proxy } = bench.about;
  const { hostname, port } = new URL(platformUrl);
  const identity = await ensureIdentity({ files, directory: join(folder, "box"), serial: "29001", log: silentLog });
  if (!identity.ok) throw new Error(identity.error.message);
  const body = join(folder, "request.json");
  await writeFile(body, JSON.stringify({ nonce: "0".repeat(22) }));
  const behind = settings?.(proxy).proxy ?? null;
  const user = behind?.user == null ? [] : ["--proxy-basic", "--proxy-user", `${behind.user}:${password ?? ""}`];
  const way =
    behind === null
      ? ["--noproxy", "*", "--resolve", `${hostname}:${port}:127.0.0.1`]
      : ["--proxy", `http://127.0.0.1:${proxy.port}`, ...user];
  const { certificateFile, keyFile } = identity.value;
  const args = [
    ...["-q", "--silent", "--ipv4", "--connect-timeout", "30", "--output", "/dev/null", ...way],
    ...["--cacert", join(folder, "platform-authority.pem"), "--cert", certificateFile, "--key", keyFile],
    ...["--header", "Content-Type: application/json", "--data-binary", `@${body}`, pollUrl(platformUrl)],
  ];
  const startMs = performance.now();
  await new Promise((resolve, reject) => {
    const child = spawn("curl", args, { stdio: "ignore" });
    child.on("error", reject);
    child.on("exit", resolve);
  });
  return performance.now() - startMs;
}
