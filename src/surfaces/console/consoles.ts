import type { ConsolePorts, LineSettings } from "../../../hal/console.ts";
import type { ConsoleFacts } from "../../model/facts.ts";
import type { Frame } from "../../model/frame.ts";
import { type KeepAliveParts, keepAlive } from "../keep-alive.ts";
import { createWake } from "../wake.ts";
import { type ConsolePanel, type ConsoleSession, createConsoleSession } from "./session.ts";

export interface ConsolesParts extends ConsolePanel, Pick<KeepAliveParts, "clock" | "log"> {
  readonly ports: ConsolePorts;
  /** Device names; `*` and `?` in the last part of a path. */
  readonly patterns: readonly string[];
  readonly line: LineSettings;
  /** The consoles that are there, by name: `lost` ones are tried again. */
  readonly changed: (consoles: readonly ConsoleFacts[]) => void;
}

/** All consoles of the appliance: opened when they appear, closed when they vanish, opened again after an error. */
export interface Consoles {
  /** The newest frame wins. Never waits. */
  show(frame: Frame): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Attached {
  readonly detach: AbortController;
  session: ConsoleSession | null;
  facts: ConsoleFacts | null;
}

export function createConsoles({ ports, patterns, line, clock, log, changed, ...panel }: ConsolesParts): Consoles {
  const attached = new Map<string, Attached>();

  const report = () => {
    const facts = [...attached.values()].flatMap((entry) => entry.facts ?? []);
    changed(facts.sort((a, b) => (a.device < b.device ? -1 : 1)));
  };

  const serve = (device: string, entry: Attached) =>
    keepAlive(
      {
        what: `console ${device}`,
        clock,
        log,
        changed: (state) => {
          entry.facts = { device, state: state === "lost" ? "lost" : "open" };
          if (!entry.detach.signal.aborted) report();
        },
        serve: async (up, signal) => {
          const port = await ports.open(device, line);
          up();
          entry.session = createConsoleSession({ port, panel, clock });
          try {
            await entry.session.run(signal);
          } finally {
            entry.session = null;
          }
        },
      },
      entry.detach.signal,
    );

  return {
    show: (frame) => {
      for (const entry of attached.values()) entry.session?.show(frame);
    },
    run: async (signal) => {
      const served = new Set<Promise<void>>();
      const bugs: unknown[] = [];
      const wake = createWake();

      const attach = (device: string) => {
        const entry: Attached = { detach: new AbortController(), session: null, facts: null };
        attached.set(device, entry);
        const task = serve(device, entry)
          .catch((bug: unknown) => {
            bugs.push(bug);
            wake.ring();
          })
          .finally(() => served.delete(task));
        served.add(task);
      };
      const detach = (device: string) => {
        attached.get(device)?.detach.abort();
        attached.delete(device);
        log.info({}, `console ${device}: gone`);
      };

      const stop = ports.watch(patterns, (devices) => {
        const present = new Set(devices);
        const gone = [...attached.keys()].filter((device) => !present.has(device));
        for (const device of gone) detach(device);
        for (const device of present) if (!attached.has(device)) attach(device);
        if (gone.length > 0) report();
      });
      await wake.wait(signal);
      stop();
      for (const entry of attached.values()) entry.detach.abort();
      attached.clear();
      await Promise.all(served);
      if (bugs.length > 0) throw bugs[0];
    },
  };
}
