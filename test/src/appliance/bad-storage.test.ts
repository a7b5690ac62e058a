import { describe, expect, it } from "vitest";
import { createMemoryFiles, type MemoryFiles } from "../../../hal/mock/memory-files.ts";
import { type Bench, diskWithIdentity, startBox, startedBox, stateDirectory } from "./harness.ts";

const current = `${stateDirectory}/settings/settings.json`;
const previous = `${stateDirectory}/settings/settings.previous.json`;

/** Accepts what the fields of a static LAN open with, up to the last question and beyond. */
const changeToStatic = ["ENTER", "ENTER", "DOWN*2", "ENTER", "ENTER*9", "ENTER"];
const writing = ["write", "rename", "remove", "makeDirectory"] as const;

const methodOf = ({ facts, kernel }: Bench) => [facts().settings.lan.ipv4.method, kernel.current().lan.method];

/** What was stored by a box that was set to static and then back to DHCP. */
async function usedDisk(): Promise<MemoryFiles> {
  const box = await startedBox();
  await box.press(...changeToStatic);
  await box.until("home");
  await box.press("ENTER", "ENTER", "ENTER", "ENTER");
  await box.until("home");
  expect(methodOf(box)).toEqual(["dhcp", "dhcp"]);
  await box.stop();
  return box.files.afterPowerCut();
}

describe("a disk that cannot be written", () => {
  it.each([
    ["full", ["write"], "disk full"],
    ["readOnly", writing, "disk is read-only"],
    ["denied", writing, "no permission"],
    ["io", ["sync"], "disk error"],
  ] as const)("at the start (%s): said, and the box goes on", async (kind, names, words) => {
    const files = await diskWithIdentity();
    files.fail({ kind, names });
    const box = await startBox({ files });
    await box.until("storage-notice");
    expect(box.glass()).toEqual(["CANNOT STORE←↑↓↵", "SETTINGS        "]);
    expect(box.facts()).toMatchObject({ phase: "ready", storage: { problem: `settings cannot be stored: ${words}` } });
    await box.press("DOWN");
    expect(box.glass()[0]).toMatch(/^settings/);
    await box.press("ENTER");
    expect(box.glass()[0]).toBe("is_box         ↵");
  });

  it("refuses a change with a notice, touches nothing, and takes it once there is room", async () => {
    const box = await startedBox();
    const stored = box.files.text(current);
    const heal = box.files.fail({ kind: "full", names: ["write"] });
    const operations = box.files.operations().length;
    await box.press(...changeToStatic);
    await box.until("change-notice");
    expect(box.facts().notice).toBe("NOT CHANGED: settings cannot be stored: disk full");
    expect(box.glass()[0]).toMatch(/^NOT CHANGED/);
    expect(methodOf(box)).toEqual(["dhcp", "dhcp"]);
    expect(box.files.text(current)).toBe(stored);
    expect(
      box.files
        .operations()
        .slice(operations)
        .filter(({ name }) => name === "rename"),
    ).toEqual([]);
    await box.press("ENTER");
    expect(box.screen()).toBe("storage-notice");
    await box.press("ENTER");
    expect(box.screen()).toBe("home");

    heal();
    await box.press(...changeToStatic);
    await box.until("home");
    expect(methodOf(box)).toEqual(["static", "static"]);
    expect(box.facts()).toMatchObject({ notice: null, storage: { problem: null } });
  });

  it("at the first start: no device certificate, said as the fault, made once there is room", async () => {
    const files = createMemoryFiles();
    const heal = files.fail({ kind: "full", names: ["write"] });
    const box = await startBox({ files });
    await box.until(({ facts }) => facts().phase === "network-error");
    expect(box.facts().fault).toMatchObject({ message: "No device certificate" });
    expect(box.facts().fault?.detail).toContain("Free some space there.");
    heal();
    await box.until(({ facts }) => facts().phase === "ready", 600_000);
  });
});

describe("damaged settings", () => {
  const damage: readonly [name: string, content: string][] = [
    ["cut off", '{"schema":1,"settings":{"mode":"ipv4'],
    ["empty", ""],
    ["of a newer version", '{"schema":99}'],
    ["zeros", "\0".repeat(500)],
  ];

  it.each(damage)("(%s): the previous ones are in force, and it is said", async (_name, content) => {
    const files = await usedDisk();
    files.put(current, content);
    const box = await startBox({ files });
    await box.until("storage-notice");
    expect(box.glass().join("")).toMatch(/^OLD SETTINGS.*IN USE, NEW LOST/);
    expect(box.facts().storage).toEqual({ loaded: "previous", problem: null });
    expect(methodOf(box)).toEqual(["static", "static"]);
    await box.press("ENTER");
    expect(box.screen()).toBe("home");
    expect(files.text(`${current}.damaged`)).toBe(content);
  });

  it.each(damage)("(%s), the previous ones too: factory settings, and it is said", async (_name, content) => {
    const files = await usedDisk();
    files.put(current, content);
    files.put(previous, content);
    const box = await startBox({ files });
    await box.until("storage-notice");
    expect(box.glass().join("")).toMatch(/^NOW ON DHCP,.*SETTINGS LOST/);
    expect(box.facts().storage).toEqual({ loaded: "factory", problem: null });
    expect(methodOf(box)).toEqual(["dhcp", "dhcp"]);
    // The next start finds a whole store.
    await box.stop();
    const next = await startedBox({ files: files.afterPowerCut() });
    expect(next.facts().storage).toEqual({ loaded: "current", problem: null });
  });
});
