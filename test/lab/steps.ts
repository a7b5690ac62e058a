import { expect } from "vitest";
import type { StatusDocument } from "../../src/control/schema.ts";
import { type Box, type BoxOptions, openBox } from "./box.ts";
import { gatewayAddress } from "./gateway.ts";
import { type Lab, openLab } from "./lab.ts";

/**
 * A lab, and a box in it that is activated and at home with a lease. `prepare` does what has to be there before the box is.
 */
export async function openActivatedBox(
  options: BoxOptions = {},
  prepare: (lab: Lab) => Promise<void> = async () => {},
): Promise<{ readonly lab: Lab; readonly box: Box }> {
  const lab = await openLab();
  try {
    activateOnSight(lab);
    await prepare(lab);
    const box = await openBox(lab, options);
    await box.start();
    await box.untilScreen("home");
    return { lab, box };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Any address that the DHCP server on LAN may give. */
export const leased: string = expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/);

export interface LanInForce {
  /** With prefix length; by default that of a lease. */
  readonly address?: string;
  readonly gateway?: string;
  /** Of the machine: WAN's are among them. */
  readonly dns?: readonly string[];
}

/** Address, default route and DNS servers as the kernel and resolv.conf have them; null: LAN has none. */
export async function expectLan({ kernel, daemons }: Lab, inForce: LanInForce | null = {}): Promise<void> {
  const { address = leased, gateway = gatewayAddress, dns = [gatewayAddress] } = inForce ?? {};
  const [addresses, gateways] = [await kernel.addresses("lan0"), await kernel.gateways("lan0")];
  expect({ addresses, gateways }).toEqual(
    inForce === null ? { addresses: [], gateways: [] } : { addresses: [address], gateways: [gateway] },
  );
  // NetworkManager writes its file when the kernel has the address already.
  await expect.poll(async () => (await daemons.resolvConf()).servers).toEqual(inForce === null ? [] : dns);
}

/** What a technician does at a box that is on its status screen, in one go. */

/** Walks to the last question about a static address on LAN's network. Nothing has changed then. */
export async function toStaticQuestion(box: Box, address: string): Promise<void> {
  await box.press("ENTER", "ENTER", "DOWN", "DOWN", "ENTER", "ENTER");
  await box.type(`${address}\n`);
  // The netmask in force; gateway and DNS1; none of DNS2, WINS1, WINS2 and the domain.
  await box.type("\n10.77.0.1\n10.77.0.1\n");
  for (const field of ["dns2", "wins1", "wins2"]) {
    await box.untilScreen(`lan-static/${field}`);
    await box.type("0.0.0.0\n");
  }
  await box.type("\u0015\n");
  await box.untilScreen("confirm/static-lan");
}

/** Gives LAN a static address; resolves when the box is at home with it. */
export async function setStatic(box: Box, address: string): Promise<void> {
  await toStaticQuestion(box, address);
  await box.press("ENTER");
  await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.ipv4.includes(`${address}/24`));
  await box.untilScreen("home");
}

/** Walks from a static address to the last question about DHCP on LAN. Nothing has changed then. */
export async function toDhcpQuestion(box: Box): Promise<void> {
  await box.press("ENTER", "ENTER", "ENTER");
  await box.untilScreen("confirm/dhcp-lan");
}

/** Gives LAN's address back to DHCP; resolves when the box is at home again. */
export async function setDhcp(box: Box): Promise<void> {
  await toDhcpQuestion(box);
  await box.press("ENTER");
  await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.method === "dhcp" && lan.ipv4.length > 0);
  await box.untilScreen("home");
}

/** Walks from a leased LAN to the last question about DHCP on WAN. Nothing has changed then. */
export async function toWanQuestion(box: Box): Promise<void> {
  // LAN has a lease: its DHCP, VLAN and static address stand before WAN, and DHCP comes first there.
  await box.press("ENTER", "ENTER", "DOWN", "DOWN", "DOWN", "ENTER", "ENTER");
  await box.untilScreen("confirm/dhcp-wan");
}

/** Gives WAN a lease beside LAN's; resolves when the box is in contact with both: at home, or waiting for its activation. */
export async function enableWan(box: Box, screen: "home" | "activation" = "home"): Promise<void> {
  await toWanQuestion(box);
  await box.press("ENTER");
  const reached = screen === "home" ? "ready" : "activation";
  await box.untilStatus(({ phase, wan }) => phase === reached && (wan?.ipv4.length ?? 0) > 0);
  await box.untilScreen(screen);
}

/** Walks from a leased LAN and a leased WAN to the question about switching WAN off. Nothing has changed then. */
export async function toNoWanQuestion(box: Box): Promise<void> {
  await box.press("ENTER", "ENTER", "DOWN", "DOWN", "DOWN", "ENTER", "DOWN", "DOWN", "ENTER");
  await box.untilScreen("confirm/disable-wan");
}

/** Takes WAN's configuration away; resolves when the box is at home by LAN. */
export async function disableWan(box: Box): Promise<void> {
  await toNoWanQuestion(box);
  await box.press("ENTER");
  await box.untilStatus(({ phase, wan }) => phase === "ready" && wan === null);
  await box.untilScreen("home");
}

/** Resolves when contact has failed for this reason and the glass says so; keys count then. */
export async function untilFault(box: Box, message: string): Promise<StatusDocument> {
  const status = await box.untilStatus(
    ({ phase, fault }) => phase !== "contacting" && fault?.message === message,
    120_000,
  );
  await box.untilScreen(["network-error", "communication-failure"]);
  return status;
}

/** Resolves when contact has succeeded and the box is at home. */
export async function untilHome(box: Box): Promise<void> {
  await box.untilScreen("home", 120_000);
  await box.untilStatus(({ phase, fault }) => phase === "ready" && fault === null);
}

/** The panel answers, from a status screen and back to it. */
export async function isAlive(box: Box): Promise<boolean> {
  const { screen } = await box.press("ENTER");
  const after = await box.press("UP");
  return screen === "main/setup-network" && after.screen !== screen;
}

/** The box is activated at its first contact, so that it ends at home. */
export function activateOnSight({ gateway }: Lab): void {
  gateway.platform.activateOnSight({ name: "lab_box", indicator: "P" });
}
