import type { Exited, Processes } from "../../../hal/processes.ts";

/** A routing rule as `ip -N -json rule show` gives it. */
export interface ModelRule {
  readonly priority: number;
  readonly src: string;
  readonly uid_start?: number;
  readonly uid_end?: number;
  readonly table?: string;
  readonly action?: string;
}

export interface ModelKernel {
  readonly processes: Processes;
  readonly rules: Record<4 | 6, ModelRule[]>;
  /** null: the table was never loaded. */
  filter: { ports: readonly string[]; networks: readonly string[] } | null;
  /** The port by which a packet of the account leaves, if any. */
  way(uid: number, family: 4 | 6, wanUp: boolean): "lan" | "wan" | "none";
  /** How many effects are let through before a program fails; null: all. */
  failAfter: number | null;
  /** Called after each change of the machine. */
  changed: () => void;
  /** What was run, without the questions. */
  readonly effects: string[];
}

const local: ModelRule = { priority: 0, src: "all", table: "255" };
const main: ModelRule = { priority: 32766, src: "all", table: "254" };

/**
 * The part of the kernel that separation is about, as ip(8) and nft(8) present it: both take a script whole line by line, and
 * nft all of it or nothing. Throws at anything that it does not know. LAN is `lan0`, WAN `wan0`.
 */
export function createModelKernel(uids: Readonly<Record<string, number>> = { bezel: 990 }): ModelKernel {
  const exited = (stdout: string): Exited => ({ kind: "exited", code: 0, stdout, stderr: "" });
  const refused = (code: number, stderr: string): Exited => ({ kind: "exited", code, stdout: "", stderr });

  const nft = (script: string): Exited => {
    if (kernel.filter === null) return refused(1, "/dev/stdin:1:12-16: Error: No such file or directory\n");
    let next = kernel.filter;
    for (const line of script.trimEnd().split("\n")) {
      const [, verb, name, members] =
        /^(flush set|add element) inet bezel (management_ports|scan_by_wan)(?: \{ (.+) \})?$/.exec(line) ?? [];
      if (verb === undefined) throw new Error(`nft does not know ${line}`);
      const list = verb === "flush set" ? [] : (members ?? "").split(", ");
      next =
        name === "scan_by_wan" ? { ...next, networks: list } : { ...next, ports: list.map((it) => it.slice(1, -1)) };
    }
    kernel.filter = next;
    return exited("");
  };

  const batch = (family: 4 | 6, script: string): Exited => {
    for (const line of script.trimEnd().split("\n")) {
      const add = /^rule add priority (\d+) uidrange (\d+)-(\d+) (lookup (\d+)|prohibit)$/.exec(line);
      const gone = /^rule delete priority (\d+)$/.exec(line);
      if (add !== null) {
        const [, priority, first, last, , number] = add;
        const action = number === undefined ? { action: "8" } : { table: number };
        const rule = {
          priority: Number(priority),
          src: "all",
          uid_start: Number(first),
          uid_end: Number(last),
          ...action,
        };
        kernel.rules[family].push(rule);
      } else if (gone !== null) {
        const at = kernel.rules[family].findIndex(({ priority }) => priority === Number(gone[1]));
        if (at < 0) return refused(1, "RTNETLINK answers: No such file or directory\n");
        kernel.rules[family].splice(at, 1);
      } else throw new Error(`ip -batch does not know ${line}`);
      kernel.changed();
    }
    return exited("");
  };

  const kernel: ModelKernel = {
    rules: { 4: [local, main], 6: [local, main] },
    filter: { ports: ["lan0", "lan0.*"], networks: [] },
    failAfter: null,
    changed: () => {},
    effects: [],
    way: (uid, family, wanUp) => {
      const applies = ({ uid_start = 0, uid_end = 2 ** 32 }: ModelRule) => uid_start <= uid && uid <= uid_end;
      const sorted = kernel.rules[family].filter(applies).sort((a, b) => a.priority - b.priority);
      // Only WAN's table may be empty; IPv6 has no route there at all.
      const leads = ({ action, table }: ModelRule) =>
        action !== undefined || table === "254" || (table === "100" && wanUp && family === 4);
      const rule = sorted.find(leads);
      const port = rule?.table === "100" ? "wan" : rule?.table === "254" ? "lan" : "none";
      return port !== "none" && (kernel.filter === null || kernel.filter.ports.includes(`${port}0`)) ? port : "none";
    },
    processes: {
      run: async ([program, ...args], { inputs }) => {
        const input = String(inputs?.[0] ?? "");
        const line = [program, ...args].join(" ");
        const [, family] = /^ip -N -json -([46]) /.exec(line) ?? [];
        const isQuestion = program === "id" || line.endsWith(" rule show");
        if (!isQuestion) {
          if (kernel.failAfter === kernel.effects.length) return refused(1, `${program}: Operation not permitted\n`);
          kernel.effects.push(`${line}\n${input}`);
        }
        if (line === "nft -f -") {
          const ended = nft(input);
          kernel.changed();
          return ended;
        }
        if (program === "id" && args[0] === "-u") {
          const uid = uids[args[1] ?? ""];
          return uid === undefined ? refused(1, `id: '${args[1]}': no such user\n`) : exited(`${uid}\n`);
        }
        if (family === undefined) throw new Error(`nobody knows ${line}`);
        const number = family === "4" ? 4 : 6;
        if (isQuestion) return exited(`${JSON.stringify(kernel.rules[number])}\n`);
        if (line === `ip -N -json -${number} -batch -`) return batch(number, input);
        throw new Error(`nobody knows ${line}`);
      },
    },
  };
  return kernel;
}
