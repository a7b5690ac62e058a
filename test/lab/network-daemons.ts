import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Daemon, Namespaces } from "./namespaces.ts";
import { until } from "./until.ts";

/** D-Bus and NetworkManager inside: the machine's own programs; NetworkManager with the configuration that we ship. */
export interface NetworkDaemons {
  /** Resolves when NetworkManager answers. */
  start(): Promise<void>;
  /** Ends NetworkManager as a service manager does and starts it again; resolves when it answers. */
  restartNetworkManager(): Promise<void>;
  /** kill -9; it stays dead until `start`. */
  killNetworkManager(): Promise<void>;
  /** It is there and answers nobody until `start`. */
  pauseNetworkManager(): void;
  /** kill -9 of D-Bus, and of NetworkManager with it: it is of no use without. Both stay dead until `start`. */
  killBus(): Promise<void>;
  /** DNS servers and search domains that NetworkManager gives the machine. */
  resolvConf(): Promise<{ readonly servers: readonly string[]; readonly search: readonly string[] }>;
  /** The end of NetworkManager's log. */
  log(): string;
}

// Tests, benchmarks and the lab for people all run at the project's root; their bundles lie anywhere.
const shipped = resolve("systemd/bezel.networkmanager.conf");
/**
 * What is different in namespaces: the machine's resolv.conf is not ours, there is no polkit to say what the box may ask, and
 * NetworkManager takes veth for another's.
 */
const ofTheLab = `
[main]
rc-manager=unmanaged
auth-polkit=false
[device-all]
match-device=*
managed=1
`;

export async function prepareNetworkDaemons(inside: Namespaces): Promise<NetworkDaemons> {
  await inside.run(["mount", "-t", "tmpfs", "tmpfs", "/run"]);
  await inside.run(["mkdir", "-p", "/run/dbus"]);
  // With a writable /sys NetworkManager waits for udev, which does not run here; read-only, it manages links at once.
  await inside.run(["mount", "-t", "sysfs", "-o", "ro", "none", "/sys"]);
  for (const own of ["/etc/NetworkManager", "/var/lib/NetworkManager"]) {
    await inside.run(["mount", "-t", "tmpfs", "tmpfs", own]);
  }
  await writeFile(inside.path("/etc/NetworkManager/NetworkManager.conf"), ofTheLab);
  await mkdir(inside.path("/etc/NetworkManager/conf.d"));
  await copyFile(shipped, inside.path("/etc/NetworkManager/conf.d/50-bezel.conf"));

  let bus: Daemon | null = null;
  let manager: Daemon | null = null;
  const start = async () => {
    if (manager?.running()) manager.resume();
    if (!bus?.running()) {
      await inside.run(["rm", "-f", "/run/dbus/system_bus_socket"]);
      bus = await inside.start(["dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
      const { log } = bus;
      await until("D-Bus", async () => log() !== "");
    }
    if (!manager?.running()) manager = await inside.start(["NetworkManager", "--no-daemon", "--log-level=INFO"]);
    await until("an answer of NetworkManager", async () => {
      const asked = await inside.processes.run(["nmcli", "-g", "RUNNING", "general"], { timeoutMs: 10_000 });
      return asked.kind === "exited" && asked.stdout.trim() === "running";
    });
  };

  return {
    start,
    restartNetworkManager: async () => {
      await manager?.kill("SIGTERM");
      await start();
    },
    killNetworkManager: async () => manager?.kill("SIGKILL"),
    pauseNetworkManager: () => manager?.pause(),
    killBus: async () => {
      await bus?.kill("SIGKILL");
      await manager?.kill("SIGKILL");
    },
    resolvConf: async () => {
      // NetworkManager's own copy, whatever it does with the machine's.
      const text = await readFile(inside.path("/run/NetworkManager/resolv.conf"), "utf8");
      const words = text.split("\n").map((line) => line.split(/\s+/));
      const after = (key: string) => words.flatMap(([first, ...rest]) => (first === key ? rest : []));
      return { servers: after("nameserver"), search: after("search") };
    },
    log: () => manager?.log() ?? "",
  };
}
