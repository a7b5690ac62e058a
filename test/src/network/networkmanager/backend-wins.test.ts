import { describe, expect, it } from "vitest";
import { failed, ok } from "../../../../src/model/result.ts";
import type { Operation } from "../../../../src/network/backend.ts";
import { orderDhcp, orderStatic } from "../../../contract/network-backend.ts";
import { openModel } from "./rig.ts";

const never = new AbortController().signal;
const servers = ["10.77.0.8", "10.77.0.9"];
const question = { port: "lan", vlan: 0, address: "10.77.0.99", prefixLength: 24 };

function open() {
  const model = openModel();
  const { backend, settle, clock, machine } = model;
  machine.tellsWins(ok(servers));
  const observe = () => settle(backend.observe(never));
  return {
    ...model,
    observe,
    perform: (operation: Operation) => settle(backend.perform(operation, never)),
    /** As it is when the answer is there. */
    wins: async () => {
      await observe();
      await clock.advance(0);
      return (await observe()).lan.wins;
    },
  };
}

describe("the DHCP server's WINS servers", () => {
  it("are asked for behind, and a bell rings when they are there", async () => {
    const { perform, observe, backend, machine, clock } = open();
    await perform(orderDhcp);
    expect(machine.winsQuestions).toEqual([]);
    let bells = 0;
    backend.watch(() => bells++);
    expect((await observe()).lan.wins).toEqual([]);
    await clock.advance(0);
    expect(bells).toBe(1);
    for (let look = 0; look < 3; look++) expect((await observe()).lan.wins).toEqual(servers);
    expect(machine.winsQuestions).toEqual([question]);
  });

  it("are asked for at a restart of the controller too, without an order", async () => {
    const { perform, create, settle, clock, machine } = open();
    await perform(orderDhcp);
    const second = create();
    await settle(second.observe(never));
    await clock.advance(0);
    expect((await settle(second.observe(never))).lan.wins).toEqual(servers);
    expect(machine.winsQuestions).toEqual([question]);
  });

  it("are asked for again after a renewal, and not after an order about the link or WAN", async () => {
    const { perform, wins, machine } = open();
    await perform(orderDhcp);
    await wins();
    await perform({ kind: "link", port: "lan", mode: "100/full" });
    await perform({ ...orderDhcp, port: "wan" });
    await perform({ kind: "renew", port: "wan" });
    machine.tellsWins(ok(["10.77.0.7"]));
    expect(await wins()).toEqual(servers);
    expect(machine.winsQuestions).toHaveLength(1);
    await perform({ kind: "renew", port: "lan" });
    expect(await wins()).toEqual(["10.77.0.7"]);
    expect(machine.winsQuestions).toEqual([question, question]);
  });

  it("are not asked for while a change goes on", async () => {
    const { perform, backend, settle, wins, machine } = open();
    await perform(orderDhcp);
    const renewal = backend.perform({ kind: "renew", port: "lan" }, never);
    await settle(backend.observe(never));
    expect(machine.winsQuestions).toEqual([]);
    await settle(renewal);
    expect(await wins()).toEqual(servers);
    expect(machine.winsQuestions).toEqual([question]);
  });

  it("are asked for neither without a cable nor for a fixed address", async () => {
    const { perform, wins, machine } = open();
    await perform(orderStatic);
    expect(await wins()).toEqual([]);
    await perform(orderDhcp);
    machine.wire.cable("lan", false);
    expect(await wins()).toEqual([]);
    expect(machine.winsQuestions).toEqual([]);
  });

  it("stay while NetworkManager is away, which nobody is asked about", async () => {
    const { perform, wins, machine } = open();
    await perform(orderDhcp);
    await wins();
    machine.daemon("dead");
    expect(await wins()).toEqual(servers);
    machine.daemon("running");
    machine.restart();
    expect(await wins()).toEqual(servers);
    expect(machine.winsQuestions).toHaveLength(1);
  });

  it("are asked for when NetworkManager has the lease, not while it waits for one", async () => {
    const { perform, wins, machine, clock } = open();
    await perform(orderDhcp);
    await wins();
    // Renewed within the hour: no occasion to ask yet.
    await clock.advance(1_800_000);
    machine.restart();
    await clock.advance(1000);
    await wins();
    machine.wire.dhcp(false);
    machine.restart();
    await clock.advance(3_600_000);
    expect(await wins()).toEqual(servers);
    expect(machine.winsQuestions).toHaveLength(1);
    machine.wire.dhcp(true);
    machine.restart();
    await clock.advance(1000);
    expect(await wins()).toEqual(servers);
    expect(machine.winsQuestions).toHaveLength(2);
  });

  it("that cannot be asked for trouble nobody", async () => {
    const { perform, wins, machine, lines } = open();
    machine.tellsWins(failed({ kind: "unavailable", detail: "the helper is not there" }));
    await perform(orderDhcp);
    expect(await wins()).toEqual([]);
    expect(await wins()).toEqual([]);
    expect(lines).toEqual(["debug: network: the DHCP server does not tell its WINS servers"]);
    expect(machine.winsQuestions).toHaveLength(1);
  });
});
