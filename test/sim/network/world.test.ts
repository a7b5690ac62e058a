import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  autoAddress,
  createWorld,
  createWorldPatchShape,
  initialWorld,
  parseSubnet,
} from "../../../sim/network/world.ts";

const schema = z.strictObject(createWorldPatchShape());

describe("a patch of the world", () => {
  it.each([
    [{}, null],
    [{ lan: {} }, null],
    [{ lan: { cable: false } }, null],
    [{ wan: { dhcp: "no-router", dns: "servfail" }, proxy: { required: true, auth: "ntlm", answer: "503" } }, null],
    [{ lan: { subnet: "192.168.4.0/22" } }, null],
    [{ lan: { cabel: false } }, "lan"],
    [{ dmz: {} }, ""],
    [{ lan: { cable: "yes" } }, "lan.cable"],
    [{ lan: { cable: null } }, "lan.cable"],
    [{ lan: { dhcp: "maybe" } }, "lan.dhcp"],
    [{ lan: { subnet: "10.77.0.1/24" } }, "lan.subnet"],
    [{ lan: { subnet: "10.77.0.0/30" } }, "lan.subnet"],
    [{ lan: { subnet: "224.0.0.0/24" } }, "lan.subnet"],
    [{ lan: null }, "lan"],
    [{ proxy: { answer: 403 } }, "proxy.answer"],
    [[], ""],
    ["lan", ""],
  ])("%j is refused at %j (null: taken)", (patch, path) => {
    const result = schema.safeParse(patch);
    expect(result.success ? null : result.error.issues[0]?.path.join(".")).toBe(path);
  });

  it("changes what it names and keeps the rest", () => {
    const world = createWorld();
    world.patch({ lan: { cable: false }, proxy: { auth: "basic" } });
    expect(world.get()).toEqual({
      lan: { ...initialWorld.lan, cable: false },
      wan: initialWorld.wan,
      proxy: { ...initialWorld.proxy, auth: "basic" },
      storage: initialWorld.storage,
    });
  });

  it("tells each subscriber once, with before and after, and nobody when nothing changes", () => {
    const world = createWorld();
    const seen: boolean[][] = [];
    const stop = world.subscribe((now, before) => seen.push([before.lan.cable, now.lan.cable]));
    world.patch({ lan: { cable: true } });
    world.patch({ lan: { cable: false, dns: "off" } });
    stop();
    world.patch({ lan: { cable: true } });
    expect(seen).toEqual([[true, false]]);
  });
});

describe("a subnet", () => {
  it.each([
    ["10.77.0.0/24", { router: "10.77.0.1", secondDns: "10.77.0.2", lease: "10.77.0.100" }],
    ["192.168.1.8/29", { router: "192.168.1.9", secondDns: "192.168.1.10", lease: "192.168.1.13" }],
    ["172.16.0.0/12", { router: "172.16.0.1", secondDns: "172.16.0.2", lease: "172.16.0.100" }],
  ])("%s has its hosts", (text, hosts) => {
    expect(parseSubnet(text)).toMatchObject(hosts);
  });

  it("is nothing else than a network with its length", () => {
    fc.assert(fc.property(fc.string(), (text) => parseSubnet(text) === null || /^[\d.]+\/\d+$/.test(text)));
  });
});

it("an automatic address is the modified EUI-64 of the MAC address", () => {
  expect(autoAddress("lan", "02:be:2e:10:00:01")).toBe("2001:db8:77:0:be:2eff:fe10:1");
});
