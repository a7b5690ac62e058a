import { HalError } from "../errors.ts";
import type { EthernetPorts, LinkMode, LinkState } from "../ethernet.ts";
import { linkModes } from "../ethernet.ts";
import type { Files } from "../files.ts";
import type { Processes } from "../processes.ts";

export interface EthernetOptions {
  readonly files: Files;
  readonly processes: Processes;
  /** Where the kernel describes its interfaces. */
  readonly sysClassNet?: string;
}

const ethtoolTimeoutMs = 10_000;

/** The state from sysfs, the modes by ethtool(8). Setting a mode needs CAP_NET_ADMIN. */
export function createEthernetPorts({
  files,
  processes,
  sysClassNet = "/sys/class/net",
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
  const ethtool = async (interfaceName: string, ...args: string[]): Promise<string> => {
    const ended = await processes.run(["ethtool", ...args], { timeoutMs: ethtoolTimeoutMs });
    if (ended.kind === "exited" && ended.code === 0) return ended.stdout;
    throw ethtoolError(interfaceName, ended);
  };

  const modes = async (interfaceName: string): Promise<readonly LinkMode[]> => {
    checkName(interfaceName);
    return parseModes(await ethtool(interfaceName, interfaceName));
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
    modes,
    setMode: async (interfaceName, mode) => {
      const offered = await modes(interfaceName);
      if (!offered.includes(mode)) {
        throw new HalError("unsupported", interfaceName, `the port does not offer ${mode}, only ${offered.join(", ")}`);
      }
      // Virtual ports report no modes and refuse even this.
      if (offered.length === 1) return;
      await ethtool(interfaceName, "-s", interfaceName, ...settingsOf(mode));
    },
  };
}

/** Interface names of the kernel: 1 to 15 bytes without `/` and white space; not an option of ethtool either. */
function checkName(interfaceName: string): void {
  if (!/^[^-/\s][^/\s]{0,14}$/.test(interfaceName) || interfaceName === "." || interfaceName === "..") {
    throw new RangeError(`${JSON.stringify(interfaceName)} is no interface name`);
  }
}

/** `auto` alone makes ethtool advertise all that the port supports (ethtool(8), autoneg). */
function settingsOf(mode: LinkMode): readonly string[] {
  if (mode === "auto") return ["autoneg", "on"];
  const [speed = "", duplex = ""] = mode.split("/");
  // 1000BASE-T cannot do without negotiation (IEEE 802.3 clause 40); with it, this advertises that mode alone.
  return ["speed", speed, "duplex", duplex, "autoneg", speed === "1000" ? "on" : "off"];
}

/** From the paragraph "Supported link modes: 10baseT/Half 10baseT/Full ..." that goes on over indented lines. */
export function parseModes(text: string): readonly LinkMode[] {
  const paragraph = /Supported link modes:([^:]*)\n[^\n:]*:/.exec(text)?.[1] ?? "";
  const offered = new Set([...paragraph.matchAll(/\b(10+)base[^/\s]*\/(Half|Full)/g)].map(modeName));
  return linkModes.filter((mode) => mode === "auto" || offered.has(mode));
}

function modeName([, speed, duplex]: RegExpExecArray): string {
  return `${speed}/${duplex?.toLowerCase()}`;
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
          : /no such device/i.test(ended.stderr)
            ? "absent"
            : "io";
      return new HalError(kind, interfaceName, `ethtool ended with ${ended.code}: ${reason}`);
    }
    default:
      return new HalError("io", interfaceName, `ethtool ended by ${ended.kind}`);
  }
}
