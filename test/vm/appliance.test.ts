import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StatusDocument } from "../../src/control/schema.ts";
import type { Settings } from "../../src/model/settings.ts";
import { atTheConsole, type Hand } from "../lab/hand.ts";
import { until } from "../lab/until.ts";
import { someStaticSettings } from "../support/some-settings.ts";
import { enterStatic, patienceMs, type Surroundings, startSurroundings } from "./appliance.ts";
import { type Guest, startGuest } from "./guest.ts";
import { type Image, prepareImage } from "./image.ts";
import { guestLacks } from "./needs.ts";
import { type Cut, cutEverywhere, type Recording, replay } from "./replay.ts";
import { attachTerminal, type SerialTerminal } from "./serial-terminal.ts";
import { makeStateDisk } from "./state-disk.ts";
import { parseWriteLog } from "./write-log.ts";

const lacks = guestLacks();
const project = resolve(import.meta.dirname, "../..");
const firstImageMs = 15 * 60_000;

const taken = "10.77.0.66";
const before = "10.77.0.20";
const after = "10.77.0.21";

/** One appliance from its first boot to a power cut: each step goes on where the one before it has ended. */
describe.skipIf(lacks !== null)(
  lacks === null ? "an appliance in a guest" : `an appliance in a guest (${lacks})`,
  { timeout: 2 * patienceMs },
  () => {
    let folder: string;
    let image: Image;
    let surroundings: Surroundings;
    let guest: Guest;
    let terminal: SerialTerminal;
    let hand: Hand;
    let bootId: string;
    let recording: Recording;
    /** The events of the recording that belong to the change that is cut short. */
    const changed = { from: 0, to: 0 };
    let cuts: readonly Cut[];
    let failed = false;

    const path = (name: string) => join(folder, name);
    const events = async () => parseWriteLog(await readFile(path("writes.log")));
    const show = (unit: string, property: string) =>
      guest.read("systemctl", "show", "--value", "--property", property, unit);
    const helperIsIdle = async () => (await show("bezel-net.service", "ActiveState")) === "inactive";
    const addresses = () => kernelAddresses(guest);
    const lastPoll = () => surroundings.platform.control.appliances()[0]?.lastPoll?.request.network.lan.ipv4;
    /** The first ENTER wakes a silent line; before the appliance listens it would be lost. */
    const openConsole = async () => {
      await until(
        "the serial console to be open",
        async () => (await statusOf(guest))?.consoles[0]?.state === "open",
        patienceMs,
      );
      terminal.reset();
      await terminal.send("\r");
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "bezel-vm-"));
      image = await prepareImage(project, (line) => process.stderr.write(`${line}\n`));
      surroundings = await startSurroundings();
      await makeStateDisk(path("state.ext4"));
      await copyFile(path("state.ext4"), path("blank.ext4"));
      const { files } = surroundings;
      guest = await startGuest({ image, state: path("state.ext4"), writeLog: path("writes.log"), files });
      terminal = attachTerminal(guest.serial);
      hand = atTheConsole(terminal);
      try {
        bootId = await guest.booted(patienceMs);
      } catch (error) {
        await tell(guest);
        throw error;
      }
    }, firstImageMs);
    afterAll(async () => {
      await guest?.cut();
      await surroundings?.platform.stop();
      await rm(folder, { recursive: true, force: true });
    });
    beforeEach(() => {
      if (failed) throw new Error("a step before this one has failed");
    });
    afterEach(async ({ task }) => {
      if (failed || task.result?.state !== "fail") return;
      failed = true;
      await tell(guest);
      process.stderr.write(terminal.rows().join("\n"));
    });

    it("boots with the units as installed: nothing has failed, and the daemon holds no capability", async () => {
      expect((await guest.run(["systemctl", "is-system-running", "--wait"], { timeoutMs: patienceMs })).stdout).toBe(
        "running\n",
      );
      expect(await guest.read("systemctl", "is-active", "bezel.service", "bezel-net.socket")).toBe("active\nactive");
      const status = await guest.read("cat", `/proc/${await show("bezel.service", "MainPID")}/status`);
      const uid = await guest.read("id", "-u", "bezel");
      expect(status).toMatch(new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s+${uid}\\s+${uid}$`, "m"));
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
        expect(status).toContain(`${set}:\t${"0".repeat(16)}`);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      const security = await guest.read("systemd-analyze", "security", "--no-pager", "bezel.service");
      expect(Number(/Overall exposure level for bezel\.service: ([\d.]+)/.exec(security)?.[1])).toBeLessThanOrEqual(2);
    });

    it("gets a lease, and shows the platform's code and then its name on the serial console", async () => {
      await openConsole();
      const shown = await hand.sees(/ACTIVATION CODE \S+/, patienceMs);
      const [known] = surroundings.platform.control.appliances();
      expect(shown).toBe(`ACTIVATION CODE ${known?.code}`);
      expect(await addresses()).toEqual([expect.stringMatching(/^10\.77\.0\.1[0-5]\d\/24$/)]);
      surroundings.platform.control.activate(known?.code ?? "", { name: "guest", indicator: "P" });
      await hand.sees(/^guest 10\.77\.0\.1[0-5]\d P$/, patienceMs);
    });

    it("asks for WINS servers by its helper, with the rights that the helper has", async () => {
      const answers = async () => {
        const journal = await guest.read("journalctl", "--no-pager", "--output=cat", "--unit=bezel-net.service");
        return journal.split("\n").filter((line) => line.includes("ask-wins"));
      };
      await until("the helper to have asked", async () => (await answers()).length > 0, patienceMs);
      for (const answer of await answers()) expect(answer).not.toContain("refusal");
      await until("the helper to end by itself", helperIsIdle, patienceMs);
    });

    it("asks the wire by its helper, which the service manager starts, when an address is taken", async () => {
      await guest.read("ip", "-n", "far", "address", "add", `${taken}/24`, "dev", "far0");
      expect(await helperIsIdle()).toBe(true);
      await enterStatic(hand, "ENABLE", taken);
      await hand.sees("Duplicate IP detected", patienceMs);
      expect(await guest.read("journalctl", "--no-pager", "--unit=bezel-net.service")).toContain("find-holder");
      await until("the helper to end by itself", helperIsIdle, patienceMs);
      expect(await show("bezel-net.service", "Result")).toBe("success");
      expect(await addresses()).toEqual([]);
    });

    it("takes a static address through every prompt, and reaches the platform with it", async () => {
      await enterStatic(hand, "CHANGE", before);
      await hand.sees(`guest ${before} P`, patienceMs);
      expect(await addresses()).toEqual([`${before}/24`]);
      const [route] = JSON.parse(await guest.read("ip", "-json", "-4", "route", "show", "default"));
      expect(route).toMatchObject({ gateway: "10.77.0.1", dev: "lan0" });
      expect(await guest.read("cat", "/etc/resolv.conf")).toMatch(/^nameserver 10\.77\.0\.1$/m);
      expect(lastPoll()).toEqual([`${before}/24`]);
    });

    it("changes the address, while each write to its disk is recorded", async () => {
      changed.from = (await events()).length;
      await enterStatic(hand, "CHANGE", after);
      await hand.sees(`guest ${after} P`, patienceMs);
      changed.to = (await events()).length;
      expect(await addresses()).toEqual([`${after}/24`]);
      expect(lastPoll()).toEqual([`${after}/24`]);
    });

    it("feeds the watchdog; stopped, it is started anew and finds all as it was", async () => {
      const fed = await show("bezel.service", "WatchdogTimestampMonotonic");
      const beat = async () => (await show("bezel.service", "WatchdogTimestampMonotonic")) !== fed;
      await until("a heartbeat", beat, patienceMs);
      const pid = await show("bezel.service", "MainPID");
      await guest.read("systemctl", "kill", "--signal=STOP", "--kill-whom=main", "bezel.service");
      const anew = async () =>
        (await show("bezel.service", "MainPID")) !== pid && (await show("bezel.service", "ActiveState")) === "active";
      await until("the watchdog to bite", anew, patienceMs);
      expect(await guest.read("journalctl", "--no-pager", "--unit=bezel.service")).toContain("Watchdog timeout");
      await openConsole();
      await hand.sees(`guest ${after} P`, patienceMs);
    });

    it("reboots by the menu, and comes back with its address", async () => {
      await hand.press("ENTER");
      await hand.sees("SETUP NETWORK");
      await hand.press("DOWN");
      await hand.sees("SYSTEM REBOOT");
      await hand.press("ENTER");
      await hand.sees("REALLY REBOOT");
      await hand.press("ENTER");
      await guest.booted(patienceMs, bootId);
      await until("the address", async () => (await addresses()).includes(`${after}/24`), patienceMs);
      await openConsole();
      await hand.sees(`guest ${after} P`, patienceMs);
    });

    it("powers itself off by the menu", async () => {
      await hand.press("ENTER");
      await hand.sees("SETUP NETWORK");
      await hand.press("DOWN");
      await hand.sees("SYSTEM REBOOT");
      await hand.press("DOWN");
      await hand.sees("SYSTEM SHUTDOWN");
      await hand.press("ENTER");
      await hand.sees("SHUTDOWN SYSTEM?");
      await hand.press("ENTER");
      await guest.poweredOff(patienceMs);
    });

    it("holds the old or the new settings, whole, wherever the power was cut during the change", async () => {
      recording = { blank: path("blank.ext4"), events: (await events()).slice(0, changed.to) };
      cuts = await cutEverywhere(recording, changed.from, folder);
      expect(cuts.filter(({ loaded }) => loaded !== "current" && loaded !== "reverted")).toEqual([]);
      expect(cuts.map(addressIn).filter((address) => address === null)).toEqual([]);
      // First the old ones, then the new ones, and never again the old.
      const flushed = cuts.filter(({ kind }) => kind === "flushed").map(addressIn);
      const kept = flushed.indexOf(after);
      expect(kept).toBeGreaterThan(0);
      expect(flushed).toEqual(flushed.map((_, at) => (at < kept ? before : after)));
    });

    it("boots from the disk of a power cut, with the address that it holds", async () => {
      await Promise.all(
        [before, after].map(async (address) => {
          const state = path(`${address}.ext4`);
          const cut = cuts.findLast((one) => one.kind === "flushed" && addressIn(one) === address);
          await replay(recording, cut?.flush ?? 0, state);
          const other = await startGuest({ image, state, files: surroundings.files });
          try {
            await other.booted(patienceMs);
            await until("to be ready", async () => (await statusOf(other))?.phase === "ready", patienceMs);
            expect(await kernelAddresses(other)).toEqual([`${address}/24`]);
          } catch (error) {
            await tell(other);
            throw error;
          } finally {
            await other.cut();
          }
        }),
      );
    });
  },
);

/** What the panel's prompts make of an address when all else stays as it is offered. */
function settingsOf(address: string): Settings {
  return someStaticSettings({ address, dns: ["10.77.0.1"], wins: [], domain: null });
}

/** The address of a cut's settings if they are those of {@link settingsOf}; null for any others. */
function addressIn({ settings }: Cut): string | null {
  return [before, after].find((address) => isDeepStrictEqual(settings, settingsOf(address))) ?? null;
}

/** Prints what a guest knows of a failure. */
async function tell(guest: Guest): Promise<void> {
  const journal = await guest.run(["journalctl", "--no-pager", "--lines=200"], { timeoutMs: 10_000 }).catch(() => null);
  process.stderr.write(`${guest.kernelLog().slice(-8000)}\n${journal?.stdout ?? "no journal"}\n`);
}

/** null while the daemon does not answer. */
async function statusOf(guest: Guest): Promise<StatusDocument | null> {
  const { code, stdout } = await guest.run(["bezel", "status", "--json"]);
  return code > 1 ? null : JSON.parse(stdout);
}

/** IPv4, of LAN; none while the port is not there yet. */
async function kernelAddresses(guest: Guest): Promise<string[]> {
  const { code, stdout } = await guest.run(["ip", "-json", "-4", "address", "show", "dev", "lan0"]);
  const ports: { addr_info?: { local: string; prefixlen: number }[] }[] = code === 0 ? JSON.parse(stdout) : [];
  return ports.flatMap(({ addr_info = [] }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
}
