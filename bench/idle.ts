import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSystemClock } from "../hal/linux/clock.ts";
import { createSocketHelper } from "../src/helper/client.ts";
import { openBox } from "../test/lab/box.ts";
import { type Lab, openLab } from "../test/lab/lab.ts";
import { labLacks } from "../test/lab/needs.ts";
import { activateOnSight } from "../test/lab/steps.ts";
import { until } from "../test/lab/until.ts";
import { type PtyPair, plugPty } from "../test/support/pty-pair.ts";
import { hasPackage } from "../test/support/tools.ts";
import type { Effort, Figure, Row } from "./measure.ts";
import { createHome, program, startNode, unitCommand } from "./program.ts";

/** The kernel's unit of CPU time in /proc, USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const goals = { megabytes: 80, percent: 0.2 } as const;
/** After the first contact; what a start leaves behind has been collected by then, or stays. */
const restMs = 10_000;

/** A controller at rest. */
interface Resting {
  readonly what: string;
  readonly pid: number;
  /** What it did meanwhile, in words, since the last call. */
  readonly deeds: () => string;
  /** More to measure once it has been watched. */
  readonly more: () => Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Memory and CPU time of the controller at rest, with its children, beside a Node that does nothing. */
export async function measureIdle({ idleSeconds }: Effort): Promise<Figure> {
  const lacks = labLacks();
  const resting = lacks === null ? await restInLab() : await restOnBench(lacks);
  const bare = startNode(["-e", "setInterval(() => {}, 1e9)"]);
  try {
    await pause(restMs);
    resting.deeds();
    const before = [await cpuTicks(resting.pid), await cpuTicks(bare.pid)] as const;
    const startMs = performance.now();
    await pause(idleSeconds * 1000);
    const seconds = (performance.now() - startMs) / 1000;
    const after = [await cpuTicks(resting.pid), await cpuTicks(bare.pid)] as const;
    const deeds = resting.deeds();
    const [ours, theirs] = [(await ofEach(resting.pid, memoryOf)).reduce(plus), await memoryOf(bare.pid)];
    const share = (ticks: number) => (ticks / ticksPerSecond / seconds) * 100;
    const cpu = share(after[0] - before[0]);
    return {
      title: "At rest: memory and CPU time",
      notes: [
        `${resting.what}, for ${Math.round(seconds)} s, against node -e 'setInterval(() => {}, 1e9)'.`,
        `Processes then: ${(await ofEach(resting.pid, nameOf)).join(", ")}. In that time: ${deeds}.`,
        "Resident: all pages. Proportional: shared pages divided among those that share them, such as Node's own code.",
        "CPU time is that of the children too, those that have ended as well; the kernel counts it in hundredths of a second.",
      ],
      rows: [
        memoryRow("resident (RSS)", ours.residentMb, theirs.residentMb, goals.megabytes),
        memoryRow("proportional (PSS)", ours.proportionalMb, theirs.proportionalMb, null),
        {
          what: "CPU time",
          ours: `${cpu.toFixed(2)} % of a core`,
          against: `${share(after[1] - before[1]).toFixed(2)} %`,
          ratio: "",
          goal: `<= ${goals.percent} %`,
          met: cpu <= goals.percent,
        },
        ...(await resting.more()),
      ],
    };
  } finally {
    await bare.stop("SIGTERM");
    await resting.close();
  }
}

/** As systemd runs it: with a watchdog, and with compiled code that is kept. */
async function restInLab(): Promise<Resting> {
  const lab = await openLab();
  let line: PtyPair | null = null;
  const close = async () => {
    await lab.close();
    await line?.unplug();
  };
  try {
    activateOnSight(lab);
    const manager = `${lab.folder}/notify.sock`;
    const told = await lab.start(["socat", "-u", `UNIX-RECVFROM:${manager},fork`, "STDOUT"]);
    const unit = { NOTIFY_SOCKET: manager, WATCHDOG_USEC: "60000000", NODE_COMPILE_CACHE: `${lab.folder}/cache` };
    const environment = Object.entries(unit).map(([name, value]) => `${name}=${value}`);
    line = hasPackage("serialport") ? await plugPty(lab.folder, "ttyUSB0") : null;
    const hasConsole = line !== null;
    const box = await openBox(lab, {
      command: ["env", ...environment, ...unitCommand()],
      consoles: [`${lab.folder}/ttyUSB?`],
    });
    await box.start();
    await box.untilStatus(({ consoles }) => !hasConsole || consoles[0]?.state === "open");
    await box.untilScreen("home");
    const pid = box.pid();
    if (pid === null) throw new Error("the box runs, and has no process");

    let polls = 0;
    lab.gateway.platform.subscribe(() => {
      polls += 1;
    });
    const heartbeats = () => told.log().split("WATCHDOG=1").length - 1;
    let heartbeatsBefore = 0;
    return {
      what: `bezel run with the unit's flags and NetworkManager in a lab of namespaces, at home with a lease, ${hasConsole ? "a console" : "no console"}, a watchdog of 60 s`,
      pid,
      deeds: () => {
        const text = `heartbeats: ${heartbeats() - heartbeatsBefore}, polls: ${polls}`;
        heartbeatsBefore = heartbeats();
        polls = 0;
        return text;
      },
      more: async () => [await measureHelper(lab)],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The helper as its socket starts it: how large it is after a request, and that it ends then. */
async function measureHelper(lab: Lab): Promise<Row> {
  const [path, config] = [`${lab.folder}/bezel-net.sock`, join(lab.folder, "helper.toml")];
  await writeFile(config, '[network]\nlan = "lan0"\nwan = "wan0"\n');
  const command = [process.execPath, program, "helper", "--config", config];
  const helper = await lab.start(["systemd-socket-activate", `--listen=${path}`, ...command]);
  await until("the helper's socket", async () => helper.log().includes("Listening"));
  const client = createSocketHelper({ path, clock: createSystemClock() });
  // A cable of the lab has no modes to set; refused is answered.
  await client.setLink("lan", "auto", new AbortController().signal);
  const startMs = performance.now();
  const { residentMb } = await memoryOf(helper.pid);
  await until("the helper to end", async () => !helper.running());
  return {
    what: "helper, after a request",
    ours: `${residentMb.toFixed(1)} MB, ended after ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
    against: "",
    ratio: "",
    goal: "",
    met: null,
  };
}

async function restOnBench(lacks: string): Promise<Resting> {
  const home = await createHome();
  const daemon = home.start();
  const close = async () => {
    await daemon.stop("SIGTERM");
    await home.remove();
  };
  try {
    await daemon.said("fault begins");
  } catch (error) {
    await close();
    throw error;
  }
  return {
    what: `bezel run, mock board, simulated network (the lab ${lacks}), at the error screen`,
    pid: daemon.pid,
    deeds: () => "polls without an answer",
    more: async () => [],
    close,
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function memoryRow(what: string, ours: number, theirs: number, goal: number | null): Row {
  return {
    what,
    ours: `${ours.toFixed(1)} MB`,
    against: `${theirs.toFixed(1)} MB`,
    ratio: (ours / theirs).toFixed(2),
    goal: goal === null ? "" : `<= ${goal} MB`,
    met: goal === null ? null : ours <= goal,
  };
}

/** What `read` tells of the process, its children and theirs; what ends meanwhile is left out. */
async function ofEach<T>(pid: number, read: (pid: number) => Promise<T>): Promise<readonly T[]> {
  try {
    const [own, children] = await Promise.all([read(pid), readFile(`/proc/${pid}/task/${pid}/children`, "utf8")]);
    const theirs = children.split(" ").filter(Boolean);
    return [own, ...(await Promise.all(theirs.map((child) => ofEach(Number(child), read)))).flat()];
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

async function nameOf(pid: number): Promise<string> {
  const [program = "", ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return [program, ...args.map((arg) => (arg.includes("/") ? "" : arg))]
    .filter(Boolean)
    .map((word) => word.replace(/^.*\//, ""))
    .join(" ");
}

/** User and system time of the process, its children and those that have ended. */
async function cpuTicks(pid: number): Promise<number> {
  return (await ofEach(pid, ownTicks)).reduce((sum, own) => sum + own, 0);
}

/** With that of ended children: fields 14 to 17 of proc_pid_stat(5). Field 2 may hold spaces. */
async function ownTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

interface Memory {
  readonly residentMb: number;
  readonly proportionalMb: number;
}

async function memoryOf(pid: number): Promise<Memory> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1];
    return (Number(kibibytes) * 1024) / 1e6;
  };
  return { residentMb: megabytes("Rss"), proportionalMb: megabytes("Pss") };
}

function plus(one: Memory, other: Memory): Memory {
  return {
    residentMb: one.residentMb + other.residentMb,
    proportionalMb: one.proportionalMb + other.proportionalMb,
  };
}
