import { describe, expect, it } from "vitest";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { curlFails } from "../../support/scripted-platform.ts";
import { type Bench, startedBox } from "./harness.ts";

async function choose(box: Bench, item: string): Promise<void> {
  const [menu = ""] = item.split("/");
  if (menu === "main") await box.press("ENTER");
  else await box.press("ENTER", "ENTER");
  const entrance: Readonly<Record<string, string>> = { wan: "setup/wan", reset: "setup/reset" };
  for (const goal of [entrance[menu], item]) {
    if (goal === undefined) continue;
    for (let downs = 0; box.screen() !== goal; downs += 1) {
      if (downs > 20) throw new Error(`no ${goal}: ${JSON.stringify(box.facts())}`);
      await box.press("DOWN");
    }
    await box.press("ENTER");
  }
}

const factory = factorySettings();
const lanWith = (change: Partial<Settings["lan"]>): Settings => ({ ...factory, lan: { ...factory.lan, ...change } });

describe("SETUP NETWORK", () => {
  it.each<[string, string, (box: Bench) => Promise<void>, Settings, (box: Bench) => unknown, unknown]>([
    [
      "a VLAN",
      "setup/vlan",
      async (box) => box.type("0020\n"),
      lanWith({ vlan: 20 }),
      ({ kernel }) => kernel.current().lan.vlan,
      20,
    ],
    [
      "LAN's link",
      "setup/ports",
      async (box) => box.press("RIGHT*2", "ENTER", "ENTER"),
      lanWith({ link: "100/full" }),
      ({ kernel }) => kernel.current().lan.speedMbps,
      100,
    ],
    [
      "WAN by DHCP",
      "wan/dhcp",
      async (box) => box.press("ENTER"),
      { ...factory, wan: { link: "auto", ipv4: { method: "dhcp" } } },
      ({ kernel }) => kernel.current().wan?.ipv4.length,
      1,
    ],
    [
      "IPv6-only mode",
      "reset/mode",
      async (box) => box.press("ENTER"),
      factorySettings("ipv6-only"),
      ({ kernel }) => kernel.current().lan.method,
      "auto6",
    ],
  ])("%s is set by keys, and stays over a restart", async (_, item, answer, settings, look, seen) => {
    const box = await startedBox();
    await choose(box, item);
    await answer(box);
    await box.until(({ facts }) => facts().phase === "ready" && facts().progress === null);
    await box.advance(5000);
    expect(box.facts().settings).toEqual(settings);
    expect(look(box)).toBe(seen);
    await box.stop();
    const next = await startedBox({ files: box.files.afterPowerCut() });
    expect(next.facts().settings).toEqual(settings);
    expect(look(next)).toBe(seen);
  });

  it("LAN PORT LINK stands again when it was set", async () => {
    const box = await startedBox();
    await choose(box, "setup/ports");
    const before = box.screens.length;
    await box.press("RIGHT", "ENTER", "ENTER");
    await box.until("ports/lan");
    expect(box.screens.slice(before)).toEqual(["confirm/lan-link", "progress/lan-link", "ports/lan"]);
    expect(box.glass()[1]).toBe("1GbaseT/Full    ");
  });

  it("all is reset, and the last good settings bring it back", async () => {
    const box = await startedBox();
    await choose(box, "setup/vlan");
    await box.type("0020\n");
    await box.until("home");
    box.platform.fault = curlFails(7, "connection refused");
    await choose(box, "reset/all");
    await box.press("ENTER");
    await box.until("network-error");
    expect(box.facts().settings).toEqual(factory);
    await choose(box, "setup/restore");
    box.platform.fault = null;
    await box.press("ENTER");
    await box.until("home");
    expect(box.facts().settings).toEqual(lanWith({ vlan: 20 }));
    expect(box.facts().lastGood).toEqual(lanWith({ vlan: 20 }));
  });
});
