import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createSerialPorts } from "../../hal/linux/serial.ts";
import { createPanelSession } from "../../src/appliance/panel-session.ts";
import type { Effect } from "../../src/model/effect.ts";
import { createFactTable } from "../../src/model/fact-table.ts";
import { silentLog } from "../../src/model/log.ts";
import { createConsoles } from "../../src/surfaces/console/consoles.ts";
import { bareFacts } from "../src/panel/bench.ts";
import { plugPty } from "../support/pty-pair.ts";
import { hasPackage, hasTool } from "../support/tools.ts";

const down = "\x1b[B";
const lines = [
  "",
  "",
  "",
  down + down,
  "",
  ...["10.77.0.30", "", "10.77.0.1", "10.77.0.2", "", "", "", "lab.example"],
  "",
];

describe.skipIf(!hasTool("socat") || !hasPackage("serialport"))(
  "a file of keystrokes on a real pty (needs socat and serialport)",
  () => {
    it.each<[string, readonly string[]]>([
      ["in one write", [lines.map((line) => `${line}\r\n`).join("")]],
      ["line by line", lines.map((line) => `${line}\r`)],
    ])("sets a static address, %s", async (_, writes) => {
      const folder = await mkdtemp(join(tmpdir(), "bezel-keystrokes-"));
      const pair = await plugPty(folder, "console0");
      const clock = createSystemClock();
      const effects: Effect[] = [];
      const panel = createPanelSession({
        facts: createFactTable(bareFacts),
        options: { geometry: { cols: 16, rows: 2 }, idleMs: 300_000, blankMs: 0 },
        clock,
        shown: () => {},
        effect: (effect) => effects.push(effect),
      });
      const states: string[] = [];
      const consoles = createConsoles({
        ports: createSerialPorts({ clock }),
        patterns: [pair.device],
        line: { baud: 9600, stopBits: 2 },
        clock,
        log: silentLog,
        frame: panel.frame,
        input: (input) => void panel.input([input]),
        takesText: panel.takesText,
        commits: panel.commits,
        busy: panel.busy,
        wake: panel.wake,
        mac: () => null,
        changed: (all) => states.push(...all.map(({ state }) => state)),
      });
      const ended = new AbortController();
      const running = consoles.run(ended.signal);
      try {
        await expect.poll(() => states).toContain("open");
        for (const text of writes) await pair.write(text);
        await expect.poll(() => effects).toHaveLength(1);
        expect(effects).toMatchObject([
          { settings: { lan: { ipv4: { address: "10.77.0.30", gateway: "10.77.0.1", dns: ["10.77.0.2"] } } } },
        ]);
      } finally {
        panel.stop();
        ended.abort();
        await running;
        await pair.unplug();
        await rm(folder, { recursive: true });
      }
    });
  },
);
