import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { kernelArgv } from "../../src/network/networkmanager/kernel.ts";
import type { Lab } from "./lab.ts";
import { until } from "./until.ts";

/** One run of a program by the controller or its helper. */
export interface Step {
  /** The program with its arguments. */
  readonly line: string;
  readonly by: "controller" | "helper";
  /** It only asks. */
  readonly reads: boolean;
  /** The line of the last step before it that does more than ask; null: there was none. */
  readonly behind: string | null;
}

/** Where a step stands still: before the program runs, while it does, or when it has ended and nobody knows. */
export type Moment = "before" | "during" | "after";

/** A step that stands still. */
export interface Halt {
  readonly by: Step["by"];
  /** Kills the process that ran the program, as it is seen inside. */
  killParent(): Promise<void>;
  /** Kills the program, as a service manager does with what is left of a service. */
  killProgram(): Promise<void>;
  /** It goes on. */
  release(): Promise<void>;
}

export interface Tripwire {
  /** The way to a program's original, of whose runs nobody takes note. */
  real(name: "ip"): string;
  /** Takes note of the steps from here on, and halts the first like this one; a question only behind the same step. */
  arm(halt?: { readonly step: Step; readonly moment: Moment }): Promise<void>;
  /** The step that stands still; null: `isOver` before it came to that. */
  halted(isOver: () => Promise<boolean>): Promise<Halt | null>;
  /** Takes note no more, and gives the steps in the order in which they began. */
  disarm(): Promise<readonly Step[]>;
}

/** By which the ports are changed. What stands at the port's far side or in NetworkManager runs none of them. */
const programs = ["/usr/bin/nmcli", "/usr/sbin/ip", "/usr/sbin/nft", "/usr/sbin/ethtool", "/usr/bin/arping"];

/** Puts a program of the tests in the place of each, which counts its runs while armed and then runs the real one. */
export async function stretchTripwire(lab: Lab): Promise<Tripwire> {
  const folder = join(lab.folder, "tripwire");
  const [real, steps, armed, halted, go] = ["real", "steps", "armed", "halted", "go"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string];
  await mkdir(real, { recursive: true });
  for (const path of programs) {
    const name = basename(path);
    await lab.run(["cp", path, join(real, name)]);
    await lab.replaceProgram(path, script({ program: join(real, name), name, steps, armed, halted, go }));
  }
  // Both accounts write there.
  await lab.run(["chmod", "-R", "a+rwX", folder]);

  const read = async (number: number): Promise<Omit<Step, "behind">> => {
    const [line = "", parent = ""] = (await readFile(join(steps, String(number), "who"), "utf8")).split("\n");
    const reads = line === kernelArgv.join(" ") || / show\b|^ethtool \S+$/.test(line);
    return { line, by: parent.includes(" helper ") ? "helper" : "controller", reads };
  };
  return {
    real: (name) => join(real, name),
    arm: async (halt) => {
      await rm(steps, { recursive: true, force: true });
      for (const flag of [halted, `${halted}.once`, go]) await rm(flag, { recursive: true, force: true });
      await mkdir(steps);
      await lab.run(["chmod", "a+rwx", steps]);
      // In one go: whoever finds the file reads all of it.
      const { line = "", reads = false, behind = null } = halt?.step ?? {};
      const words = [halt?.moment ?? "never", line, reads ? (behind ?? "") : ""];
      await writeFile(`${armed}.new`, `${words.join("\n")}\n`);
      await rename(`${armed}.new`, armed);
    },
    halted: (isOver) =>
      until("the step or the end of the change", async () => {
        const said = await readFile(halted, "utf8").catch(() => "");
        // The line is whole when its end is there.
        if (!said.endsWith("\n")) return (await isOver()) ? { halt: null } : null;
        const [number = 0, parent = 0, ...own] = said.split(" ").map(Number);
        const kill = (pids: readonly number[]) =>
          lab.processes.run(["kill", "-KILL", ...pids.map(String)], { timeoutMs: 10_000 }).then(() => {});
        const halt: Halt = {
          by: (await read(number)).by,
          killParent: () => kill([parent]),
          killProgram: () => kill(own.filter((pid) => pid > 0)),
          release: () => writeFile(go, ""),
        };
        return { halt };
      }).then(({ halt }) => halt),
    disarm: async () => {
      await rm(armed, { force: true });
      const numbers = (await readdir(steps)).map(Number).sort((a, b) => a - b);
      let behind: string | null = null;
      return (await Promise.all(numbers.map(read))).map((step): Step => {
        const told = { ...step, behind };
        if (!step.reads) behind = step.line;
        return told;
      });
    },
  };
}

interface Places {
  /** The real one. */
  readonly program: string;
  readonly name: string;
  readonly steps: string;
  readonly armed: string;
  readonly halted: string;
  readonly go: string;
}

/** A directory is made by one only, so that of two that begin at once each has a number of its own. */
function script({ program, name, steps, armed, halted, go }: Places): string {
  return `
{ read -r moment; IFS= read -r line; IFS= read -r behind; } 2>/dev/null <${armed} || exec ${program} "$@"
n=1
until mkdir ${steps}/$n 2>/dev/null; do n=$((n + 1)); done
{ echo ${name} "$@"; tr '\\0' ' ' </proc/$PPID/cmdline; } >${steps}/$n/who
[ "${name} $*" = "$line" ] && { [ -z "$behind" ] || grep -qxFe "$behind" ${steps}/*/who; } && mkdir ${halted}.once 2>/dev/null || exec ${program} "$@"
child=0
case $moment in
  during) ${program} "$@" <&0 & child=$!;;
  after) ${program} "$@"; code=$?;;
esac
echo $n $PPID $$ $child >${halted}
until [ -e ${go} ]; do sleep 0.02; done
case $moment in
  before) exec ${program} "$@";;
  during) wait $child;;
  after) exit $code;;
esac`;
}
