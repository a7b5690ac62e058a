import { describe, expect, it } from "vitest";
import { startedBox } from "./harness.ts";

describe("a box with a PIN", () => {
  const panel = { pin: "0815" };
  /** One digit, and ENTER. */
  const guess = ["UP*2", "ENTER"];

  it("shows who it is to anybody, and its menus to who knows the PIN", async () => {
    const box = await startedBox({ panel });
    expect(box.glass()[1]).toContain("10.77.0.100");
    await box.press("ENTER");
    expect(box.glass()).toEqual(["ENTER PIN    ↑↓↵", " ".repeat(16)]);
    await box.press("UP", "RIGHT", "UP*9", "RIGHT", "UP*2", "RIGHT", "UP*6");
    expect(box.glass()[1]).toBe("***5            ");
    await box.press("ENTER");
    await box.until("main/setup-network");
    expect(box.records.join()).not.toContain("0815");
  });

  it("keeps who guesses out, over a power cut as well", async () => {
    const box = await startedBox({ panel });
    await box.press("ENTER");
    for (let count = 0; count < 3; count += 1) {
      await box.press(...guess);
      await box.advance(100);
    }
    expect(box.glass()[0]).toBe("TOO MANY PINS,↑↵");
    await box.stop();

    const next = await startedBox({ panel, files: box.files.afterPowerCut() });
    const before = next.clock.monotonic();
    await next.press("ENTER");
    expect(next.glass()[0]).toBe("TOO MANY PINS,↑↵");
    await next.until(({ glass }) => glass()[0]?.startsWith("ENTER PIN") ?? false, 60_000);
    expect(next.clock.monotonic() - before).toBeLessThan(31_000);
    await next.press(...guess);
    await next.advance(100);
    expect(next.glass()).toEqual(["TOO MANY PINS,↑↵", "WAIT 1:00       "]);
  });

  it("is locked on its consoles, too: there is one panel", async () => {
    const box = await startedBox({ panel });
    await box.type("\n1111\n");
    await box.advance(100);
    expect(box.screen()).toBe("locked");
    await box.type("0815\n");
    await box.until("main/setup-network");
  });
});

describe("a box with a display that goes dark", () => {
  it("turns the glass off, and a key lights it and does nothing else", async () => {
    const box = await startedBox({ panel: { blankSeconds: 60 } });
    await box.advance(60_000);
    expect(box.glass()).toEqual([]);
    await box.press("ENTER");
    expect(box.screen()).toBe("home");
    expect(box.glass()[1]).toContain("10.77.0.100");
    await box.press("ENTER");
    expect(box.screen()).toBe("main/setup-network");
  });
});

describe("a box whose panel has four keys", () => {
  it("sets a VLAN", async () => {
    const box = await startedBox({ panel: { keys: 4 } });
    await box.press("ENTER*2", "DOWN", "ENTER", "UP", "DOWN", "ENTER*3", "UP*7", "ENTER");
    await box.until(({ facts }) => facts().settings.lan.vlan === 7);
  });
});
