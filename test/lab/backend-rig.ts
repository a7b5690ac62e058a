import { afterAll, afterEach, beforeAll, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { findHolder } from "../../src/helper/arping.ts";
import { askWins } from "../../src/helper/dhcp-inform.ts";
import { rulesetOf } from "../../src/helper/ruleset.ts";
import { separate } from "../../src/helper/separation.ts";
import type { NetworkState } from "../../src/model/network-state.ts";
import { failed, ok, type Result } from "../../src/model/result.ts";
import type { Operation, Refusal } from "../../src/network/backend.ts";
import { createNetworkManagerBackend } from "../../src/network/networkmanager/backend.ts";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import type { NetworkRig } from "../contract/network-backend.ts";
import { createSomeLog } from "../support/some-log.ts";
import { type Lab, openLab } from "./lab.ts";
import { until } from "./until.ts";

const interfaces = { lan: "lan0", wan: "wan0" };
const limitMs = 120_000;
export const never = new AbortController().signal;
export const done = { ok: true, value: null };

export interface LabRig extends NetworkRig {
  /** What was logged. */
  readonly lines: readonly string[];
  /** How often the DHCP server was asked for WINS servers. */
  readonly winsQuestions: { readonly begun: number; readonly ended: number };
}

export interface RigOptions {
  /** Without one the wire cannot be asked. */
  readonly helper: boolean;
}

export interface BackendInLab {
  lab(): Lab;
  /** The back end for this test; closed after it. */
  open(options?: RigOptions): Promise<LabRig>;
  perform(operation: Operation): Promise<Result<null, Refusal>>;
  observe(): Promise<NetworkState>;
  lan(): Promise<NetworkState["lan"]>;
  nmcli(...args: readonly string[]): Promise<string>;
  /** A test with a limit that real daemons keep. */
  tell(what: string, test: () => Promise<void>): void;
}

/** One lab for all tests of the group that calls this, and a back end for each of them. */
export function useBackend(): BackendInLab {
  let lab: Lab;
  let rig: LabRig | null = null;
  beforeAll(async () => {
    lab = await openLab();
  }, limitMs);
  afterEach(async () => {
    await rig?.close();
    rig = null;
  }, limitMs);
  afterAll(() => lab?.close());
  const opened = () => {
    if (rig === null) throw new Error("no back end; open one first");
    return rig;
  };
  const observe = () => opened().backend.observe(never);
  return {
    lab: () => lab,
    open: async (options) => {
      rig = await openRig(lab, options);
      return rig;
    },
    perform: (operation) => opened().backend.perform(operation, never),
    observe,
    lan: async () => (await observe()).lan,
    nmcli: async (...args) => (await lab.run(["nmcli", ...args])).trim(),
    tell: (what, test) => it(what, test, limitMs),
  };
}

/** The back end of this process on the lab's machine. Closing it leaves the lab as it was. */
export async function openRig(lab: Lab, { helper }: RigOptions = { helper: true }): Promise<LabRig> {
  const { processes, gateway } = lab;
  const { log, lines } = createSomeLog();
  const winsQuestions = { begun: 0, ended: 0 };
  const life = new AbortController();
  // As the boot loads it.
  await lab.run(["nft", "-f", "-"], rulesetOf({ ...interfaces, ping: true }));
  const clock = createSystemClock();
  const files = createFiles();
  const ethernet = createEthernetPorts({ files, processes, clock, sysClassNet: lab.path("/sys/class/net") });
  const backend = createNetworkManagerBackend({
    processes,
    followers: processes,
    ethernet,
    privileged: {
      setLink: async () => ok(null),
      separate: (separation, abort) => separate(processes, interfaces, separation, abort),
      findHolder: async ({ port, address }, abort) =>
        helper
          ? findHolder(processes, interfaces[port], address, abort)
          : failed({ kind: "unavailable", detail: "the helper is not there" }),
      askWins: async ({ port, address, prefixLength }, abort) => {
        winsQuestions.begun++;
        const answer = await askWins(processes, interfaces[port], `${address}/${prefixLength}`, abort);
        winsQuestions.ended++;
        return answer;
      },
    },
    clock,
    log,
    interfaces,
    signal: life.signal,
  });
  const held = new Set<string>();
  const hold = async (address: string, isHeld: boolean) => {
    if (isHeld) held.add(address);
    else held.delete(address);
    await gateway.holdAddress(address, isHeld);
  };
  let cut = false;
  let silent = false;
  return {
    lines,
    winsQuestions,
    backend,
    settle: (work) => work,
    until: async (what, isSo) => {
      await until(what, isSo);
    },
    cable: async (port, plugged) => {
      cut ||= !plugged;
      await gateway.cable(port, plugged);
    },
    serve: async (answers) => {
      silent = !answers;
      await gateway.dhcp({ answers });
    },
    hold,
    close: async () => {
      await separate(processes, interfaces, { on: false, scanByWan: [] }, never);
      life.abort();
      await lab.daemons.start();
      for (const uuid of Object.values(profileUuids)) {
        await processes.run(["nmcli", "connection", "delete", "uuid", uuid], { timeoutMs: 30_000 });
      }
      for (const address of [...held]) await hold(address, false);
      if (silent) await gateway.dhcp();
      if (!cut) return;
      await gateway.cable("lan", true);
      const device = ["nmcli", "-g", "GENERAL.STATE", "device", "show", "lan0"] as const;
      await until("lan0 as it was", async () => (await lab.run(device)).startsWith("30 "));
    },
  };
}
