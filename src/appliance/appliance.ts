import { deadline, sleep, untilAborted } from "../../hal/clock.ts";
import type { Config } from "../config/config.ts";
import type { Controllable } from "../control/api.ts";
import type { Effect } from "../model/effect.ts";
import { createFactTable } from "../model/fact-table.ts";
import type { Facts, Product, Progress } from "../model/facts.ts";
import type { Frame } from "../model/frame.ts";
import type { Log } from "../model/log.ts";
import { noAddresses, type PortState } from "../model/network-state.ts";
import type { OrderReport } from "../model/order.ts";
import { factorySettings } from "../model/settings.ts";
import { createDurableFolder } from "../settings/durable.ts";
import { createConsoles } from "../surfaces/console/consoles.ts";
import { createFrontPanelSurface } from "../surfaces/front-panel.ts";
import { carryOut } from "./effects.ts";
import { runHeartbeat } from "./heartbeat.ts";
import { createPanelSession } from "./panel-session.ts";
import { createPinLock } from "./pin-lock.ts";
import { createPulse } from "./pulse.ts";
import type { Rooms } from "./rooms.ts";
import type { OwnMachine, Surroundings } from "./surroundings.ts";
import { together } from "./together.ts";
import { watchedPanel } from "./watched-panel.ts";

/**
 * How long the boot waits for the network: as long as a lease may take. A daemon that hangs must not keep the menu from a
 * technician; what it does afterwards is watched all the same.
 */
const networkStartMs = 15_000;

/** What reaches beyond the panel. */
type Wish = Exclude<Effect, { type: "check-pin" }>;

export interface ApplianceParts {
  readonly config: Config;
  readonly product: Product;
  readonly machine: OwnMachine;
  /** Asked for after the first picture: all that it does not need is loaded then. */
  readonly surroundings: () => Promise<Surroundings>;
  /** A draw from [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Is told each secret that the log, and all else that is written down, must not hold. */
  readonly hide: (secret: string) => void;
  /** How long each message of the boot and of a change stays at least, in ms. */
  readonly messageMs: number;
}

/** The whole controller of one box. Two fit in one process. */
export interface Appliance extends Controllable {
  /**
   * Boots and runs until the signal aborts. Rejects only for a bug of ours: what the machine or the network does wrong is
   * said on the panel.
   */
  run(signal: AbortSignal): Promise<void>;
}

export function createAppliance(parts: ApplianceParts): Appliance {
  const { config, product, machine, random, log, hide, messageMs } = parts;
  const { clock, panel: board, power, notify } = machine;
  const facts = createFactTable(atBirth(config, product, board.board));
  const geometry = board.display ?? { cols: config.panel.cols, rows: config.panel.rows };

  const pulse = createPulse(clock);
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  facts.subscribe((now, before) => {
    changed();
    // A line below the panel on the consoles, and no part of the frame.
    if (now.network.lan.mac !== before.network.lan.mac) consoles.show(session.frame());
    if (now.phase !== before.phase || now.fault?.message !== before.fault?.message) notify.status(statusLine(now));
  });

  const shown = (frame: Frame) => {
    front.show(frame);
    consoles.show(frame);
    changed();
  };

  const front = createFrontPanelSurface({
    panel: watchedPanel(pulse, board),
    clock,
    log,
    edge: (edge) => session.edge(edge),
    changed: (state) => facts.set({ panel: { board: board.board, state } }),
    atEnd: () => (isGoingDown(facts.get()) ? "keep" : "dark"),
  });

  const { pin } = config.panel;
  const folder = createDurableFolder(machine.files, `${config.state.directory}/panel`);
  const lock = pin === "" ? null : createPinLock({ pin, folder, facts, clock, log });

  const session = createPanelSession({
    facts,
    options: {
      geometry: { cols: geometry.cols, rows: geometry.rows, keys: config.panel.keys },
      idleMs: config.panel.idleSeconds * 1000,
      blankMs: config.panel.blankSeconds * 1000,
    },
    clock,
    shown,
    effect: (effect) => {
      if (effect.type !== "check-pin") life.perform(effect);
      else void lock?.check(effect.pin);
    },
  });

  const consoles = createConsoles({
    ports: machine.consoles,
    patterns: config.console.devices,
    line: { baud: config.console.baud, stopBits: config.console.stopBits },
    clock,
    log,
    frame: () => session.frame(),
    input: (input) => void session.input([input]),
    takesText: () => session.takesText(),
    commits: () => session.commits(),
    busy: () => session.busy(),
    wake: () => session.wake(),
    mac: () => facts.get().network.lan.mac,
    changed: (list) => facts.set({ consoles: list }),
  });

  /** What the box is busy with: the boot, or what the panel asked for last. */
  const life = {
    perform: (_: Wish): void => {},
    order: async (_: unknown): Promise<OrderReport> => notYet,
    cancelOrder: (): boolean => false,
  };

  const appliance: Appliance = {
    facts: () => facts.get(),
    frame: () => session.frame(),
    input: (inputs) => session.input(inputs),
    takesText: () => session.takesText(),
    order: (document) => life.order(document),
    cancelOrder: () => life.cancelOrder(),
    subscribe: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    run: (signal) =>
      together(signal, async (all, run) => {
        run(front.run(all));
        shown(session.frame());
        notify.ready();
        log.info({ version: product.version, board: board.board }, "first picture drawn");
        run(consoles.run(all));
        run(runHeartbeat({ notify, pulse, clock, log }, all));
        live(all, run);
      }).finally(() => {
        session.stop();
        notify.stopping();
      }),
  };
  return appliance;

  /** Boots, then carries out what the panel and the power button ask for. The newest wish ends what is under way. */
  function live(all: AbortSignal, run: (task: Promise<void>) => void): void {
    let current = new AbortController();
    const begin = (work: (signal: AbortSignal) => Promise<void>) => {
      current.abort();
      current = new AbortController();
      const signal = AbortSignal.any([all, current.signal]);
      const ended = work(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      run(ended);
    };

    // Until the rooms are open there is nobody to carry anything out: what is asked for waits.
    const asked: Wish[] = [];
    life.perform = (effect) => void asked.push(effect);
    const stopButton = power.onButton(() => life.perform({ type: "shutdown" }));
    all.addEventListener("abort", stopButton, { once: true });

    begin(async (signal) => {
      const working = during(signal);
      await working({ what: "boot", step: "welcome" }, null);
      const rooms = await working({ what: "boot", step: "starting" }, open(all, run));
      life.perform = (effect) => {
        // An impatient power button neither delays what is under way nor makes a shutdown of a reboot.
        if (isGoingDown(facts.get())) return;
        if (effect.type === "test-network") return run(rooms.networkTester.start(all));
        if (effect.type === "end-test") return rooms.networkTester.end();
        begin((own) => carryOut(effect, { rooms, facts, clock, power, log, messageMs }, own));
      };
      life.order = rooms.orders.order;
      life.cancelOrder = rooms.orders.cancel;
      for (const effect of asked) life.perform(effect);
      signal.throwIfAborted();
      await working({ what: "boot", step: "filesystem-check" }, rooms.checkFileSystems());
      await working({ what: "boot", step: "coming-up" }, networkStarted(rooms, signal));

      rooms.contact.prepare();
      await working({ what: "contacting" }, rooms.contact.settle(signal));
      await working({ what: "filesystem-check" }, rooms.checkIdentity());
      facts.set({ progress: { what: "contacting" } });
      await rooms.contact.contact(signal);
    });
  }

  /** Shows a working message for as long as the work takes, and long enough to be read. */
  function during(signal: AbortSignal) {
    return async <T>(progress: Progress, work: Promise<T> | T): Promise<T> => {
      facts.set({ progress });
      const [result] = await Promise.all([work, sleep(clock, "message", messageMs, signal)]);
      return result;
    };
  }

  async function networkStarted(rooms: Rooms, signal: AbortSignal): Promise<void> {
    const limit = deadline(clock, "network start", networkStartMs, signal);
    await Promise.race([rooms.startNetwork(), untilAborted(limit.signal)]);
    limit.done();
  }

  async function open(all: AbortSignal, run: (task: Promise<void>) => void): Promise<Rooms> {
    const [{ openRooms }, { runControlSocket }, surroundings] = await Promise.all([
      import("./rooms.ts"),
      import("./control-socket.ts"),
      parts.surroundings(),
    ]);
    const { socket, ...allowed } = config.control;
    run(runControlSocket(appliance, { path: socket, allowed, clock, log }, all));
    const rooms = await openRooms({ config, machine, surroundings, pulse, facts, random, log, hide, signal: all });
    run(rooms.run(all));
    return rooms;
  }
}

/** Until the rooms are open. */
const notYet: OrderReport = { revision: null, outcome: "busy", reason: "the controller is starting", results: [] };

function isGoingDown({ phase }: Facts): boolean {
  return phase === "rebooting" || phase === "shutting-down";
}

function statusLine({ phase, fault }: Facts): string {
  return fault === null ? phase : `${phase}: ${fault.message}`;
}

/** The facts before anything is known. */
function atBirth(config: Config, product: Product, board: string): Facts {
  return {
    product,
    phase: "starting",
    progress: { what: "boot", step: "welcome" },
    notice: null,
    fault: null,
    faults: [],
    test: null,
    registration: { state: "unknown" },
    poll: { intervalSeconds: 180, lastAttempt: null, lastSuccess: null, next: null },
    settings: factorySettings(),
    lastGood: null,
    proxyDisabled: false,
    storage: { loaded: "current", problem: null },
    secrets: { kept: null, problem: null },
    fileSystem: { state: "unknown", detail: "" },
    network: { lan: unseenPort(config.network.lan), wan: null, separated: false },
    networkUnread: null,
    configurationRefused: null,
    scanNetworks: { state: "unknown", detail: null, failures: [] },
    lastOrder: null,
    jobs: [],
    lock: config.panel.pin === "" ? null : { checked: 0, right: false, waitUntilMs: 0 },
    panel: { board, state: "ok" },
    consoles: [],
  };
}

function unseenPort(name: string): PortState {
  return {
    interface: name,
    present: false,
    configured: false,
    mac: null,
    carrier: false,
    speedMbps: null,
    duplex: null,
    link: "auto",
    vlan: 0,
    ...noAddresses,
    duplicate: null,
  };
}
