import type { KeyEdge } from "../../hal/keypad.ts";
import type { BoxParts } from "../../sim/bench.ts";
import type { Box } from "../../sim/box-host.ts";
import type { Frame } from "../../src/model/frame.ts";
import { someFacts } from "../support/some-facts.ts";

/** One life of a box that does next to nothing. */
export interface SomeLife {
  readonly parts: BoxParts;
  readonly signal: AbortSignal;
  readonly edges: KeyEdge[];
  readonly typed: string[];
  /** It dies of a fault of its own. */
  crash(error: Error): void;
}

export const somePicture: Frame = {
  screen: "home",
  cols: 16,
  rows: 2,
  lines: ["some-box       ↵", "10.77.0.100    P"],
  cursor: null,
  leds: { s1: true, s2: false, s3: false },
  blank: false,
};

/** Shows a picture, takes keys, echoes the console, gets an address; each start is a life. */
export function createSomeBoxes() {
  const lives: SomeLife[] = [];
  const start = (parts: BoxParts, signal: AbortSignal): Box => {
    const { panel, consoles } = parts.machine;
    const edges: KeyEdge[] = [];
    const typed: string[] = [];
    const listeners = new Set<() => void>();
    let reject: (error: Error) => void = () => {};
    const ended = new Promise<void>((resolve, fail) => {
      reject = fail;
      signal.addEventListener("abort", () => resolve());
    });
    lives.push({ parts, signal, edges, typed, crash: reject });

    const live = async () => {
      await panel.display?.reset();
      await panel.display?.show({ lines: somePicture.lines, cursor: null, on: true });
      await panel.indicators?.set(somePicture.leds);
      await panel.keypad?.watch((edge) => edges.push(edge), reject);
      await parts.backend.perform(
        {
          kind: "configure",
          port: "lan",
          mode: "ipv4+v6",
          vlan: 0,
          ipv4: { method: "dhcp" },
          ipv6: { method: "auto", dns: [] },
          routes: [],
        },
        signal,
      );
    };
    live().catch(() => {});
    consoles.watch(["/dev/ttyUSB*"], async (devices) => {
      for (const device of devices) {
        const port = await consoles.open(device, { baud: 9600, stopBits: 2 });
        try {
          for (;;) {
            const bytes = await port.read();
            typed.push(new TextDecoder().decode(bytes));
            await port.write(bytes);
          }
        } catch {
          // Unplugged.
        }
      }
    });
    parts.backend.watch(() => {
      for (const listener of listeners) listener();
    });
    return {
      ended,
      facts: () => someFacts(),
      frame: () => somePicture,
      input: () => somePicture,
      takesText: () => false,
      order: async () => ({ revision: null, outcome: "busy", reason: "nobody is here", results: [] }),
      cancelOrder: () => false,
      subscribe: (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    };
  };
  return { lives, start };
}
