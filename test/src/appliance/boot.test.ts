import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { active, createScriptedPlatform, unactivated } from "../../support/scripted-platform.ts";
import { serial, startBox, startedBox, stateDirectory } from "./harness.ts";

describe("boot", () => {
  it("shows each message of the guide in its order, then the activation code, and home once the code was used", async () => {
    const platform = createScriptedPlatform(unactivated);
    const box = await startBox({ platform });
    await box.until("activation");
    const boot = [
      ["boot", "Welcome to      |Qualys          "],
      ["boot", "Qualys Scanner i|s starting up..."],
      ["boot", "Filesystem check|in progress...  "],
      ["boot", "Qualys Scanner  |is coming up... "],
      ["contacting", "CONTACTING      |QUALYS          "],
      ["filesystem-check", "Filesystem check|in progress...  "],
      ["contacting", "CONTACTING      |QUALYS          "],
      ["activation", "ACTIVATION CODE↵|QG-1234-5678    "],
    ] as const;
    expect(box.frames.map(({ screen, lines }) => [screen, lines])).toEqual(boot);
    expect(box.glasses).toEqual(boot.map(([, lines]) => lines));
    const shownMs = box.frames.map(({ atMs }, index) => (box.frames[index + 1]?.atMs ?? Infinity) - atMs);
    expect(shownMs.slice(0, 6).every((ms) => ms >= 700)).toBe(true);

    platform.registration = active;
    await box.until("home", 15_000);
    expect(box.glass()).toEqual(["is_box         ↵", "10.77.0.100    P"]);
    expect(box.told).toEqual(["ready", "status: contacting", "status: activation", "status: ready"]);
  });

  it("goes home at once when the platform knows the box, and tells a renaming at the next poll", async () => {
    const box = await startedBox();
    expect(box.screens.at(-2)).toBe("contacting");
    expect(box.screens).not.toContain("activation");
    box.platform.registration = { ...active, name: "is_dc2_rack_11", indicator: "Q" };
    await box.advance(200_000);
    expect(box.glass()).toEqual(["is_dc2_rack_11 ↵", "10.77.0.100    Q"]);
  });

  it("makes the device's key and certificate at the first start", async () => {
    const files = createMemoryFiles();
    const box = await startedBox({ files });
    expect(new X509Certificate(files.text(`${stateDirectory}/device-certificate.pem`) ?? "").subject).toBe(
      `CN=${serial}`,
    );
    expect(box.facts().storage).toEqual({ loaded: "new", problem: null });
  });

  it.each([
    [20, 2, ["is_box             ↵", "10.77.0.100        P"]],
    [20, 4, ["is_box             ↵", "10.77.0.100         ", "                    ", "                   P"]],
  ] as const)("fills a glass of %i by %i", async (cols, rows, lines) => {
    const box = await startedBox({ cols, rows });
    expect(box.glass()).toEqual(lines);
  });

  it("takes no key before it has been on line or failed", async () => {
    const box = await startBox();
    await box.until(({ facts }) => facts().phase === "contacting");
    await box.press("ENTER", "DOWN");
    await box.until("home");
    expect(box.screens).not.toContain("main/setup-network");
  });
});
