/**
 * A guest for people: `npm run guest` boots it with its serial console on this terminal, and `npm run guest -- --state FILE`
 * keeps its state disk in a file. The platform activates it at its first poll.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { patienceMs, startSurroundings } from "./appliance.ts";
import { startGuest } from "./guest.ts";
import { prepareImage } from "./image.ts";
import { guestLacks } from "./needs.ts";
import { makeStateDisk } from "./state-disk.ts";

const { values } = parseArgs({ options: { state: { type: "string" } } });
const ctrlC = 0x03;
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Joins this terminal and the line, until Ctrl-C or until the guest has no power any more. */
async function connect(serial: Socket): Promise<void> {
  const { stdin, stdout } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  serial.on("data", (bytes) => stdout.write(bytes));
  try {
    await new Promise<void>((resolve) => {
      serial.once("close", resolve);
      stdin.once("end", resolve);
      stdin.on("data", (bytes: Buffer) => {
        if (bytes.includes(ctrlC)) resolve();
        else serial.write(bytes);
      });
    });
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

async function main(): Promise<void> {
  const lacks = guestLacks();
  if (lacks !== null) throw new Error(`a guest ${lacks}`);
  const image = await prepareImage(process.cwd(), say);
  const folder = await mkdtemp(join(tmpdir(), "bezel-guest-"));
  const { platform, files } = await startSurroundings();
  platform.control.activateOnSight({ name: "guest", indicator: "P" });
  try {
    const state = values.state === undefined ? join(folder, "state.ext4") : resolve(values.state);
    if (!existsSync(state)) await makeStateDisk(state);
    const guest = await startGuest({ image, state, files });
    try {
      say("Booting, which takes half a minute. Then ENTER wakes the panel's console; Ctrl-C cuts the power.");
      await guest.booted(patienceMs);
      say("Booted.");
      await connect(guest.serial);
    } finally {
      await guest.cut();
    }
  } finally {
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
