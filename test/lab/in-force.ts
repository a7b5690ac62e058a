import type { Argv } from "../../hal/processes.ts";
import { rulePriorities, separationRules } from "../../src/helper/rules.ts";
import { accounts } from "./accounts.ts";
import type { Lab } from "./lab.ts";

/** What of the machine's network decides who goes where, of IPv4 unless it says otherwise; from the kernel and resolv.conf. */
export interface InForce {
  /** With prefix length. */
  readonly lan: readonly string[];
  readonly wan: readonly string[];
  /** `lan0 10.77.0.1 main`: port, router and table. */
  readonly ways: readonly string[];
  /** `1000 64001 lookup`: priority, account and action of those that are not the kernel's own. */
  readonly rules: readonly string[];
  readonly rules6: readonly string[];
  readonly dns: readonly string[];
}

interface IpRoute {
  readonly dev?: string;
  readonly gateway?: string;
  readonly table?: string;
}

/** The kernel's own: the machine's addresses, the main table, the default table. */
const ownPriorities = [0, 32766, 32767];

export async function inForce({ run, kernel, daemons }: Lab): Promise<InForce> {
  const ip = async <T>(...args: readonly string[]): Promise<readonly T[]> => {
    const text = await run(["ip", "-json", ...args] as Argv);
    return text.trim() === "" ? [] : (JSON.parse(text) as readonly T[]);
  };
  const rules = async (family: "-4" | "-6") => {
    const list = await ip<{ readonly priority: number }>(family, "rule", "show");
    const foreign = list.filter(({ priority }) => !ownPriorities.includes(priority));
    const told = separationRules(foreign).map(({ priority, uid, action }) => `${priority} ${uid} ${action}`);
    // What is at no priority of ours is nobody's.
    const others = foreign.filter(({ priority }) => !(Object.values(rulePriorities) as number[]).includes(priority));
    return [...told, ...others.map((rule) => JSON.stringify(rule))];
  };
  const [lan, wan, routes, rules4, rules6, { servers }] = await Promise.all([
    kernel.addresses("lan0"),
    kernel.addresses("wan0"),
    ip<IpRoute>("-4", "route", "show", "default", "table", "all"),
    rules("-4"),
    rules("-6"),
    daemons.resolvConf(),
  ]);
  const ways = routes.map(({ dev, gateway, table = "main" }) => `${dev} ${gateway} ${table}`).sort();
  return { lan, wan, ways, rules: rules4, rules6, dns: servers };
}

const way = { lan: "lan0 10.77.0.1 main", wan: "wan0 10.78.0.1 100" } as const;
const prohibit = `${rulePriorities.prohibit} ${accounts.bezel} prohibit`;

/** Management and scans by LAN: no rule, no second way. */
export const standard: Omit<InForce, "lan"> = {
  ...{ wan: [], ways: [way.lan], rules: [], rules6: [] },
  dns: ["10.77.0.1"],
};

/** Management by WAN and by nothing else; all others, and the names that they ask for, by LAN. */
export const split: Omit<InForce, "lan" | "wan"> = {
  ways: [way.lan, way.wan],
  rules: [`${rulePriorities.lookup} ${accounts.bezel} lookup`, prohibit],
  rules6: [prohibit],
  dns: ["10.77.0.1"],
};
