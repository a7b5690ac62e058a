import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { StatusDocument } from "../../src/control/schema.ts";
import { atTheConsole, type Hand } from "../lab/hand.ts";
import { until } from "../lab/until.ts";
import { patienceMs, type Surroundings, startSurroundings } from "./appliance.ts";
import { type Guest, startGuest } from "./guest.ts";
import { type Image, prepareImage } from "./image.ts";
import { attachTerminal, type SerialTerminal } from "./serial-terminal.ts";
import { makeStateDisk } from "./state-disk.ts";

const project = resolve(import.meta.dirname, "../..");
const firstImageMs = 15 * 60_000;

/** An appliance in a guest, the platform that it finds, and somebody at its serial console. */
export interface GuestBox {
  readonly image: Image;
  readonly surroundings: Surroundings;
  readonly guest: Guest;
  readonly terminal: SerialTerminal;
  readonly hand: Hand;
  readonly bootId: string;
  /** A file of this test's own. `blank.ext4` is the state disk before its first boot, `writes.log` what was recorded since. */
  path(name: string): string;
  /** A property of a unit. */
  show(unit: string, property: string): Promise<string>;
  /** The first ENTER wakes a silent line; before the appliance listens it would be lost. */
  openConsole(): Promise<void>;
  close(): Promise<void>;
}

/** One box for the file, on which each test goes on where the one before it has ended: none runs after one that failed. */
export function useGuestBox(prepare: (surroundings: Surroundings) => void = () => {}): () => GuestBox {
  let box: GuestBox | null = null;
  let failed = false;
  const opened = () => {
    if (box === null) throw new Error("the guest has not booted");
    return box;
  };
  beforeAll(async () => {
    box = await openGuestBox(prepare);
  }, firstImageMs);
  afterAll(() => box?.close());
  beforeEach(() => {
    if (failed) throw new Error("a step before this one has failed");
  });
  afterEach(async ({ task }) => {
    if (failed || task.result?.state !== "fail") return;
    failed = true;
    await tell(opened().guest);
    process.stderr.write(opened().terminal.rows().join("\n"));
  });
  return opened;
}

async function openGuestBox(prepare: (surroundings: Surroundings) => void): Promise<GuestBox> {
  const image = await prepareImage(project, (line) => process.stderr.write(`${line}\n`));
  const folder = await mkdtemp(join(tmpdir(), "bezel-vm-"));
  const path = (name: string) => join(folder, name);
  const surroundings = await startSurroundings();
  prepare(surroundings);
  await makeStateDisk(path("state.ext4"));
  await copyFile(path("state.ext4"), path("blank.ext4"));
  const { files } = surroundings;
  const guest = await startGuest({ image, state: path("state.ext4"), writeLog: path("writes.log"), files });
  const close = async () => {
    await guest.cut();
    await surroundings.platform.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const terminal = attachTerminal(guest.serial);
  try {
    const bootId = await guest.booted(patienceMs);
    return {
      ...{ image, surroundings, guest, terminal, bootId, path, close },
      hand: atTheConsole(terminal),
      show: (unit, property) => guest.read("systemctl", "show", "--value", "--property", property, unit),
      openConsole: async () => {
        const isOpen = async () => (await statusOf(guest))?.consoles[0]?.state === "open";
        await until("the serial console to be open", isOpen, patienceMs);
        terminal.reset();
        await terminal.send("\r");
      },
    };
  } catch (error) {
    await tell(guest);
    await close();
    throw error;
  }
}

/** Prints what a guest knows of a failure. */
export async function tell(guest: Guest): Promise<void> {
  const journal = await guest.run(["journalctl", "--no-pager", "--lines=200"], { timeoutMs: 10_000 }).catch(() => null);
  process.stderr.write(`${guest.kernelLog().slice(-8000)}\n${journal?.stdout ?? "no journal"}\n`);
}

/** null while the daemon does not answer. */
export async function statusOf(guest: Guest): Promise<StatusDocument | null> {
  const { code, stdout } = await guest.run(["bezel", "status", "--json"]);
  return code > 1 ? null : JSON.parse(stdout);
}

/** IPv4, with prefix lengths; none while the port is not there. */
export async function kernelAddresses(guest: Guest, port = "lan0"): Promise<string[]> {
  const { code, stdout } = await guest.run(["ip", "-json", "-4", "address", "show", "dev", port]);
  const ports: { addr_info?: { local: string; prefixlen: number }[] }[] = code === 0 ? JSON.parse(stdout) : [];
  return ports.flatMap(({ addr_info = [] }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
}

/** Names of the units that have failed. */
export async function failedUnits(guest: Guest): Promise<string> {
  return guest.read("systemctl", "--failed", "--no-legend", "--plain");
}
