import { readFile } from "node:fs/promises";
import type { Effort, Figure, Row } from "./measure.ts";
import { createHome, startNode } from "./program.ts";

/** The kernel's unit of CPU time in /proc, USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const goals = { megabytes: 80, percent: 0.2 } as const;
/** After the first contact has failed; what a start leaves behind has been collected by then, or stays. */
const restMs = 10_000;

/** Memory and CPU time of the daemon at rest, beside a Node that does nothing. */
export async function measureIdle({ idleSeconds }: Effort): Promise<Figure> {
  const home = await createHome();
  const bare = startNode(["-e", "setInterval(() => {}, 1e9)"]);
  const daemon = home.start();
  try {
    await daemon.said("contact failed");
    await pause(restMs);
    const before = [await cpuTicks(daemon.pid), await cpuTicks(bare.pid)] as const;
    const startMs = performance.now();
    await pause(idleSeconds * 1000);
    const seconds = (performance.now() - startMs) / 1000;
    const after = [await cpuTicks(daemon.pid), await cpuTicks(bare.pid)] as const;
    const [ours, theirs] = [await memoryOf(daemon.pid), await memoryOf(bare.pid)];
    const share = (ticks: number) => (ticks / ticksPerSecond / seconds) * 100;
    const cpu = share(after[0] - before[0]);
    return {
      title: "At rest: memory and CPU time",
      notes: [
        `bezel run, mock board, simulated network, at the error screen, for ${Math.round(seconds)} s, against node -e 'setInterval(() => {}, 1e9)'.`,
        "Resident: all pages. Proportional: shared pages divided among those that share them, such as Node's own code.",
        "CPU time is that of the children too, curl among them; the kernel counts it in hundredths of a second.",
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
      ],
    };
  } finally {
    await Promise.all([daemon.stop("SIGTERM"), bare.stop("SIGTERM")]);
    await home.remove();
  }
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

/** User and system time, with that of ended children: fields 14 to 17 of proc_pid_stat(5). Field 2 may hold spaces. */
async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

async function memoryOf(pid: number): Promise<{ readonly residentMb: number; readonly proportionalMb: number }> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1];
    return (Number(kibibytes) * 1024) / 1e6;
  };
  return { residentMb: megabytes("Rss"), proportionalMb: megabytes("Pss") };
}
