import type { Box } from "./box.ts";
import type { Lab } from "./lab.ts";

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
