import { describe, expect, it } from "vitest";
import { sleep } from "../../../../hal/clock.ts";
import { HalError } from "../../../../hal/errors.ts";
import { observationLimitMs } from "../../../../src/network/apply.ts";
import { profileUuids } from "../../../../src/network/networkmanager/profile.ts";
import { orderAddress, orderDhcp, orderStatic, orderStatic6 } from "../../../contract/network-backend.ts";
import { openModel } from "./rig.ts";

const never = new AbortController().signal;
const done = { ok: true, value: null };
const noLease = /IP configuration could not be reserved/;

function open() {
  const model = openModel();
  const { backend, settle } = model;
  return {
    ...model,
    perform: (operation: Parameters<typeof backend.perform>[0]) => settle(backend.perform(operation, never)),
    observe: () => settle(backend.observe(never)),
    lan: async () => (await settle(backend.observe(never))).lan,
  };
}

/** Counts bells from here on. */
function listen(backend: ReturnType<typeof open>["backend"]) {
  const heard = { bells: 0 };
  backend.watch(() => heard.bells++);
  return heard;
}

describe("nmcli's word is not the kernel's", () => {
  it("is told of success without a cable, and shows that there is none", async () => {
    const { perform, lan, machine } = open();
    machine.wire.cable("lan", false);
    expect(await perform(orderStatic)).toEqual(done);
    expect(await lan()).toMatchObject({ carrier: false, duplicate: null });
  });

  it("is told the same of a missing lease and of a duplicate address, and tells them apart by asking the wire", async () => {
    const { perform, lan, machine, lines } = open();
    machine.wire.dhcp(false);
    expect(await perform(orderDhcp)).toEqual(done);
    expect(await lan()).toMatchObject({ ipv4: [], duplicate: null });
    machine.wire.hold("10.77.0.66", true);
    expect(await perform(orderAddress("10.77.0.66"))).toEqual(done);
    expect(await lan()).toMatchObject({ ipv4: [], duplicate: "02:00:00:00:00:66" });
    expect(lines).toEqual(["warn: network: not activated", "warn: network: not activated"]);
  });

  it.each([
    ["renewed", { kind: "renew", port: "lan" }],
    ["asked for anew", orderDhcp],
  ] as const)(
    "of a lease that is %s it is not told that another machine has the address; the wire is",
    async (_, again) => {
      const { perform, lan, machine, settle, clock } = open();
      expect(await perform(orderDhcp)).toEqual(done);
      const [address = ""] = (await lan()).ipv4;
      expect(address).toBe("10.77.0.99/24");
      machine.wire.hold("10.77.0.99", true);
      const declined = { ipv4: [], duplicate: "02:00:00:00:00:66", duplicateAddress: "10.77.0.99" };
      for (let attempt = 0; attempt < 2; attempt++) {
        expect(await perform(again)).toEqual(done);
        expect(await lan()).toMatchObject(declined);
      }
      machine.wire.hold("10.77.0.99", false);
      machine.wire.dhcp(true);
      await settle(sleep(clock, "a lease", 1000, never));
      expect(await lan()).toMatchObject({ ipv4: [address], duplicate: null });
      // Without a cable there is nobody to ask, and without an answer nobody to name.
      machine.wire.dhcp(false);
      expect(await perform(again)).toEqual(done);
      expect(await lan()).toMatchObject({ ipv4: [], duplicate: null });
    },
  );

  it("is refused a fixed address that nobody has, with nmcli's reason", async () => {
    const { perform, machine } = open();
    machine.lacks.activation = true;
    expect(await perform(orderStatic)).toMatchObject({
      ok: false,
      error: { kind: "refused", detail: expect.stringMatching(noLease) },
    });
  });

  it("is refused a port that NetworkManager is set up to leave alone, lease or not", async () => {
    const { perform, machine } = open();
    machine.lacks.management = true;
    const detail = expect.stringContaining("NetworkManager is set up not to manage lan0");
    expect(await perform(orderDhcp)).toEqual({ ok: false, error: { kind: "refused", detail } });
  });

  it("is refused with nmcli's reason, not with the helper's, where the wire cannot be asked", async () => {
    const { perform, machine, lines } = open();
    machine.wire.hold("10.77.0.66", true);
    machine.lacks.arping = true;
    expect(await perform(orderAddress("10.77.0.66"))).toMatchObject({
      ok: false,
      error: { detail: expect.stringMatching(noLease) },
    });
    expect(lines).toContain("warn: network: the wire cannot be asked who has the address");
  });

  it("sees an address that the other machine has given up since", async () => {
    const { perform, lan, machine, clock } = open();
    machine.wire.hold("10.77.0.66", true);
    await perform(orderAddress("10.77.0.66"));
    machine.wire.cable("lan", false);
    expect(await lan()).toMatchObject({ carrier: false, duplicate: null });
    machine.wire.hold("10.77.0.66", false);
    machine.wire.cable("lan", true);
    await clock.advance(0);
    expect(await lan()).toMatchObject({ ipv4: ["10.77.0.66/24"], duplicate: null });
  });

  it("learns of a duplicate IPv6 address from the kernel's monitor", async () => {
    const { perform, lan, machine, backend } = open();
    listen(backend);
    machine.wire.hold("2001:db8:77::20", true);
    expect(await perform(orderStatic6)).toEqual(done);
    expect(await lan()).toMatchObject({ method: "static6", ipv6: [], duplicate: "unknown" });
    machine.wire.hold("2001:db8:77::20", false);
    expect(await perform(orderStatic6)).toEqual(done);
    expect((await lan()).duplicate).toBeNull();
  });

  it("waits for a router in the mode that needs one, and does without", async () => {
    const { perform, lan } = open();
    expect(await perform({ ...orderDhcp, mode: "ipv6-only" })).toEqual(done);
    expect(await lan()).toMatchObject({ configured: true, method: "auto6", ipv6: [], gateway: null });
  });
});

describe("what is run", () => {
  it("asks for one lease, though the profile is new, and has NetworkManager ask for the next", async () => {
    const { perform, machine, clock } = open();
    expect(await perform(orderDhcp)).toEqual(done);
    expect(machine.activations).toEqual([profileUuids.lan]);
    machine.wire.cable("lan", false);
    await clock.advance(10_000);
    machine.wire.cable("lan", true);
    expect(machine.activations).toEqual([profileUuids.lan, profileUuids.lan]);
  });

  it("has NetworkManager go on with a new profile that could not be brought up", async () => {
    const { perform, lan, machine } = open();
    machine.wire.cable("lan", false);
    expect(await perform(orderDhcp)).toEqual(done);
    expect(await lan()).toMatchObject({ configured: true, carrier: false });
    expect(machine.profile(profileUuids.lan)?.get("connection.autoconnect")).toBe("yes");
  });

  it("as few commands as there can be: two for a change", async () => {
    const { perform, machine } = open();
    const nameOf = (uuid: string) => Object.entries(profileUuids).find(([, value]) => value === uuid)?.[0];
    const commands = () =>
      machine.commands
        .splice(0)
        .map(({ kind, uuid }) => `${kind} ${nameOf(uuid)}`)
        .sort();
    await perform(orderStatic);
    expect(commands()).toEqual(["add lan", "delete vlan", "modify lan", "modify lan", "up lan"]);
    await perform(orderAddress("10.77.0.21"));
    expect(commands()).toEqual(["modify lan", "up lan"]);
    await perform({ kind: "renew", port: "lan" });
    expect(commands()).toEqual(["up lan", "up vlan"]);
    await perform({ kind: "release", port: "wan" });
    expect(commands()).toEqual(["delete wan"]);
    await perform({ kind: "release", port: "wan" });
    expect(commands()).toEqual([]);
  });

  it("one question where it knows which profiles there are, and another when one has gone", async () => {
    const { perform, observe, machine } = open();
    const asked = async () => {
      machine.questions.length = 0;
      const { lan, wan } = await observe();
      return [machine.questions.length, lan.configured, wan?.configured ?? false];
    };
    expect(await asked()).toEqual([3, false, false]);
    await perform(orderStatic);
    await perform({ ...orderDhcp, port: "wan" });
    expect(await asked()).toEqual([1, true, true]);
    machine.forget(profileUuids.lan);
    expect(await asked()).toEqual([2, false, true]);
    expect(await asked()).toEqual([1, false, true]);
    await perform(orderStatic);
    expect(await asked()).toEqual([1, true, true]);
  });

  it("a reading beside a change leaves no wrong belief behind", async () => {
    const { backend, observe, settle, machine } = open();
    await settle(Promise.all([backend.observe(never), backend.perform(orderStatic, never), backend.observe(never)]));
    expect((await observe()).lan).toMatchObject({ configured: true, ipv4: ["10.77.0.20/24"] });
    machine.lacks.vlan = false;
    const tagged = backend.perform({ ...orderStatic, vlan: 20 }, never);
    await settle(Promise.all([backend.observe(never), tagged, backend.observe(never)]));
    expect((await observe()).lan).toMatchObject({ vlan: 20, ipv4: ["10.77.0.20/24"] });
    await settle(Promise.all([backend.observe(never), backend.perform(orderStatic, never)]));
    expect((await observe()).lan).toMatchObject({ vlan: 0, ipv4: ["10.77.0.20/24"] });
    expect(machine.profile(profileUuids.vlan)).toBeUndefined();
  });

  it("looks for duplicates though NetworkManager would not", async () => {
    const { perform, machine } = open();
    await perform(orderStatic);
    expect(machine.profile(profileUuids.lan)?.get("ipv4.dad-timeout")).toBe("1000");
  });

  it("leaves the link to its own port", async () => {
    const { perform, lan, machine } = open();
    machine.linkTells(null);
    expect(await perform({ kind: "link", port: "lan", mode: "100/full" })).toEqual(done);
    expect(machine.commands).toEqual([]);
    expect((await lan()).link).toBe("100/full");
    machine.linkTells("auto");
    expect((await lan()).link).toBe("auto");
  });
});

describe("a tagged LAN", () => {
  const tagged = { ...orderStatic, vlan: 20 };

  it("has the addresses on the tagged network, and gives them back", async () => {
    const { perform, lan, machine } = open();
    machine.lacks.vlan = false;
    expect(await perform(tagged)).toEqual(done);
    expect(await lan()).toMatchObject({
      interface: "lan0",
      vlan: 20,
      method: "static",
      ipv4: ["10.77.0.20/24"],
      gateway: "10.77.0.1",
    });
    expect(machine.addresses("lan0")).toEqual([]);
    expect(machine.addresses("lan0.20")).toEqual(["10.77.0.20/24"]);
    expect(await perform({ ...tagged, vlan: 30 })).toEqual(done);
    expect((await lan()).vlan).toBe(30);
    expect(machine.addresses("lan0.20")).toEqual([]);
    expect(await perform(orderStatic)).toEqual(done);
    expect(await lan()).toMatchObject({ vlan: 0, ipv4: ["10.77.0.20/24"] });
    expect(machine.addresses("lan0")).toEqual(["10.77.0.20/24"]);
  });

  it("asks for leases on the tagged network", async () => {
    const { perform, lan, machine } = open();
    machine.lacks.vlan = false;
    expect(await perform({ ...orderDhcp, vlan: 20 })).toEqual(done);
    expect(await lan()).toMatchObject({ vlan: 20, method: "dhcp", ipv4: ["10.77.0.99/24"] });
    machine.commands.length = 0;
    expect(await perform({ kind: "renew", port: "lan" })).toEqual(done);
    expect(machine.commands).toEqual([{ kind: "up", uuid: profileUuids.vlan }]);
  });

  it.each([tagged, { ...orderDhcp, vlan: 20 }])("is refused by a kernel without VLANs (%#)", async (order) => {
    const { perform } = open();
    expect(await perform(order)).toMatchObject({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining("Operation not supported") },
    });
  });
});

describe("a machine in trouble", () => {
  it.each([
    ["dead", "absent", "NetworkManager: NetworkManager is not running."],
    [
      "no bus",
      "absent",
      "NetworkManager: Could not create NMClient object: Could not connect: No such file or directory.",
    ],
    ["not installed", "absent", 'NetworkManager: nmcli is missing; install the package "network-manager"'],
    ["hung", "timeout", "NetworkManager: NetworkManager does not answer"],
  ] as const)("%s: cannot be read, and nothing is done", async (state, kind, message) => {
    const { perform, observe, machine } = open();
    machine.daemon(state);
    await expect(observe()).rejects.toEqual(
      new HalError(kind, "NetworkManager", message.slice("NetworkManager: ".length)),
    );
    const refused = await perform(orderStatic);
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: state === "hung" ? "timeout" : "unavailable", detail: expect.stringContaining("lan0: ") },
    });
  });

  it("goes on by the kernel while NetworkManager is away, and tells when it may be back", async () => {
    const { perform, lan, machine, clock, backend, lines } = open();
    await perform(orderDhcp);
    const before = await lan();
    const heard = listen(backend);
    machine.daemon("dead");
    expect(await lan()).toEqual(before);
    machine.wire.cable("lan", false);
    expect(await lan()).toMatchObject({ configured: true, method: "dhcp", carrier: false });
    expect(lines).toEqual(["warn: network: NetworkManager cannot be asked"]);
    heard.bells = 0;
    await clock.advance(5000);
    expect(heard.bells).toBe(1);
    machine.daemon("running");
    await lan();
    expect(lines.at(-1)).toBe("info: network: NetworkManager answers again");
    await clock.advance(60_000);
    expect(clock.pending()).toEqual([]);
  });

  it("knows what came with the lease while NetworkManager, begun anew, asks for another", async () => {
    const { perform, lan, machine } = open();
    await perform(orderDhcp);
    const before = await lan();
    expect(before).toMatchObject({ dns: ["10.77.0.1"], domain: "lab.example", lease: { server: "10.77.0.1" } });
    machine.wire.dhcp(false);
    machine.restart();
    expect(await lan()).toEqual(before);
    machine.wire.dhcp(true);
    expect(await lan()).toMatchObject({ ipv4: before.ipv4, dns: ["10.77.0.1"] });
  });

  it("rings a bell, ever later, while NetworkManager has not told yet what came with the kernel's address", async () => {
    const { perform, lan, backend, machine, clock } = open();
    await perform(orderDhcp);
    await lan();
    machine.wire.dhcp(false);
    machine.restart();
    let bells = 0;
    backend.watch(() => bells++);
    for (const waitMs of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      bells = 0;
      await lan();
      await clock.advance(waitMs - 1);
      expect(bells).toBe(0);
      await clock.advance(1);
      expect(bells).toBe(1);
    }
    machine.wire.dhcp(true);
    await lan();
    bells = 0;
    await clock.advance(60_000);
    expect(bells).toBe(0);
  });

  it("has forgotten it when it was ordered anew", async () => {
    const { perform, lan, machine } = open();
    await perform(orderDhcp);
    await lan();
    machine.wire.dhcp(false);
    await perform(orderDhcp);
    expect(await lan()).toMatchObject({ ipv4: [], dns: [], lease: null });
  });

  it.each([orderDhcp, { kind: "renew", port: "lan" }] as const)(
    "dies in the middle of an order (%#)",
    async (order) => {
      const { perform, backend, machine, settle, clock } = open();
      await perform(orderDhcp);
      machine.wire.dhcp(false);
      const performing = backend.perform(order, never);
      await clock.advance(3000);
      machine.daemon("dead");
      expect(await settle(performing)).toEqual({
        ok: false,
        error: { kind: "unavailable", detail: "lan0: NetworkManager is not running." },
      });
    },
  );

  it("cannot be read while NetworkManager is away that has taken a profile, and may come back with that", async () => {
    const { perform, backend, machine, settle, clock, lan, observe } = open();
    await perform(orderStatic);
    await lan();
    machine.wire.dhcp(false);
    const performing = backend.perform(orderDhcp, never);
    await clock.advance(3000);
    machine.daemon("dead");
    expect(await settle(performing)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    await expect(observe()).rejects.toMatchObject({ kind: "absent" });
    machine.daemon("running");
    expect(await lan()).toMatchObject({ method: "dhcp" });
    machine.daemon("dead");
    expect(await lan()).toMatchObject({ method: "dhcp" });
    // Nothing was taken by who is away already.
    expect(await perform(orderStatic)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    expect(await lan()).toMatchObject({ method: "dhcp" });
  });

  it("goes on by the kernel while NetworkManager hangs, in time for an observation", async () => {
    const { perform, machine, clock, backend, lan } = open();
    await perform(orderDhcp);
    const before = await lan();
    machine.daemon("hung");
    const observing = backend.observe(never);
    await clock.advance(observationLimitMs - 1000);
    expect((await observing).lan).toEqual(before);
  });

  it("reads again after NetworkManager was away from the start", async () => {
    const { observe, machine, clock, backend } = open();
    const heard = listen(backend);
    machine.daemon("dead");
    await expect(observe()).rejects.toMatchObject({ kind: "absent" });
    await clock.advance(5000);
    expect(heard.bells).toBe(1);
    machine.daemon("running");
    expect((await observe()).lan.configured).toBe(false);
  });

  it.each(["disconnect", "flush"] as const)("%s by somebody else is seen, and an order mends it", async (harm) => {
    const { perform, lan, machine } = open();
    await perform(orderDhcp);
    expect(await lan()).toMatchObject({ configured: true, ipv4: ["10.77.0.99/24"] });
    machine[harm]("lan");
    expect(await lan()).toMatchObject({ configured: false, carrier: true, ipv4: [] });
    expect(await perform(orderDhcp)).toEqual(done);
    expect(await lan()).toMatchObject({ configured: true, ipv4: ["10.77.0.99/24"] });
  });

  it("sees a new profile that was never brought up by a process that is gone", async () => {
    const { backend, create, settle, machine } = open();
    const abort = new AbortController();
    machine.wire.dhcp(false);
    const performing = backend.perform(orderDhcp, abort.signal);
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    abort.abort(new Error("killed"));
    await expect(performing).rejects.toThrow("killed");
    machine.disconnect("lan");
    machine.wire.cable("lan", false);
    const { lan } = await settle(create().observe(never));
    expect(lan).toMatchObject({ carrier: false, configured: false });
  });

  it("refuses a port that is not there, and has it when it comes back", async () => {
    const { perform, lan, machine } = open();
    machine.unplug("lan");
    expect(await perform(orderStatic)).toEqual({
      ok: false,
      error: { kind: "refused", detail: "there is no interface lan0" },
    });
    expect(await lan()).toMatchObject({ present: false, configured: true, carrier: false, link: "auto" });
  });

  it("starts the monitor again, later and later, and rings when it listens", async () => {
    const { machine, clock, backend, lines } = open();
    const heard = listen(backend);
    backend.watch(() => {});
    expect(machine.followers.started()).toBe(1);
    machine.followers.running[0]?.end();
    await clock.advance(499);
    expect(machine.followers.started()).toBe(1);
    await clock.advance(1);
    expect([machine.followers.started(), heard.bells]).toEqual([2, 0]);
    await clock.advance(1000);
    expect(heard.bells).toBe(1);
    machine.followers.running[0]?.end();
    await clock.advance(999);
    expect(machine.followers.started()).toBe(2);
    await clock.advance(1);
    expect(machine.followers.started()).toBe(3);
    await clock.advance(60_000);
    machine.followers.running[0]?.end();
    await clock.advance(500);
    expect(machine.followers.started()).toBe(4);
    expect(new Set(lines)).toEqual(
      new Set(["warn: network: the kernel's changes are not seen, the monitor is started again"]),
    );
  });

  it("leaves no child and no timer behind", async () => {
    const { machine, clock, backend, life, observe } = open();
    listen(backend);
    machine.daemon("dead");
    await observe().catch(() => {});
    machine.followers.running[0]?.end();
    await clock.advance(600);
    life.abort();
    await clock.advance(0);
    expect(clock.pending()).toEqual([]);
    expect(machine.followers.running).toEqual([]);
    const started = machine.followers.started();
    await clock.advance(60_000);
    expect(machine.followers.started()).toBe(started);
  });
});
