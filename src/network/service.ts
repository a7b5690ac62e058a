import { isDeepStrictEqual } from "node:util";
import { sleep } from "../../hal/clock.ts";
import type { ConfigurationRefusal, Facts, ScanFacts } from "../model/facts.ts";
import type { NetworkState } from "../model/network-state.ts";
import type { Order, OrderReport } from "../model/order.ts";
import type { PortName, Settings } from "../model/settings.ts";
import type { SettingsStore } from "../settings/store.ts";
import { bringTo, type NetworkMachine, observationLimitMs, operationLimitMs, performOperation } from "./apply.ts";
import { describeOperation } from "./describe.ts";
import { createDriftWatch } from "./drift.ts";
import { createLooks } from "./looks.ts";
import { carryOrder } from "./order/carry-order.ts";
import { type ScanLimits, standingFailures } from "./order/check-scan.ts";
import { reportOf, reportOfChange } from "./order/report.ts";
import { firstOfEach } from "./order/schema.ts";
import { plan } from "./plan.ts";
import { createScanKeeper } from "./scan/keeper.ts";
import type { ScanNetwork } from "./scan/scan-network.ts";
import { type ChangeOptions, type ChangeOutcome, changeSettings, type Objection } from "./transaction.ts";

/** Between attempts to bring the machine to the settings in force. */
const firstRetryMs = 1000;
const lastRetryMs = 30_000;

/** What a renewal takes at most. */
export const renewalLimitMs = operationLimitMs + 2 * observationLimitMs;

export type RenewOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string }
  | Extract<ChangeOutcome, { kind: "busy" | "interrupted" }>;

export interface NetworkService {
  /**
   * Brings the machine to the settings in force and begins to watch it: when it no longer shows them it is brought back.
   * Resolves after the first attempt at a machine that can be read; one that failed is repeated, later and later, and when
   * the machine can be read again, until it succeeds.
   */
  start(): Promise<void>;
  /** One at a time, with `renew` and `order`. */
  change(settings: Settings, options?: ChangeOptions): Promise<ChangeOutcome>;
  /**
   * What the platform orders. `confirm` is asked for settings that must leave the platform reachable, once the machine shows
   * them. `cancel` takes the order back unless it is in force already.
   */
  order(order: Order, options: OrderOptions): Promise<OrderReport>;
  renew(port: PortName): Promise<RenewOutcome>;
  /** What has the network to itself now, as the reason of a refusal; null: nothing. */
  busy(): string | null;
  /** Resolves when nothing has it any more. */
  free(): Promise<void>;
  /** The settings in force have reached the platform. */
  reached(): Promise<void>;
  /** Ends what is under way and resolves when it has ended. Idempotent. */
  stop(): Promise<void>;
  /** Stops when the signal aborts, and resolves then. Rejects for a bug of ours in what goes on behind the calls above. */
  run(signal: AbortSignal): Promise<void>;
}

export interface OrderOptions {
  /** See {@link ChangeOptions}; `settings` are the new ones. */
  readonly confirm: (settings: Settings, signal: AbortSignal) => Promise<Objection | null>;
  readonly cancel?: AbortSignal;
}

type PublishedFact =
  | "network"
  | "networkUnread"
  | "configurationRefused"
  | "settings"
  | "storage"
  | "scanNetworks"
  | "lastOrder";

export interface NetworkServiceDeps extends NetworkMachine {
  readonly store: SettingsStore;
  readonly scan: ScanNetwork;
  readonly limits: ScanLimits;
  readonly publish: (change: Partial<Pick<Facts, PublishedFact>>) => void;
}

export function createNetworkService(deps: NetworkServiceDeps): NetworkService {
  const { store, publish, backend, scan, limits, clock, log } = deps;
  const stopping = new AbortController();
  /** The settings that the machine was brought to; null while that is not so. */
  let applied: Settings | null = null;
  /** Why it could not be, the last time that was tried. */
  let refused: ConfigurationRefusal | null = null;
  /** What has the network to itself now. */
  let work: { readonly name: string; readonly ended: Promise<unknown> } | null = null;
  /** Ends the pause of a restoration that waits for a machine that can be read. */
  let retryNow = () => {};
  let restoration: { readonly abort: AbortController; readonly ended: Promise<void> } | null = null;
  let broken: (bug: unknown) => void = () => {};
  const bug = new Promise<never>((_, reject) => {
    broken = reject;
  });
  // Held until somebody runs the service.
  bug.catch(() => {});

  const scans = createScanKeeper({
    scan,
    clock,
    log,
    broken: (error) => broken(error),
    publish: () => publish({ scanNetworks: scanFacts() }),
  });
  /** With what cannot be in force at all as things stand: the keeper knows neither leases nor the panel's VLAN. */
  const scanFacts = (): ScanFacts => {
    const { failures, ...rest } = scans.facts();
    return { ...rest, failures: firstOfEach([...standingFailures(store.settings(), looks.state()), ...failures]) };
  };
  const unwatchLinks = backend.watch((event) => {
    if (event === "link") scans.stir();
  });

  /** The newest reading beside the settings in force. */
  const tell = () => {
    const network = looks.state();
    publish({
      ...(network === null ? {} : { network: withScanNames(network, store.settings()) }),
      networkUnread: looks.unread(),
      configurationRefused: refused,
      settings: store.settings(),
      storage: store.storage(),
      scanNetworks: scanFacts(),
    });
  };

  /** What would bring the machine back; nothing while something has the network and may be bringing it there. */
  const drifted = () => {
    const network = looks.state();
    const isBusy = work !== null || restoration !== null || stopping.signal.aborted;
    if (applied === null || network === null || isBusy) return [];
    return plan(applied, network, applied);
  };

  const looks = createLooks({
    ...{ backend, clock, log, broken, signal: stopping.signal },
    looked: () => {
      tell();
      assess();
      if (looks.unread() === null) retryNow();
    },
  });
  const machine: NetworkMachine = { backend: looks.backend, clock, log };

  const drift = createDriftWatch(clock, () => {
    log.warn({ operations: drifted().map(describeOperation) }, "network: the settings in force are lost, restoring");
    void startRestoration(applied);
  });
  const assess = () => drift.seen(drifted().length > 0);

  /**
   * Repeats until the machine shows the settings in force. `previous` as in `plan`, for the first attempt; `attempted` is
   * called after the first at a machine that can be read: at boot its daemon starts beside us.
   */
  const restore = async (previous: Settings | null, signal: AbortSignal, attempted: () => void): Promise<void> => {
    try {
      let from = previous;
      for (let pauseMs = firstRetryMs; ; pauseMs = Math.min(2 * pauseMs, lastRetryMs)) {
        const settings = store.settings();
        const brought = await bringTo(machine, settings, { previous: from, atRefusal: "go on" }, signal);
        if (brought.ok) applied = settings;
        else if (brought.error.detail !== refused?.detail) {
          log.warn(brought.error, "network: the settings in force could not be applied, trying again");
        }
        refused = brought.ok ? null : brought.error;
        await looks.look();
        if (brought.ok || looks.unread() === null) attempted();
        if (brought.ok) return;
        from = null;
        await pauseBeforeRetry(pauseMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      attempted();
    }
  };

  const pauseBeforeRetry = async (ms: number, signal: AbortSignal): Promise<void> => {
    const readable = new AbortController();
    if (looks.unread() !== null) retryNow = () => readable.abort();
    await sleep(clock, "network retry", ms, AbortSignal.any([signal, readable.signal])).catch(() => {});
    retryNow = () => {};
    signal.throwIfAborted();
  };

  const startRestoration = (previous: Settings | null): Promise<void> => {
    applied = null;
    drift.stop();
    const abort = new AbortController();
    return new Promise((attempted) => {
      const ended = restore(previous, abort.signal, attempted)
        .catch(broken)
        .then(() => {
          restoration = null;
          assess();
        });
      restoration = { abort, ended };
    });
  };

  const endRestoration = async () => {
    restoration?.abort.abort(new Error("something else has the network"));
    await restoration?.ended;
  };

  const busy = (): string | null => {
    if (stopping.signal.aborted) return "the system is going down";
    return work === null ? null : `${work.name} is under way`;
  };

  /** Gives `run` the network for itself: a restoration waits, anything else is told that it comes at a bad time. */
  const exclusively = async <T>(name: string, run: () => Promise<T>): Promise<T | { kind: "busy"; reason: string }> => {
    const reason = busy();
    if (reason !== null) return { kind: "busy", reason };
    drift.stop();
    looks.pause();
    const running = (async () => {
      await endRestoration();
      return run();
    })();
    // A caller may have given up waiting: a bug must not be lost with it.
    work = { name, ended: running.then(() => {}, broken) };
    try {
      return await running;
    } finally {
      work = null;
      looks.resume();
      if (applied !== null) assess();
      else if (!stopping.signal.aborted) void startRestoration(null);
    }
  };

  const changeTo = async (
    settings: Settings,
    { confirm, from, ...options }: ChangeOptions = {},
  ): Promise<ChangeOutcome> => {
    if (from !== undefined && !isDeepStrictEqual(from, store.settings())) {
      return { kind: "refused", reason: "the settings have changed meanwhile; try again", flaws: [] };
    }
    const before = applied;
    applied = null;
    const asking = (signal: AbortSignal, ask: NonNullable<typeof confirm>) => {
      // The platform is reached by what the ports have now.
      looks.resume();
      tell();
      return ask(signal);
    };
    const outcome = await changeSettings(machine, store, settings, {
      ...options,
      ...(confirm === undefined ? {} : { confirm: (signal) => asking(signal, confirm) }),
      applied: before,
      observed: before === null ? null : looks.current(),
      scans,
      signal: stopping.signal,
    });
    if (outcome.kind === "refused") applied = before;
    if (outcome.kind === "revertFailed" || outcome.kind === "goingOn") refused = outcome.refusal;
    if (outcome.kind === "kept" || outcome.kind === "reverted") {
      applied = store.settings();
      refused = null;
    }
    // What the scans refused under the change is brought there behind it.
    if (outcome.kind !== "refused" && scans.facts().state !== "settled") scans.keep(store.settings());
    log.info({ outcome: outcome.kind, revision: store.revision() }, "network: the change has ended");
    // The reading that proved a change is as good as another one, and whoever waits for the platform has it sooner.
    if (outcome.kind === "kept") tell();
    else await looks.look();
    return outcome;
  };

  const carryOut = async (order: Order, { confirm, cancel }: OrderOptions): Promise<OrderReport> => {
    const carried = carryOrder(order, { standing: store.settings(), network: looks.state(), ...limits });
    if (!carried.ok) {
      const [first] = carried.error;
      return reportOf(order, "refused", first === undefined ? "" : `${first.id}: ${first.message}`, carried.error);
    }
    const settings = carried.value;
    const outcome = await changeTo(settings, {
      confirm: (signal) => confirm(settings, signal),
      ...(cancel === undefined ? {} : { cancel }),
    });
    const isCanceled = cancel?.aborted === true && outcome.kind !== "kept";
    return reportOfChange(order, outcome, isCanceled, scanFacts().failures);
  };

  const stop = async () => {
    stopping.abort(new Error("the system is going down"));
    drift.stop();
    await endRestoration();
    await work?.ended;
    unwatchLinks();
    await scans.stop();
    await looks.stop();
  };

  return {
    start: async () => {
      publish({ settings: store.settings(), storage: store.storage() });
      looks.watch();
      // What there is to see is known before anything that may take its time is asked for.
      await looks.look();
      const isTaken = work !== null || restoration !== null || applied !== null || stopping.signal.aborted;
      if (!isTaken) await startRestoration(null);
      // The ports come first: management hangs on them.
      scans.keep(store.settings());
    },
    change: (settings, options) => exclusively("a change of the settings", () => changeTo(settings, options)),
    order: async (order, options) => {
      const report = await exclusively("an order of the platform", () => carryOut(order, options));
      const told = "kind" in report ? reportOf(order, "busy", report.reason, []) : report;
      log.info({ revision: told.revision, outcome: told.outcome, reason: told.reason }, "network: an order has ended");
      // One that came at a bad time does not take the place of the one that is under way, or in force.
      if (told.outcome !== "busy") publish({ lastOrder: told });
      return told;
    },
    busy,
    free: async () => {
      while (work !== null) await work.ended;
    },
    renew: (port) =>
      exclusively("a lease renewal", async (): Promise<RenewOutcome> => {
        try {
          const renewed = await performOperation(machine, { kind: "renew", port }, stopping.signal);
          await looks.look();
          return renewed.ok ? { kind: "done" } : { kind: "failed", reason: renewed.error };
        } catch (error) {
          if (stopping.signal.aborted) return { kind: "interrupted" };
          throw error;
        }
      }),
    reached: async () => {
      try {
        await store.reached();
        publish({ storage: store.storage() });
      } catch (error) {
        broken(error);
      }
    },
    stop,
    run: async (signal) => {
      let aborted = () => {};
      const over = new Promise<void>((resolve) => {
        aborted = resolve;
      });
      if (signal.aborted) aborted();
      else signal.addEventListener("abort", aborted, { once: true });
      try {
        await Promise.race([over, bug]);
      } finally {
        signal.removeEventListener("abort", aborted);
        await stop();
      }
    },
  };
}

/** WINS servers and domain of a static LAN are only passed to scans: neither the kernel nor a lease knows them. */
function withScanNames(network: NetworkState, { mode, lan: { ipv4 } }: Settings): NetworkState {
  if (mode === "ipv6-only" || ipv4.method !== "static" || network.lan.method !== "static") return network;
  const { wins, domain } = ipv4;
  return { ...network, lan: { ...network.lan, wins, domain } };
}
