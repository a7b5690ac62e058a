import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasTool } from "../support/tools.ts";
import type { Box } from "./box.ts";
import { atThePanel } from "./hand.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { expectLan, isAlive, openActivatedBox } from "./steps.ts";
import { until } from "./until.ts";

const lacks = labLacks() ?? (hasTool("systemctl") ? null : "needs systemctl");

/** Where systemd is asked, a program of the tests answers: a lab has no machine to reboot. */
describe.skipIf(lacks !== null)(inLab("SYSTEM REBOOT", lacks), () => {
  const systemctl = "/usr/bin/systemctl";
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox());
  }, 120_000);
  afterEach(() => lab.replaceProgram(systemctl, null));
  afterAll(() => lab?.close());

  const askForReboot = async () => {
    await box.press("ENTER", "DOWN", "ENTER");
    await atThePanel(box).sees("REALLY REBOOT SYSTEM?");
    await box.press("ENTER");
  };

  it.each([
    ["refused", "echo 'Call to Reboot failed: Access denied' >&2; exit 1", "reboot was refused: Call to Reboot failed"],
    ["not possible", "", "systemctl is missing"],
  ])("that is %s is told, and the box goes on", async (_how, script, reason) => {
    const [address = ""] = await lab.kernel.addresses("lan0");
    await lab.replaceProgram(systemctl, script);
    await askForReboot();
    await atThePanel(box).sees("NOT DONE");
    expect(box.log()).toContain(reason);
    await box.press("ENTER");
    await box.untilScreen("home");
    expect(await isAlive(box)).toBe(true);
    await expectLan(lab, { address });
  });

  it("asks systemd once, says so on the glass until the end, and is followed by a start to home", async () => {
    const record = `${lab.folder}/systemctl`;
    await lab.replaceProgram(systemctl, `echo "$@" >> ${record}`);
    await askForReboot();
    await box.untilScreen("rebooting");
    await until("systemd to be asked", async () => existsSync(record));
    // Nobody changes his mind any more.
    expect((await box.press("UP", "ENTER", "ENTER")).lines.join(" ")).toMatch(/REBOOTING\s+SYSTEM/);
    expect(await box.status()).toMatchObject({ phase: "rebooting", fault: null });
    expect(await readFile(record, "utf8")).toBe("--no-ask-password --no-wall reboot\n");

    // As a machine goes down and comes up.
    await box.stop();
    await lab.daemons.killBus();
    await lab.run(["ip", "address", "flush", "dev", "lan0"]);
    await lab.daemons.start();
    await box.start();
    await box.untilScreen("home", 120_000);
    await expectLan(lab);
  }, 240_000);
});
