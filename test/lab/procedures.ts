import { expect } from "vitest";
import type { StatusDocument } from "../../src/control/schema.ts";
import type { Box } from "./box.ts";
import { untilHome } from "./steps.ts";

/** The procedures of the guide by the keys of the front panel, from a status screen. */

/** Walks down the menus to the last of these items, and enters all before it. */
export async function toItem(box: Box, ...items: readonly string[]): Promise<void> {
  for (const item of items) {
    await box.press("ENTER");
    for (let at = 0; (await box.screen()).screen !== item; at++) {
      expect(at, `${item} is not in the menu`).toBeLessThan(15);
      await box.press("DOWN");
    }
  }
}

const inSetup = (box: Box, ...items: readonly string[]) => toItem(box, "main/setup-network", ...items);

/** Fills in fields, one after the other: their names and what is typed; null keeps what is there. */
async function fillIn(box: Box, of: string, fields: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await box.untilScreen(`${of}/${name}`);
    await box.type(value === null ? "\n" : `${value}\n`);
  }
}

async function confirm(box: Box, what: string): Promise<void> {
  await box.untilScreen(`confirm/${what}`);
  await box.press("ENTER");
}

/** ENABLE, not RENEW: the port has no lease. */
export async function enableDhcp(box: Box, port: "lan" | "wan"): Promise<void> {
  await inSetup(box, ...(port === "lan" ? ["setup/dhcp-lan"] : ["setup/wan", "wan/dhcp"]));
  await box.press("ENTER");
  await confirm(box, `dhcp-${port}`);
}

/** Asks nothing. */
export async function renewDhcp(box: Box, port: "lan" | "wan"): Promise<void> {
  await inSetup(box, ...(port === "lan" ? ["setup/dhcp-lan"] : ["setup/wan", "wan/dhcp"]));
  await box.press("ENTER");
}

/** A fixed address on the port's network, with its router and its name server. */
export async function enableStatic(box: Box, port: "lan" | "wan", address: string): Promise<void> {
  const router = port === "lan" ? "10.77.0.1" : "10.78.0.1";
  await inSetup(box, ...(port === "lan" ? ["setup/static-lan"] : ["setup/wan", "wan/static"]));
  await box.press("ENTER", "ENTER");
  await fillIn(box, `${port}-static`, {
    ...{ address, netmask: null, gateway: router, dns1: router, dns2: "0.0.0.0" },
    ...(port === "lan" ? { wins1: "0.0.0.0", wins2: "0.0.0.0", domain: "\u0015" } : {}),
  });
  await confirm(box, `static-${port}`);
}

export async function disableWanInterface(box: Box): Promise<void> {
  await inSetup(box, "setup/wan", "wan/disable");
  await box.press("ENTER");
  await confirm(box, "disable-wan");
}

export async function enableProxy(box: Box, host: string, port: number, account?: Account): Promise<void> {
  await inSetup(box, "setup/proxy");
  await box.press("ENTER", "ENTER");
  await fillIn(box, "proxy", {
    ...{ host: `\u0015${host}`, port: String(port).padStart(5, "0"), user: `\u0015${account?.user ?? ""}` },
    ...(account === undefined ? {} : { password: `\u0015${account.password}` }),
  });
  await confirm(box, "proxy");
}

interface Account {
  readonly user: string;
  readonly password: string;
}

export async function disableProxy(box: Box): Promise<void> {
  await inSetup(box, "setup/disable-proxy");
  await box.press("ENTER");
  await confirm(box, "disable-proxy");
}

export async function setVlan(box: Box, id: number): Promise<void> {
  await inSetup(box, "setup/vlan");
  await box.press("ENTER");
  await fillIn(box, "vlan", { id: String(id).padStart(4, "0") });
}

/** All settings, or with them the mode. */
export async function resetNetwork(box: Box, what: "all" | "mode"): Promise<void> {
  await inSetup(box, "setup/reset", `reset/${what}`);
  await box.press("ENTER");
  await confirm(box, `reset-${what}`);
}

export async function restoreLastGood(box: Box): Promise<void> {
  await inSetup(box, "setup/restore");
  await box.press("ENTER");
  await confirm(box, "restore");
}

/**
 * TEST NETWORK: one contact at once, whatever the schedule says, and a poll where it finds something else than what stood.
 * Resolves on the status screen when both have ended.
 */
export async function testNetwork(box: Box): Promise<void> {
  const before = await box.status();
  await toItem(box, "main/test-network");
  await box.press("ENTER");
  const isNew = (test: StatusDocument["test"]) => test !== null && test.started !== before.test?.started;
  const { test } = await box.untilStatus((now) => isNew(now.test) && now.test?.state === "done", 120_000);
  if (test?.fault?.message !== before.fault?.message) {
    await box.untilStatus(({ poll }) => poll.lastAttempt !== before.poll.lastAttempt && poll.next !== null);
  }
  let { screen } = await box.screen();
  for (let at = 0; /^(test-network|main\/)/.test(screen); at++) {
    expect(at, `${screen} is not left`).toBeLessThan(15);
    ({ screen } = await box.press("UP"));
  }
}

/** A procedure, and the box at home behind it. */
export async function doneAtHome(box: Box, procedure: Promise<void>): Promise<void> {
  await procedure;
  await untilHome(box);
}
