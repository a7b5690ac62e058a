import { findBoard } from "../../hal/boards/find-board.ts";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import type { Argv, Processes } from "../../hal/processes.ts";
import type { Config } from "../config/config.ts";
import { probeCurl } from "../https/curl.ts";

/** Something that the configuration names and this machine lacks. */
export interface Lack {
  readonly key: string;
  readonly message: string;
}

export interface InspectParts {
  readonly files: Files;
  readonly processes: Processes;
  /** Where the kernel describes its interfaces. */
  readonly sysClassNet?: string;
}

/** `config check` beyond the file itself: what this machine lacks for it. */
export async function inspect(config: Config, parts: InspectParts): Promise<readonly Lack[]> {
  const lacks = await Promise.all([
    boardLacks(config, parts),
    platformLacks(config, parts),
    config.network.backend === "networkmanager" ? networkLacks(config, parts) : [],
  ]);
  return lacks.flat();
}

async function boardLacks({ panel }: Config, { files }: InspectParts): Promise<readonly Lack[]> {
  if (panel.board === "mock") return [];
  const found = await findBoard(files, panel.board);
  return found.ok ? [] : found.error.map((message) => ({ key: "panel.board", message }));
}

/** Larger than any system's bundle of authorities. */
const maxAuthorityBytes = 4 * 1024 * 1024;

async function platformLacks({ platform }: Config, { files, processes }: InspectParts): Promise<readonly Lack[]> {
  const lacks: Lack[] = [];
  const curl = await probeCurl(processes);
  if (!curl.ok) lacks.push({ key: "platform.url", message: curl.error });
  if (platform.caFile === null) return lacks;
  try {
    await files.read(platform.caFile, maxAuthorityBytes);
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    lacks.push({ key: "platform.ca_file", message: error.message });
  }
  return lacks;
}

/** A call of each program that does nothing, and the Debian package that brings it. */
const programs: readonly { readonly argv: Argv; readonly package: string }[] = [
  { argv: ["nmcli", "--version"], package: "network-manager" },
  { argv: ["ip", "-V"], package: "iproute2" },
  { argv: ["ethtool", "--version"], package: "ethtool" },
  { argv: ["arping", "-V"], package: "iputils-arping" },
  { argv: ["nft", "--version"], package: "nftables" },
  { argv: ["dhcpcd", "--version"], package: "dhcpcd-base" },
];

const programTimeoutMs = 10_000;

async function networkLacks(config: Config, parts: InspectParts): Promise<readonly Lack[]> {
  const lacks = await Promise.all([
    ...programs.map((program) => programLack(program, parts)),
    portLacks(config, parts),
  ]);
  return lacks.flat();
}

async function programLack({ argv, package: name }: (typeof programs)[number], { processes }: InspectParts) {
  const [program] = argv;
  const ended = await processes.run(argv, { timeoutMs: programTimeoutMs });
  const message = `${program} is missing; install the package "${name}"`;
  return ended.kind === "notFound" ? [{ key: "network.backend", message }] : [];
}

async function portLacks({ network }: Config, parts: InspectParts): Promise<readonly Lack[]> {
  const { files, sysClassNet = "/sys/class/net" } = parts;
  const ethernet = createEthernetPorts({ ...parts, sysClassNet });
  const lacks: Lack[] = [];
  for (const port of ["lan", "wan"] as const) {
    const { present } = await ethernet.state(network[port]);
    if (present) continue;
    const names = (await files.list(sysClassNet)).filter((name) => name !== "lo");
    const message = `there is no interface ${network[port]}; this machine has ${names.join(", ") || "none"}`;
    lacks.push({ key: `network.${port}`, message });
  }
  return lacks;
}
