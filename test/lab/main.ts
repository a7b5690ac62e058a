/** A lab with a box for people: `npm run lab`. The platform activates the box at its first poll. */
import { once } from "node:events";
import { plugPty } from "../support/pty-pair.ts";
import { openBox } from "./box.ts";
import { openLab } from "./lab.ts";
import { labLacks } from "./needs.ts";

const lacks = labLacks();
if (lacks !== null) throw new Error(`a lab ${lacks}`);

const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const lab = await openLab();
try {
  lab.gateway.platform.activateOnSight({ name: "lab_box", indicator: "P" });
  const line = await plugPty(lab.folder, "ttyUSB0");
  const box = await openBox(lab, { consoles: [`${lab.folder}/ttyUSB?`] });
  await box.start();
  process.stdout.write(`
serial console   socat -,raw,echo=0,escape=0x1d ${line.farEnd}     (ENTER wakes it; Ctrl-] leaves)
local API        node dist/bezel.cjs screen --config ${lab.folder}/box/bezel.toml     (or status, or press ENTER)
a shell inside   nsenter --target=${box.pid()} --mount --net --pid
Ctrl-C ends it all.
`);
  await ended;
  await line.unplug();
} finally {
  await lab.close();
}
