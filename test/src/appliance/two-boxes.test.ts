import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { active, createScriptedPlatform, curlFails } from "../../support/scripted-platform.ts";
import { startBox, startedBox } from "./harness.ts";

describe("two appliances in one process", () => {
  it("boot side by side, and nothing that happens to one is seen on the other", async () => {
    const clock = createFakeClock();
    const left = await startBox({ clock, platform: createScriptedPlatform({ ...active, name: "left" }) });
    const right = await startBox({ clock, platform: createScriptedPlatform({ ...active, name: "right" }), cols: 20 });
    await left.until("home");
    await right.until("home");
    expect(left.glass()[0]).toBe("left           ↵");
    expect(right.glass()[0]).toBe("right              ↵");

    const before = { facts: right.facts(), glasses: right.glasses.length, operations: right.files.operations().length };
    await left.press("ENTER", "ENTER", "DOWN*2", "ENTER", "ENTER*9", "ENTER");
    await left.until("home");
    left.world.patch({ lan: { cable: false } });
    left.controls.unplug();
    left.platform.fault = curlFails(7, "refused");
    await left.advance(5000);
    expect(left.facts().settings.lan.ipv4.method).toBe("static");
    expect(right.facts()).toEqual(before.facts);
    expect([right.glasses.length, right.files.operations().length]).toEqual([before.glasses, before.operations]);

    await left.stop();
    expect(right.screen()).toBe("home");
    await right.press("ENTER");
    expect(right.glass()[0]).toMatch(/^SETUP NETWORK/);
    await right.stop();
    expect(clock.pending()).toEqual([]);
  });

  it("that are stopped in the middle of anything leave nothing behind", async () => {
    for (const screen of ["boot", "contacting", "filesystem-check", "home"]) {
      const box = await startBox();
      await box.until(screen);
      await box.stop();
      expect(box.clock.pending()).toEqual([]);
    }
    const box = await startedBox();
    await box.press("ENTER", "ENTER", "ENTER"); // RENEW DHCP ON LAN
    expect(box.screen()).toBe("progress/renew-dhcp-lan");
    await box.stop();
    expect(box.clock.pending()).toEqual([]);
  });
});
