import { type Clock, deadline, sleep } from "../clock.ts";
import { HalError } from "../errors.ts";
import type { EthernetPorts, LinkMode, LinkState } from "../ethernet.ts";
import type { Files } from "../files.ts";
import type { Processes, RunOptions } from "../processes.ts";
import { createSystemClock } from "./clock.ts";
import {
  type EthtoolSettings,
  isForced,
  modeOf,
  modesOf,
  parseEthtoolSettings,
  settingArguments,
} from "./ethtool-settings.ts";

export interface EthernetOptions {
  readonly files: Files;
  readonly processes: Processes;
  /** Where the kernel describes its interfaces. */
  readonly sysClassNet?: string;
  readonly clock?: Clock;
}

type Until = Pick<RunOptions, "signal">;

/** A few milliseconds, unless somebody holds the kernel's lock of its ports. Killing it takes a second more. */
const ethtoolTimeoutMs = 3000;
/** For all of `setMode`. A driver that is well needs up to three seconds. */
const setLimitMs = 12_000;
/** A driver that restarts its port shows the speed of before until the link has gone. */
const readBacks = 5;
const readBackPauseMs = 500;

/** The state from sysfs, the modes by ethtool(8). Setting a mode needs CAP_NET_ADMIN. */
export function createEthernetPorts({
  files,
  processes,
  sysClassNet = "/sys/class/net",
  clock = createSystemClock(),
}: EthernetOptions): EthernetPorts {
  /** null: no such attribute, or none now: `carrier` of a port that is down and `speed` of many drivers fail with EINVAL. */
  const attribute = async (interfaceName: string, name: string): Promise<string | null> => {
    try {
      const bytes = await files.read(`${sysClassNet}/${interfaceName}/${name}`, 4096);
      return Buffer.from(bytes).toString("latin1").trim();
    } catch (error) {
      if (error instanceof HalError) return null;
      throw error;
    }
  };
  const ethtool = (args: readonly string[], until: Until = {}) =>
    processes.run(["ethtool", ...args], { timeoutMs: ethtoolTimeoutMs, ...until });

  const settings = async (interfaceName: string, until?: Until): Promise<EthtoolSettings> => {
    checkName(interfaceName);
    // ethtool has the same words for a port that is missing and for one whose driver answers only while it is up.
    if ((await attribute(interfaceName, "address")) === null) {
      throw new HalError("absent", interfaceName, "there is no such interface");
    }
    const ended = await ethtool([interfaceName], until);
    if (ended.kind !== "exited") throw ethtoolError(interfaceName, ended);
    if (/no such device/i.test(ended.stderr)) {
      throw new HalError("io", interfaceName, "the driver says nothing of its link; is the port down?");
    }
    // What this user may not see, wake on LAN, is complained of; and a driver without any settings is no error of ours.
    if (ended.code === 0 || ended.stdout.trim() === "No data available") return parseEthtoolSettings(ended.stdout);
    throw ethtoolError(interfaceName, ended);
  };

  const setAndReadBack = async (interfaceName: string, mode: LinkMode, signal: AbortSignal): Promise<void> => {
    const before = await settings(interfaceName, { signal });
    const offered = modesOf(before);
    if (!offered.includes(mode)) {
      throw new HalError("unsupported", interfaceName, `the port does not offer ${mode}, only ${offered.join(", ")}`);
    }
    if (modeOf(before) === mode) return;
    const ended = await ethtool(["-s", interfaceName, ...settingArguments(mode)], { signal });
    if (ended.kind !== "exited" || ended.code !== 0) throw ethtoolError(interfaceName, ended);
    for (let look = 1; ; look++) {
      const now = modeOf(await settings(interfaceName, { signal }));
      if (now === mode || (now === null && isForced(mode))) return;
      if (look === readBacks) {
        throw new HalError(
          "io",
          interfaceName,
          `the driver took ${mode}, but the port is set to ${now ?? "a forced mode"}`,
        );
      }
      await sleep(clock, `${interfaceName}: read-back of the link mode`, readBackPauseMs, signal);
    }
  };

  return {
    state: async (interfaceName): Promise<LinkState> => {
      checkName(interfaceName);
      const mac = await attribute(interfaceName, "address");
      if (mac === null) {
        return { present: false, mac: null, carrier: false, speedMbps: null, duplex: null };
      }
      const carrier = (await attribute(interfaceName, "carrier")) === "1";
      const speed = Number((await attribute(interfaceName, "speed")) ?? Number.NaN);
      const duplex = await attribute(interfaceName, "duplex");
      return {
        present: true,
        mac: mac === "" ? null : mac,
        carrier,
        // -1: unknown to the driver.
        speedMbps: carrier && speed > 0 ? speed : null,
        duplex: carrier && (duplex === "full" || duplex === "half") ? duplex : null,
      };
    },
    mode: async (interfaceName) => {
      try {
        return modeOf(await settings(interfaceName));
      } catch (error) {
        // Who sets a mode hears why; a port that is only looked at works without the answer.
        if (error instanceof HalError && error.kind !== "absent") return null;
        throw error;
      }
    },
    modes: async (interfaceName) => modesOf(await settings(interfaceName)),
    setMode: async (interfaceName, mode) => {
      const limit = deadline(clock, `${interfaceName}: link mode`, setLimitMs);
      try {
        await setAndReadBack(interfaceName, mode, limit.signal);
      } catch (error) {
        if (!limit.signal.aborted) throw error;
        throw new HalError("timeout", interfaceName, `${mode} was not set and read back within ${setLimitMs} ms`);
      } finally {
        limit.done();
      }
    },
  };
}

/** Interface names of the kernel: 1 to 15 bytes without `/` and white space; not an option of ethtool either. */
function checkName(interfaceName: string): void {
  if (!/^[^-/\s][^/\s]{0,14}$/.test(interfaceName) || interfaceName === "." || interfaceName === "..") {
    throw new RangeError(`${JSON.stringify(interfaceName)} is no interface name`);
  }
}

function ethtoolError(interfaceName: string, ended: Awaited<ReturnType<Processes["run"]>>): HalError {
  switch (ended.kind) {
    case "notFound":
      return new HalError("unsupported", interfaceName, 'ethtool is missing; install the package "ethtool"');
    case "timeout":
      return new HalError("timeout", interfaceName, `ethtool did not end within ${ethtoolTimeoutMs} ms`);
    case "exited": {
      const reason = ended.stderr.trim().split("\n", 1)[0];
      const kind = /not permitted/i.test(ended.stderr)
        ? "denied"
        : /not supported/i.test(ended.stderr)
          ? "unsupported"
          : "io";
      return new HalError(kind, interfaceName, `ethtool ended with ${ended.code}: ${reason}`);
    }
    default:
      return new HalError("io", interfaceName, `ethtool ended by ${ended.kind}`);
  }
}
