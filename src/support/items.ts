import type { Argv } from "../../hal/processes.ts";

/** What only the product can tell, under the name that {@link Told} has for it. */
export type ToldName = "status" | "screen" | "faults" | "config" | "settings" | "plan";

/** One file of the bundle and where it comes from. No source is a file that holds a secret. */
export interface Item {
  /** Its path in the bundle; where it cannot be had, `.missing` is added and the file holds the reason. */
  readonly file: string;
  readonly from:
    | { readonly told: ToldName }
    /** One program: its output as it is. Several: one after the other, each under its command line. */
    | { readonly programs: readonly Argv[] };
  /** What is over is cut off. */
  readonly maxBytes: number;
  /** What others than root get of it. */
  readonly withoutRoot: "all" | "less" | "nothing";
  /** The programs print the newest line first, so that the oldest are cut off; in the bundle the oldest stands first. */
  readonly newestFirst: boolean;
}

/** What the table is made for. */
export interface ItemContext {
  readonly ports: { readonly lan: string; readonly wan: string };
  /** UUIDs of the profiles that the product gives NetworkManager. */
  readonly profiles: readonly string[];
  /** The network namespace of the scans. */
  readonly scanNamespace: string;
  readonly stateDirectory: string;
  /** The program itself, to be asked for its version and for the machine's health. */
  readonly bezel: Argv;
}

const kib = 1024;
const mib = 1024 * kib;

/** Of what a box without networks of scans prints, tens of times as much. */
const someBytes = 512 * kib;
/** 4094 VLANs take 2 KiB each, and their routes three times 200 bytes. */
const manyVlansBytes = 8 * mib;

const units = [
  "bezel",
  "bezel-net",
  "bezel-scan",
  "bezel-seal",
  "bezel-lock-down",
  "bezel-scan-lock-down",
  "bezel-scan-namespace",
];

const told = (file: string, name: ToldName): Item => ({
  file,
  from: { told: name },
  maxBytes: mib,
  withoutRoot: "all",
  newestFirst: false,
});

const printed = (file: string, programs: readonly Argv[], change: Partial<Omit<Item, "file" | "from">> = {}): Item => ({
  file,
  from: { programs },
  maxBytes: someBytes,
  withoutRoot: "all",
  newestFirst: false,
  ...change,
});

/** Everything that a bundle holds beside its index, in the order in which it is gathered: what may take longest first. */
export function supportItems(context: ItemContext): readonly Item[] {
  const { ports, profiles, scanNamespace, stateDirectory, bezel } = context;
  const namedPorts = [ports.lan, ports.wan];
  return [
    printed("log.jsonl", [journal(["--since=-24h", ...[...units, "NetworkManager"].map((unit) => `--unit=${unit}`)])], {
      maxBytes: 10 * mib,
      withoutRoot: "less",
      newestFirst: true,
    }),
    printed("kernel.jsonl", [journal(["--since=-24h", "--dmesg"])], {
      maxBytes: 2 * mib,
      withoutRoot: "less",
      newestFirst: true,
    }),
    printed("health.json", [[...bezel, "health", stateDirectory]]),
    told("status.json", "status"),
    told("screen.json", "screen"),
    told("faults.json", "faults"),
    told("config.toml", "config"),
    { ...told("settings.json", "settings"), withoutRoot: "nothing" },
    { ...told("plan.txt", "plan"), withoutRoot: "nothing" },
    printed("versions.txt", [
      [...bezel, "--version"],
      [bezel[0], "--version"],
      ["uname", "-a"],
      ["cat", "/etc/os-release"],
      ...["curl", "nmcli", "systemctl", "nft", "ethtool"].map((program): Argv => [program, "--version"]),
      ["ip", "-V"],
    ]),
    printed("units.txt", [
      ["systemctl", "status", "--no-pager", "--full", "--lines=0", ...units, "NetworkManager"],
      ["systemctl", "list-units", "--no-pager", "--failed"],
    ]),
    printed("disk.txt", [
      ["df", "--human-readable", "--local"],
      ["df", "--inodes", "--local"],
      ["findmnt", "--real"],
    ]),
    // Names, sizes and times of the stored files, never their content.
    printed("state.txt", [["ls", "-l", "--all", "--recursive", "--full-time", stateDirectory]], {
      withoutRoot: "nothing",
    }),
    // Without arguments of programs: those of others may hold what is not ours to show.
    printed("processes.txt", [["ps", "-e", "-o", "pid,ppid,user,stat,rss,etimes,comm"]]),
    printed("network/networkmanager.txt", [
      ["nmcli", "general", "status"],
      ["nmcli", "--fields", "all", "device", "status"],
      ["nmcli", "--fields", "all", "connection", "show"],
      ["nmcli", "device", "show"],
      // Without --show-secrets nmcli hides what is secret.
      ...profiles.map((uuid): Argv => ["nmcli", "connection", "show", "uuid", uuid]),
    ]),
    printed("network/ethtool.txt", [
      ...namedPorts.map((port): Argv => ["ethtool", port]),
      ...namedPorts.map((port): Argv => ["ethtool", "--driver", port]),
      ...namedPorts.map((port): Argv => ["ethtool", "--statistics", port]),
    ]),
    printed("network/resolv.conf", [["cat", "/etc/resolv.conf"]]),
    ...kernelItems("network", null),
    ...kernelItems("scan", scanNamespace).map((item): Item => ({ ...item, withoutRoot: "nothing" })),
  ];
}

/** Bounded by lines as well: each is some hundred bytes long. */
function journal(which: readonly string[]): Argv {
  const fields = "SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_PID,PRIORITY,MESSAGE,JOB_RESULT,EXIT_CODE,EXIT_STATUS";
  return [
    "journalctl",
    "--quiet",
    "--no-pager",
    "--reverse",
    "--lines=40000",
    "--output=json",
    `--output-fields=${fields}`,
    ...which,
  ];
}

/** What the kernel has of a network namespace; null: of the machine's own. */
function kernelItems(folder: string, namespace: string | null): readonly Item[] {
  const within = namespace === null ? [] : ["-netns", namespace];
  const ip = (...args: readonly string[]): readonly Argv[] => [["ip", ...within, "-json", ...args]];
  const inside = (...argv: Argv): readonly Argv[] => [
    namespace === null ? argv : ["ip", "netns", "exec", namespace, ...argv],
  ];
  const maxBytes = namespace === null ? 2 * mib : manyVlansBytes;
  return [
    printed(`${folder}/addresses.json`, ip("-details", "address", "show"), { maxBytes }),
    printed(`${folder}/links.json`, ip("-statistics", "link", "show"), { maxBytes }),
    printed(`${folder}/routes-ipv4.json`, ip("-details", "-4", "route", "show", "table", "all"), { maxBytes }),
    printed(`${folder}/routes-ipv6.json`, ip("-details", "-6", "route", "show", "table", "all"), { maxBytes }),
    printed(`${folder}/rules-ipv4.json`, ip("-4", "rule", "show")),
    printed(`${folder}/rules-ipv6.json`, ip("-6", "rule", "show")),
    printed(`${folder}/neighbours.json`, ip("neighbour", "show"), { maxBytes: mib }),
    printed(`${folder}/forwarding.json`, ip("netconf", "show"), { maxBytes: 2 * mib }),
    printed(`${folder}/packet-filter.txt`, inside("nft", "list", "ruleset"), { withoutRoot: "nothing" }),
    printed(`${folder}/sockets.txt`, inside("ss", "--tcp", "--udp", "--numeric", "--all", "--processes"), {
      withoutRoot: "less",
    }),
  ];
}
