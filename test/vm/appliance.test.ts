import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { factorySettings } from "../../src/model/settings.ts";
import { until } from "../lab/until.ts";
import { enterStatic, patienceMs, toSetup } from "./appliance.ts";
import { type Change, sideOf, splitSettings, staticSettings } from "./changes.ts";
import { startGuest } from "./guest.ts";
import { failedUnits, kernelAddresses, statusOf, tell, useGuestBox } from "./guest-box.ts";
import { guestLacks } from "./needs.ts";
import { type Cut, cutEverywhere, replay } from "./replay.ts";
import { breakDisk, makeStateDisk } from "./state-disk.ts";
import { parseWriteLog } from "./write-log.ts";

const lacks = guestLacks();

const taken = "10.77.0.66";
const before = "10.77.0.20";
const after = "10.77.0.21";
const leased = expect.stringMatching(/^10\.77\.0\.1[0-5]\d\/24$/);
const units = [
  ...["bezel.service", "bezel-net.socket", "bezel-scan.socket", "bezel-seal.socket"],
  "bezel-lock-down.service",
];
const unitsOfScans = ["bezel-scan-namespace.service", "bezel-scan-lock-down.service"];

/** One appliance from its first boot to power cuts: each step goes on where the one before it has ended. */
describe.skipIf(lacks !== null)(
  lacks === null ? "an appliance in a guest" : `an appliance in a guest (${lacks})`,
  { timeout: 2 * patienceMs },
  () => {
    const box = useGuestBox();
    const changes = new Map<string, Change>();
    const cuts = new Map<string, readonly Cut[]>();

    const events = async () => parseWriteLog(await readFile(box().path("writes.log")));
    /** Does the work while each write to the state disk is recorded. */
    const recorded = async (name: string, settings: Pick<Change, "old" | "new">, work: () => Promise<void>) => {
      const from = (await events()).length;
      await work();
      changes.set(name, { ...settings, from, to: (await events()).length });
    };
    const helperIsIdle = async () => (await box().show("bezel-net.service", "ActiveState")) === "inactive";
    const addresses = () => kernelAddresses(box().guest);
    const lastPoll = () => box().surroundings.platform.control.appliances()[0]?.lastPoll?.request.network;

    it("boots with the units as installed: nothing has failed, and the daemon holds no capability", async () => {
      const { guest, show } = box();
      await guest.run(["systemctl", "is-system-running", "--wait"], { timeoutMs: patienceMs });
      expect(await failedUnits(guest)).toBe("");
      for (const unit of [...units, ...unitsOfScans]) expect(await show(unit, "ActiveState"), unit).toBe("active");
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
      const { hand, surroundings } = box();
      await box().openConsole();
      const shown = await hand.sees(/ACTIVATION CODE \S+/, patienceMs);
      const [known] = surroundings.platform.control.appliances();
      expect(shown).toBe(`ACTIVATION CODE ${known?.code}`);
      expect(await addresses()).toEqual([leased]);
      surroundings.platform.control.activate(known?.code ?? "", { name: "guest", indicator: "P" });
      await hand.sees(/^guest 10\.77\.0\.1[0-5]\d P$/, patienceMs);
    });

    it("asks for WINS servers by its helper, with the rights that the helper has", async () => {
      const answers = async () => {
        const journal = await box().guest.read("journalctl", "--no-pager", "--output=cat", "--unit=bezel-net.service");
        return journal.split("\n").filter((line) => line.includes("ask-wins"));
      };
      await until("the helper to have asked", async () => (await answers()).length > 0, patienceMs);
      for (const answer of await answers()) expect(answer).not.toContain("refusal");
      await until("the helper to end by itself", helperIsIdle, patienceMs);
    });

    it("takes a static address through every prompt, and reaches the platform with it", async () => {
      const { guest, hand } = box();
      await recorded("DHCP to static", { old: factorySettings(), new: staticSettings(before) }, async () => {
        await enterStatic(hand, "ENABLE", before);
        await hand.sees(`guest ${before} P`, patienceMs);
      });
      expect(await addresses()).toEqual([`${before}/24`]);
      const [route] = JSON.parse(await guest.read("ip", "-json", "-4", "route", "show", "default"));
      expect(route).toMatchObject({ gateway: "10.77.0.1", dev: "lan0" });
      expect(await guest.read("cat", "/etc/resolv.conf")).toMatch(/^nameserver 10\.77\.0\.1$/m);
      expect(lastPoll()?.lan.ipv4).toEqual([`${before}/24`]);
    });

    it("asks the wire by its helper, which the service manager starts, when an address is taken", async () => {
      const { guest, hand, show } = box();
      await guest.read("ip", "-n", "far", "address", "add", `${taken}/24`, "dev", "far0");
      await until("the helper to end by itself", helperIsIdle, patienceMs);
      await enterStatic(hand, "CHANGE", taken);
      await hand.sees("Duplicate IP detected", patienceMs);
      expect(await guest.read("journalctl", "--no-pager", "--unit=bezel-net.service")).toContain("find-holder");
      await until("the helper to end by itself", helperIsIdle, patienceMs);
      expect(await show("bezel-net.service", "Result")).toBe("success");
      expect(await addresses()).toEqual([]);
      await enterStatic(hand, "CHANGE", after);
      await hand.sees(`guest ${after} P`, patienceMs);
      expect(await addresses()).toEqual([`${after}/24`]);
    });

    /** WAN has a lease, and the controller no way but WAN's. */
    const expectSplit = async () => {
      const { guest } = box();
      expect(await addresses()).toEqual([`${after}/24`]);
      expect(await kernelAddresses(guest, "wan0")).toEqual([expect.stringMatching(/^10\.78\.0\.1[0-5]\d\/24$/)]);
      const uid = await guest.read("id", "-u", "bezel");
      const way = (...as: string[]) => guest.read("ip", "route", "get", "192.0.2.1", ...as);
      expect(await way("uid", uid)).toContain("via 10.78.0.1 dev wan0");
      expect(await way()).toContain("via 10.77.0.1 dev lan0");
      expect(await guest.read("nft", "list", "set", "inet", "bezel", "management_ports")).toContain('{ "wan0" }');
    };

    it("keeps to WAN from the moment that it has a configuration", async () => {
      const { hand } = box();
      await recorded("static to split", { old: staticSettings(after), new: splitSettings(after) }, async () => {
        const items = ["DHCP ON LAN", "VLAN ON LAN", "CHANGE STATIC IP ON LAN", "ENABLE WAN INTERFACE"];
        await toSetup(hand, items);
        await hand.sees("ENABLE DHCP ON WAN");
        await hand.press("ENTER");
        await hand.sees("REALLY ENABLE DHCP ON WAN?");
        await hand.press("ENTER");
        const byWan = async () => (lastPoll()?.wan?.ipv4.length ?? 0) > 0;
        await until("a poll by WAN", byWan, patienceMs);
        await hand.sees(`guest ${after} P`, patienceMs);
      });
      await expectSplit();
    });

    it("feeds the watchdog; stopped, it is started anew and finds all as it was", async () => {
      const { guest, hand, show } = box();
      const fed = await show("bezel.service", "WatchdogTimestampMonotonic");
      const beat = async () => (await show("bezel.service", "WatchdogTimestampMonotonic")) !== fed;
      await until("a heartbeat", beat, patienceMs);
      const pid = await show("bezel.service", "MainPID");
      await guest.read("systemctl", "kill", "--signal=STOP", "--kill-whom=main", "bezel.service");
      const anew = async () =>
        (await show("bezel.service", "MainPID")) !== pid && (await show("bezel.service", "ActiveState")) === "active";
      await until("the watchdog to bite", anew, patienceMs);
      expect(await guest.read("journalctl", "--no-pager", "--unit=bezel.service")).toContain("Watchdog timeout");
      await box().openConsole();
      await hand.sees(`guest ${after} P`, patienceMs);
      await expectSplit();
    });

    const password = "Canary-7";
    /** What the helper of the secrets has done since the boot. */
    const sealed = async () => {
      const journal = await box().guest.read(
        "journalctl",
        "--no-pager",
        "--output=cat",
        "--unit=bezel-seal.service",
        "-b",
      );
      return [...journal.matchAll(/"request":"(\w+)"(,"refusal":.*)?,"msg"/g)].map(
        ([, verb, refusal = ""]) => verb + refusal,
      );
    };

    it("seals the password of a proxy by its helper: on the disk it is nowhere in clear", async () => {
      const { guest, hand, show } = box();
      const items = ["DHCP ON LAN", "VLAN ON LAN", "CHANGE STATIC IP ON LAN", "CHANGE WAN INTERFACE", "ENABLE PROXY"];
      await toSetup(hand, items);
      await hand.sees("CONFIG PROXY PARAMETERS");
      await hand.press("ENTER");
      await hand.sees("PROXY HOST");
      await hand.enterText("10.78.0.1");
      await hand.sees("PROXY PORT");
      // Nobody listens there.
      await hand.enterAddress("00009");
      await hand.sees("PROXY USER");
      await hand.enterText("anna");
      await hand.sees("PROXY PASSW");
      await hand.enterText(password);
      await hand.sees("REALLY ENABLE PROXY?");
      await hand.press("ENTER");
      await hand.sees("Error connect to server (07)", patienceMs);
      expect((await statusOf(guest))?.secrets).toBe("sealed");
      expect(await sealed()).toEqual(["seal"]);
      const search = ["grep", "-rlF", "--", password, "/var/lib/bezel", "/var/cache/bezel", "/run/bezel"] as const;
      expect(await guest.run(search)).toMatchObject({ code: 1, stdout: "" });
      expect(await guest.read("stat", "--format=%a %U", "/var/lib/systemd/credential.secret")).toBe("400 root");
      for (const unit of ["bezel.service", "bezel-seal.service"]) expect(await show(unit, "LimitCORE"), unit).toBe("0");
    });

    it("reboots by the menu, and comes back with its addresses", async () => {
      const { bootId, guest, hand } = box();
      await hand.press("ENTER");
      await hand.sees("SETUP NETWORK");
      await hand.press("DOWN");
      await hand.sees("SYSTEM REBOOT");
      await hand.press("ENTER");
      await hand.sees("REALLY REBOOT");
      await hand.press("ENTER");
      await guest.booted(patienceMs, bootId);
      await until("the address", async () => (await addresses()).includes(`${after}/24`), patienceMs);
      await box().openConsole();
      await hand.sees("Error connect to server (07)", patienceMs);
      await expectSplit();
      expect(await failedUnits(guest)).toBe("");
    });

    it("has opened the password for its proxy, and does without either when the proxy is disabled", async () => {
      const { guest, hand } = box();
      expect([...new Set(await sealed())]).toEqual(["open"]);
      expect((await statusOf(guest))?.secrets).toBe("sealed");
      const items = ["DHCP ON LAN", "VLAN ON LAN", "CHANGE STATIC IP ON LAN", "CHANGE WAN INTERFACE"];
      await toSetup(hand, [...items, "CHANGE PROXY PARAMS", "DISABLE PROXY"]);
      await hand.sees("REALLY DISABLE PROXY?");
      await hand.press("ENTER");
      await hand.sees(`guest ${after} P`, patienceMs);
    });

    it("forgets its network settings when it is told to, and is on line by a lease of LAN again", async () => {
      const { guest, hand } = box();
      await recorded("reset", { old: splitSettings(after), new: factorySettings() }, async () => {
        const lan = ["DHCP ON LAN", "VLAN ON LAN", "CHANGE STATIC IP ON LAN"];
        await toSetup(hand, [...lan, "CHANGE WAN INTERFACE", "PROXY", "ETHERNET PORT", "RESET NETWORK SETTINGS"]);
        await hand.sees("RESET ALL SETTINGS");
        await hand.press("ENTER");
        await hand.sees("REALLY RESET ALL SETTINGS?");
        await hand.press("ENTER");
        await hand.sees(/^guest 10\.77\.0\.1[0-5]\d P$/, patienceMs);
      });
      expect(await addresses()).toEqual([leased]);
      expect(await kernelAddresses(guest, "wan0")).toEqual([]);
      expect(await guest.read("ip", "rule", "show")).not.toContain("uidrange");
    });

    it("powers itself off by the menu", async () => {
      const { guest, hand } = box();
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

    it.each(["DHCP to static", "static to split", "reset"])(
      "holds the old or the new settings, whole, wherever the power was cut: %s",
      async (name) => {
        const change = changeOf(name);
        const recording = { blank: box().path("blank.ext4"), events: (await events()).slice(0, change.to) };
        const found = await cutEverywhere(recording, change.from, box().path(""));
        cuts.set(name, found);
        expect(found.filter(({ loaded }) => loaded !== "current" && loaded !== "reverted")).toEqual([]);
        expect(found.filter((cut) => sideOf(change, cut) === null)).toEqual([]);
        // First the old ones, then the new ones, and never again the old.
        const flushed = found.filter(({ kind }) => kind === "flushed").map((cut) => sideOf(change, cut));
        const kept = flushed.indexOf("new");
        expect(kept).toBeGreaterThan(0);
        expect(flushed).toEqual(flushed.map((_, at) => (at < kept ? "old" : "new")));
        // A change counts when it is committed, a reset when it has begun.
        const early = found.filter(
          (cut) => sideOf(change, cut) === "new" && !isDeepStrictEqual(cut.stored, change.new),
        );
        expect(early.length > 0).toBe(name === "reset");
      },
    );

    const changeOf = (name: string) => {
      const change = changes.get(name);
      if (change === undefined) throw new Error(`${name} was not recorded`);
      return change;
    };

    it.each([
      { outcome: "a lease", name: "DHCP to static", side: "old", lan: leased, wan: 0 },
      { outcome: "a static address", name: "static to split", side: "old", lan: `${after}/24`, wan: 0 },
      { outcome: "WAN beside it", name: "static to split", side: "new", lan: `${after}/24`, wan: 1 },
      { outcome: "a reset that had begun", name: "reset", side: "new", lan: leased, wan: 0 },
    ] as const)(
      "boots from the disk of a power cut, and is on line with $outcome",
      async ({ name, side, lan, wan }) => {
        const change = changeOf(name);
        const those = (cuts.get(name) ?? []).filter((cut) => cut.kind === "flushed" && sideOf(change, cut) === side);
        // The last of the old and the first of the new: what the start has to finish or to take back is there.
        const cut = side === "old" ? those.at(-1) : those[0];
        const state = box().path("cut-short.ext4");
        const recording = { blank: box().path("blank.ext4"), events: (await events()).slice(0, change.to) };
        await replay(recording, cut?.flush ?? 0, state);
        const { image, surroundings } = box();
        const other = await startGuest({ image, state, files: surroundings.files });
        try {
          await other.booted(patienceMs);
          await until("to be ready", async () => (await statusOf(other))?.phase === "ready", patienceMs);
          expect(await kernelAddresses(other)).toEqual([lan]);
          expect(await kernelAddresses(other, "wan0")).toHaveLength(wan);
        } catch (error) {
          await tell(other);
          throw error;
        } finally {
          await other.cut();
        }
      },
    );

    it("tells of a state disk that cannot be checked, then of one that cannot be mounted, until it is well", async () => {
      const state = box().path("broken.ext4");
      await makeStateDisk(state);
      await breakDisk(state);
      const { image, surroundings } = box();
      const other = await startGuest({ image, state, files: surroundings.files });
      const run = (...argv: readonly [string, ...string[]]) => other.run(argv, { timeoutMs: patienceMs });
      const glass = async () => JSON.parse((await run("bezel", "screen", "--json")).stdout || "{}").lines?.join("|");
      const shows = (lines: string) => until(lines, async () => (await glass()) === lines, patienceMs);
      const told = () =>
        surroundings.platform.control
          .appliances()
          .flatMap(({ faults }) => faults.map(({ code, detail }) => [code, detail]));
      const disk = "/dev/disk/by-label/state";
      try {
        await other.booted(patienceMs);
        await shows("EFS fsck     →↓↵|fatal errors    ");
        const fsck = "failed: systemd-fsck@dev-disk-by\\x2dlabel-state.service";
        await until(
          "the platform to be told",
          async () => told().some((fault) => isDeepStrictEqual(fault, ["efs-fsck", fsck])),
          patienceMs,
        );

        await other.read("mkswap", "--label", "state", disk);
        await run("systemctl", "reset-failed");
        expect((await run("systemctl", "start", "var-lib-bezel.mount")).code).not.toBe(0);
        await shows("EFS mount    →↓↵|fatal error     ");
        expect((await statusOf(other))?.fault?.detail).toBe("failed: var-lib-bezel.mount");

        await other.read("mke2fs", "-q", "-F", "-t", "ext4", "-L", "state", disk);
        await other.read("systemctl", "start", "var-lib-bezel.mount");
        const over = async () => (await statusOf(other))?.faults.filter(({ until: end }) => end !== null) ?? [];
        const isOver = async () => (await over()).some(({ message }) => message === "EFS mount fatal error");
        await until("it to be over", isOver, patienceMs);
        expect(await glass()).not.toContain("EFS");
      } catch (error) {
        await tell(other);
        throw error;
      } finally {
        await other.cut();
      }
    });
  },
);
