import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { bundle } from "../support/bench-process.ts";
import { plugPty } from "../support/pty-pair.ts";
import { hasPackage, hasTool } from "../support/tools.ts";

const run = promisify(execFile);

/** A real terminal of 80x24 with a program in it: tmux draws, presses keys and tells what is to be seen. */
describe.skipIf(!hasTool("tmux"))("in a real terminal (needs tmux)", () => {
  const folder = mkdtempSync(join(tmpdir(), "bezel-terminal-"));
  // A name of its own for each terminal: a tmux server that is ending takes no new session.
  let terminals = 0;
  const server = () => `bezel-test-${process.pid}-${terminals}`;
  const tmux = (...args: readonly string[]) => run("tmux", ["-L", server(), "-f", "/dev/null", ...args]);
  const seen = async () => (await tmux("capture-pane", "-p", "-t", "it")).stdout;
  const shows = (text: string | RegExp) => expect.poll(seen).toMatch(text);
  const press = (...keys: readonly string[]) => tmux("send-keys", "-t", "it", ...keys);
  const close = () => tmux("kill-server").catch(() => {});
  const open = async (command: string) => {
    await close();
    terminals += 1;
    await tmux("new-session", "-d", "-s", "it", "-x", "80", "-y", "24", "-e", "LANG=C.UTF-8", "sh");
    await tmux("set-option", "-g", "status", "off");
    await press("-l", command);
    await press("Enter");
  };

  afterEach(close);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("npm start's bench is a console at once, with the page's address above it, and gives the terminal back", async () => {
    await open(`clear; ${process.execPath} ${bundle} sim --port 0 --activated; echo ended with $?`);
    await shows(/Bench page: http:\/\/127\.0\.0\.1:\d+ +Ctrl-C ends/);
    await shows("10.77.0.100");
    await shows(/^(?:.*\n){2}┌─{16}┐/);
    await press("Enter");
    await shows("SETUP NETWORK");
    await press("Enter", "Down", "Down");
    await shows("IP ON LAN");
    await press("Enter", "Enter");
    await shows("010.077.000.100");
    await press("-l", "10.77.0.33");
    await press("Enter");
    await shows("LAN NETMASK");
    await press("C-c");
    await shows("ended with 0");
    expect(await seen()).not.toContain("Bench page");
    await press("-l", "echo 'the shell' has the terminal");
    await press("Enter");
    await shows(/^the shell has the terminal$/m);
  }, 60_000);

  const needs = hasTool("socat") && hasPackage("serialport");
  it.skipIf(!needs)(
    "a serial line is silent until ENTER, then shows MAC and panel, and comes back after it was pulled (needs socat, serialport)",
    async () => {
      const config = join(folder, "bezel.toml");
      writeFileSync(
        config,
        [
          "[network]",
          'backend = "simulated"',
          "[console]",
          // The far end of the cable is no console of ours: its name is longer.
          `devices = ["${folder}/ttyUSB?"]`,
          "[control]",
          `socket = "${folder}/control.sock"`,
          "[state]",
          `directory = "${folder}/state"`,
        ].join("\n"),
      );
      let line = await plugPty(folder, "ttyUSB0");
      // It says when it is attached; the first picture of the panel wipes that away.
      const client = (device: string) => `clear; socat -d -d -,raw,echo=0,escape=0x1d ${device}`;
      // A long line is broken where the terminal ends, in a word too.
      const unbroken = async () => (await seen()).replaceAll(/\s/g, "");
      const attached = () => expect.poll(unbroken).toContain("startingdatatransferloop");
      const daemon = execFile(process.execPath, [bundle, "run", "--config", config]);
      try {
        const consoles = async () => {
          const status = await run(process.execPath, [bundle, "status", "--json", "--config", config]).catch(
            (failed: { stdout: string }) => failed,
          );
          return status.stdout === "" ? "" : JSON.stringify(JSON.parse(status.stdout).consoles);
        };
        await expect.poll(consoles).toContain('"state":"open"');
        await open(client(line.farEnd));
        await attached();
        await press("Enter");
        await shows(/MAC address 02:[0-9a-f:]{14}/);
        // On a busy machine tmux's answer to the probe may come after the first picture, which is ASCII then.
        await shows(/^┌─{16}┐/);
        await shows("ENTER confirms");

        await line.unplug();
        await expect.poll(consoles).not.toContain('"state":"open"');
        line = await plugPty(folder, "ttyUSB0");
        await expect.poll(consoles).toContain('"state":"open"');
        await open(client(line.farEnd));
        await attached();
        // The box may just be taking up the new device: an ENTER before that is lost, as on any line.
        const entered = async () => {
          await press("Enter");
          return seen();
        };
        await expect.poll(entered, { interval: 1000 }).toMatch(/MAC address 02:[0-9a-f:]{14}/);
      } finally {
        daemon.kill("SIGTERM");
        await new Promise((resolve) => daemon.once("exit", resolve));
        await line.unplug();
      }
    },
    90_000,
  );
});
