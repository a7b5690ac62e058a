import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import type { NetworkBackend } from "../../../src/network/backend.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

const dark = { s1: false, s2: false, s3: false };
const menuTo = { reboot: ["ENTER", "DOWN", "ENTER"], shutdown: ["ENTER", "DOWN*2", "ENTER"] } as const;
const powerCalls = ({ told }: Bench) => told.filter((word) => word === "reboot" || word === "power off");

async function boxWithJobs(): Promise<Bench> {
  const box = await startedBox();
  const parameters = { seconds: 1000, cancelSeconds: 5 };
  box.platform.jobs = [
    { id: "scan-1", kind: "scan", parameters },
    { id: "update-1", kind: "update", parameters },
  ];
  await box.until(({ controls }) => controls.leds().s1 && controls.leds().s2, 220_000);
  return box;
}

/** Until the service manager ends the box: keys do nothing, and what the platform orders is not begun. */
async function staysDown(box: Bench): Promise<void> {
  const screen = box.screen();
  const orders = box.facts().jobs.length;
  box.platform.jobs = [{ id: "scan-2", kind: "scan", parameters: {} }];
  await box.press("ENTER", "DOWN", "ENTER", "UP");
  await box.advance(300_000);
  expect([box.screen(), box.facts().jobs.length, box.controls.leds()]).toEqual([screen, orders, dark]);
}

describe("going down", () => {
  it("SYSTEM REBOOT asks, says so, stops the jobs and restarts", async () => {
    const box = await boxWithJobs();
    const before = box.screens.length;
    await box.press(...menuTo.reboot);
    expect(box.glass()).toEqual(["REALLY REBOOT ↑↵", "SYSTEM?         "]);
    await box.press("ENTER");
    expect(box.glass()).toEqual(["REBOOTING SYSTEM", "                "]);
    await box.until(({ told }) => told.includes("reboot"), 30_000);
    expect(box.facts().jobs.map(({ state }) => state)).toEqual(["canceled", "canceled"]);
    expect(box.controls.leds()).toEqual(dark);
    await staysDown(box);
    expect(box.screens.slice(before)).toEqual([
      "main/setup-network",
      "main/system-reboot",
      "confirm/reboot",
      "rebooting",
    ]);
    expect(powerCalls(box)).toEqual(["reboot"]);
    await box.stop();
    expect(box.glass()).toEqual(["REBOOTING SYSTEM", "                "]);
  });

  it("SYSTEM SHUTDOWN asks, says so, and that the box may be unplugged; that stays on the glass", async () => {
    const box = await boxWithJobs();
    const before = box.screens.length;
    await box.press(...menuTo.shutdown);
    expect(box.glass()).toEqual(["REALLY        ↑↵", "SHUTDOWN SYSTEM?"]);
    await box.press("ENTER");
    expect(box.glass()).toEqual(["SHUTTING DOWN   ", "                "]);
    expect(box.controls.leds()).toEqual(dark);
    await box.until(({ told }) => told.includes("power off"), 30_000);
    expect(box.glass()).toEqual(["It's now safe to", "unplug the box  "]);
    await staysDown(box);
    expect(box.screens.slice(before + 3)).toEqual(["confirm/shutdown", "shutting-down", "safe-to-unplug"]);
    expect(powerCalls(box)).toEqual(["power off"]);
    await box.stop();
    expect([box.glass(), box.controls.leds()]).toEqual([["It's now safe to", "unplug the box  "], dark]);
    expect(box.told.at(-1)).toBe("stopping");
  });

  it.each(["reboot", "shutdown"] as const)("UP at the question of %s changes nothing", async (how) => {
    const box = await startedBox();
    await box.press(...menuTo[how], "UP", "UP", "UP", "UP");
    expect([box.screen(), box.facts().phase, powerCalls(box)]).toEqual(["home", "ready", []]);
  });

  it.each([
    ["at home", "home", []],
    ["in a menu", "home", ["ENTER", "ENTER"]],
    ["while contact is made", "contacting", []],
    ["in the boot", "boot", []],
  ] as const)("the power button shuts down %s", async (_name, screen, keys) => {
    const box = await startBox();
    await box.until(screen);
    await box.press(...keys);
    await box.pressPowerButton();
    await box.until(({ told }) => told.includes("power off"), 30_000);
    await staysDown(box);
    expect(powerCalls(box)).toEqual(["power off"]);
  });

  it("gives a change under way up, which the next start undoes and says so", async () => {
    const tamper = (backend: NetworkBackend): NetworkBackend => ({
      ...backend,
      perform: (operation, signal) =>
        operation.kind === "configure" && operation.ipv4.method === "static"
          ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
          : backend.perform(operation, signal),
    });
    const box = await startedBox({ tamper });
    await box.press("ENTER", "ENTER", "DOWN*2", "ENTER*10", "ENTER");
    expect(box.screen()).toBe("progress/static-lan");
    await box.pressPowerButton();
    await box.until(({ told }) => told.includes("power off"), 30_000);
    const next = await startBox({ files: box.files.afterPowerCut(), world: box.world });
    await next.until("storage-notice");
    expect(next.glass()).toEqual(["CHANGE WAS   ←↑↵", "UNDONE AT START "]);
    expect(next.facts().settings.lan.ipv4.method).toBe("dhcp");
    await next.press("ENTER");
    expect(next.screen()).toBe("home");
  });

  it.each(["reboot", "shutdown"] as const)("an impatient button adds nothing to a %s under way", async (how) => {
    const box = await boxWithJobs();
    await box.press(...menuTo[how], "ENTER");
    for (let times = 0; times < 8; times++) {
      await box.pressPowerButton();
      await box.advance(1000);
    }
    await staysDown(box);
    await box.pressPowerButton();
    await box.advance(60_000);
    expect(powerCalls(box)).toEqual([how === "reboot" ? "reboot" : "power off"]);
    expect(box.screens).not.toContain(how === "reboot" ? "shutting-down" : "rebooting");
  });

  it.each(["reboot", "shutdown"] as const)(
    "a %s that the power manager refuses is said, and the box goes on",
    async (how) => {
      const refusal = new HalError("denied", "systemd", `${how} was refused: access denied`);
      const box = await startedBox({ power: () => Promise.reject(refusal) });
      await box.press(...menuTo[how], "ENTER");
      await box.until("change-notice");
      expect(box.glass()[0]).toBe("NOT DONE:   ←↑↓↵");
      expect(box.facts()).toMatchObject({ phase: "ready", notice: `NOT DONE: ${refusal.message}` });
      await box.press("ENTER");
      expect(box.screen()).toBe("home");
      await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
      expect(box.screen()).toBe("progress/renew-dhcp-lan");
      await box.until("home");
    },
  );

  it.each(["boot", "contacting", "filesystem-check"])(
    "a power-off that is refused when it was asked for at %s does not keep the box off line",
    async (screen) => {
      const box = await startBox({ power: () => Promise.reject(new HalError("denied", "systemd", "access denied")) });
      await box.until(screen);
      await box.pressPowerButton();
      await box.until(({ facts }) => facts().phase === "ready", 60_000);
      expect(box.platform.polls.length).toBeGreaterThan(0);
      expect(box.facts().network.lan.ipv4).not.toEqual([]);
      expect(box.facts().faults.map(({ code }) => code)).toContain("not-done");
    },
  );
});
