import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "../test/lab/until.ts";
import { patienceMs, startSurroundings } from "../test/vm/appliance.ts";
import { type Guest, startGuest } from "../test/vm/guest.ts";
import { prepareImage } from "../test/vm/image.ts";
import { guestLacks } from "../test/vm/needs.ts";
import { makeStateDisk } from "../test/vm/state-disk.ts";
import { type Effort, type Figure, inTurn, ratioRow } from "./measure.ts";

const project = resolve(import.meta.dirname, "..");
const service = "bezel.service";
const goal = 2;
/** After the first contact. */
const restMs = 20_000;

/** The service as systemd starts it and counts its memory and CPU time, in a guest whose processor is emulated. */
export async function measureUnit(effort: Effort): Promise<Figure> {
  const lacks = guestLacks();
  const title = "The unit in a guest";
  if (lacks !== null) return { title, notes: [`Not measured: ${lacks}.`], rows: [] };
  const folder = await mkdtemp(join(tmpdir(), "bezel-benchmark-"));
  const { platform, files } = await startSurroundings();
  try {
    platform.control.activateOnSight({ name: "guest", indicator: "P" });
    const image = await prepareImage(project, (line) => console.error(line));
    const state = join(folder, "state.ext4");
    await makeStateDisk(state);
    const guest = await startGuest({ image, state, files });
    try {
      await guest.booted(patienceMs);
      await guest.run(["systemctl", "is-system-running", "--wait"], { timeoutMs: patienceMs });
      return { title, ...(await measureIn(guest, effort)) };
    } finally {
      await guest.cut();
    }
  } finally {
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIn(guest: Guest, { pairs, idleSeconds }: Effort): Promise<Pick<Figure, "notes" | "rows">> {
  await untilHome(guest);
  const { memory: atBoot } = await accounts(guest);

  let ready = 0;
  const spreads = await inTurn(pairs, {
    bare: () => bareNode(guest),
    frame: async () => {
      const start = await restart(guest);
      ready = start.readyMs;
      return start.frameMs;
    },
    // Of the same start.
    ready: async () => ready,
  });

  await untilHome(guest);
  await pause(restMs);
  const [before, startMs] = [await accounts(guest), performance.now()];
  await pause(idleSeconds * 1000);
  const [after, endMs] = [await accounts(guest), performance.now()];
  const cpu = ((after.cpuMs - before.cpuMs) / (endMs - startMs)) * 100;
  const helper = await show(guest, "bezel-net.service", "ActiveState");
  const told = (what: string, ours: string) => ({ what, ours, against: "", ratio: "", goal: "", met: null });
  return {
    notes: [
      "Debian under qemu with an emulated processor. From ExecMainStartTimestamp of bezel.service, before its sandbox is made,",
      `against node -e 0 in the same guest, from start to exit; ${pairs} pairs, alternated. Memory and CPU time as systemd counts them.`,
    ],
    rows: [
      ratioRow("first Frame drawn", { ours: spreads.frame, bare: spreads.bare }, goal),
      ratioRow("READY at systemd", { ours: spreads.ready, bare: spreads.bare }, null),
      told("memory at rest, started anew", showMemory(after.memory)),
      told("memory after the boot", showMemory(atBoot)),
      told(`CPU time in ${Math.round((endMs - startMs) / 1000)} s at rest`, `${cpu.toFixed(2)} % of an emulated core`),
      told("bezel-net.service", helper),
    ],
  };
}

async function untilHome(guest: Guest): Promise<void> {
  const isHome = async () => (await show(guest, service, "StatusText")) === "ready";
  await until("the service to be on line", isHome, patienceMs);
}

const bareScript = 'begun=$EPOCHREALTIME; /usr/lib/bezel/node -e 0; echo "$begun $EPOCHREALTIME"';

async function bareNode(guest: Guest): Promise<number> {
  const times = await guest.read("env", "LC_ALL=C", "bash", "-c", bareScript);
  const [begun = Number.NaN, ended = Number.NaN] = times.split(" ").map(Number);
  return (ended - begun) * 1000;
}

/** From the start of the process to the picture, and to the message that systemd waits for. */
async function restart(guest: Guest): Promise<{ readonly frameMs: number; readonly readyMs: number }> {
  await guest.read("systemctl", "restart", service);
  const [startMs, readyMs] = await Promise.all(
    ["ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic"].map(
      async (property) => Number(await show(guest, service, property)) / 1000,
    ),
  );
  if (startMs === undefined || readyMs === undefined) throw new Error("two times were asked for");
  const invocation = await show(guest, service, "InvocationID");
  const frameMs = await until(
    "the first picture in the journal",
    async () => pictureIn(await guest.read("journalctl", "--output=json", `_SYSTEMD_INVOCATION_ID=${invocation}`)),
    patienceMs,
  );
  return { frameMs: frameMs - startMs, readyMs: readyMs - startMs };
}

/** When the first picture was drawn, in ms since the boot; the log has the time of day, and the journal has both. */
function pictureIn(journal: string): number | null {
  for (const line of journal.split("\n").filter(Boolean)) {
    const entry = JSON.parse(line) as Readonly<Record<string, string>>;
    const { MESSAGE: message = "", __REALTIME_TIMESTAMP: dayUs, __MONOTONIC_TIMESTAMP: bootUs } = entry;
    if (!message.includes('"first picture drawn"')) continue;
    return JSON.parse(message).time - (Number(dayUs) - Number(bootUs)) / 1000;
  }
  return null;
}

interface Accounts {
  readonly cpuMs: number;
  readonly memory: { readonly total: number; readonly anonymous: number };
}

async function accounts(guest: Guest): Promise<Accounts> {
  const [cpuNs, total, details] = await Promise.all([
    show(guest, service, "CPUUsageNSec"),
    show(guest, service, "MemoryCurrent"),
    guest.read("cat", `/sys/fs/cgroup/system.slice/${service}/memory.stat`),
  ]);
  const anonymous = Number(/^anon (\d+)$/m.exec(details)?.[1]);
  return { cpuMs: Number(cpuNs) / 1e6, memory: { total: Number(total), anonymous } };
}

function showMemory({ total, anonymous }: Accounts["memory"]): string {
  return `${(total / 1e6).toFixed(1)} MB, ${(anonymous / 1e6).toFixed(1)} MB of it not files`;
}

function show(guest: Guest, unit: string, property: string): Promise<string> {
  return guest.read("systemctl", "show", "--value", "--property", property, unit);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
