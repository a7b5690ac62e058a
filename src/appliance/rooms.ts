import { untilAborted } from "../../hal/clock.ts";
import type { Config } from "../config/config.ts";
import { createLadder } from "../connectivity/ladder.ts";
import { discreetHttps } from "../https/discreet.ts";
import { createProxyOffers } from "../https/proxy-offers.ts";
import { createJobs, type Jobs } from "../jobs/jobs.ts";
import type { FactTable } from "../model/fact-table.ts";
import type { Facts } from "../model/facts.ts";
import type { Log } from "../model/log.ts";
import type { Settings } from "../model/settings.ts";
import { mostVlansOf } from "../network/order/check-scan.ts";
import { createNetworkService, type NetworkService, renewalLimitMs } from "../network/service.ts";
import { changeLimitMs } from "../network/transaction.ts";
import { createDurableFolder } from "../settings/durable.ts";
import { createHealthWatch } from "../uplink/health.ts";
import { ensureIdentity } from "../uplink/identity.ts";
import { createPoller } from "../uplink/poller.ts";
import { pollReport } from "../uplink/report.ts";
import { type Contact, createContact } from "./contact.ts";
import { lossAtStart } from "./events.ts";
import { evidenceOf } from "./evidence.ts";
import { recordEvent } from "./fault-book.ts";
import { createFaultFile } from "./fault-file.ts";
import { openFaultHistory } from "./fault-history.ts";
import { createFileSystemWatch } from "./file-system-watch.ts";
import { judgeOrder } from "./judge-order.ts";
import { openKeptSettings } from "./kept-settings.ts";
import { createLook } from "./look.ts";
import { createNetworkTester, createProbe, type NetworkTester } from "./network-test.ts";
import { createOrders, type Orders } from "./orders.ts";
import { createOwnCurl } from "./own-curl.ts";
import type { Pulse } from "./pulse.ts";
import { createReach } from "./reach.ts";
import type { OwnMachine, Surroundings } from "./surroundings.ts";
import { withUsableProxy } from "./usable-proxy.ts";
import { graceMs, watchedBackend, watchedHttps, watchedResolver, watchedScanNetwork } from "./watched-ports.ts";
import { wayOf } from "./way.ts";

/** A key is made at the first start only, by a slow processor that may have to wait for randomness. */
const identityMs = 600_000;

export interface RoomParts {
  readonly config: Config;
  readonly machine: OwnMachine;
  readonly surroundings: Surroundings;
  readonly pulse: Pulse;
  readonly facts: FactTable;
  /** A draw from [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Is told each secret, so that no log holds it. */
  readonly hide: (secret: string) => void;
  /** The end of the controller. */
  readonly signal: AbortSignal;
}

/** The services behind the panel. */
export interface Rooms {
  readonly network: Pick<NetworkService, "change" | "renew" | "busy" | "free">;
  readonly orders: Orders;
  /** Brings the network to the settings in force; once in a life, however often it is asked for. */
  readonly startNetwork: () => Promise<void>;
  readonly jobs: Jobs;
  readonly contact: Contact;
  readonly networkTester: NetworkTester;
  /** Resolves when the machine has said how its file systems came up, or cannot. */
  readonly checkFileSystems: () => Promise<void>;
  /** The device's key and certificate, made at the first start. A problem shows in the polls. */
  readonly checkIdentity: () => Promise<void>;
  /** Everything that runs for life: watches, health and, from the first contact on, the polls. Rejects only for a bug. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Opens the settings and wires the services. This module holds all that the first picture does not need, and is loaded
 * after it.
 */
export async function openRooms({
  config,
  machine,
  surroundings,
  pulse,
  facts,
  random,
  log,
  hide,
  signal,
}: RoomParts): Promise<Rooms> {
  const { clock, files, processes } = machine;
  const { directory } = config.state;
  const { runner, sealer, fileSystems, healthArgv } = surroundings;
  const backend = watchedBackend(pulse, surroundings.backend);
  const resolver = watchedResolver(pulse, surroundings.resolver);
  const kept = await openKeptSettings({ files, directory: `${directory}/settings`, clock, log, sealer, hide }, facts);
  const { store, openSecrets } = kept;
  const https = discreetHttps(watchedHttps(pulse, surroundings.https), kept.redaction.clean);
  const file = createFaultFile({ folder: createDurableFolder(files, `${directory}/faults`), clock, log });
  const history = await openFaultHistory({ file, facts, clock, log });
  const loss = lossAtStart(store.storage());
  if (loss !== null) {
    facts.set({ faults: recordEvent(facts.get().faults, loss, new Date(clock.now()).toISOString()) });
  }

  // Whatever the service has to tell, it may have made other settings the last good ones, or forgotten a secret of theirs.
  const publish = (change: Partial<Facts>) =>
    facts.set({ ...change, lastGood: store.lastGood(), secrets: store.secrets() });
  const limits = { mostVlans: mostVlansOf(facts.get().product.serial) };
  const network = createNetworkService({
    ...{ backend, store, clock, log, publish, limits },
    scan: watchedScanNetwork(pulse, surroundings.scanNetwork),
  });
  const jobs = createJobs({ runner, log, publish: (list) => facts.set({ jobs: list }) });
  const health = createHealthWatch({ processes, clock, log, argv: healthArgv });
  const identity = () =>
    pulse.during("device certificate", identityMs, () =>
      ensureIdentity({ files, directory, serial: facts.get().product.serial, log }),
    );

  const curl = createOwnCurl({ processes, log });
  const offers = createProxyOffers({ curlHasNtlm: () => curl.known()?.ntlm ?? true, clock });
  const { url: platformUrl, caFile: authorityFile } = config.platform;
  const far = { https, offers, resolver, platformUrl, authorityFile, identity };
  const platformHost = new URL(config.platform.url).hostname;
  const proxyPassword = ({ proxy }: Settings) => (proxy?.passwordRef ? store.proxyPassword() : null);
  const look = createLook({ ...far, clock, files, log, proxyPassword });
  const ladder = createLadder({ resolver, clock, look });
  const way = async () => {
    await openSecrets();
    return wayOf(withUsableProxy(facts.get()), store.proxyPassword());
  };
  // A report in passing: the faults that it told would be repeated by the next poll.
  const inPassing = () => pollReport(facts.get(), health.latest(), []);
  const poller = createPoller({
    ...far,
    clock,
    random,
    log,
    way,
    report: () => pollReport(facts.get(), health.latest(), history.untold()),
    publish: (poll) => facts.set({ poll }),
    ended: (outcome, startedMs) => {
      if (outcome.kind === "ok") history.heard();
      contact.ended(outcome, startedMs);
    },
    timeSample: ({ offsetMs, uncertaintyMs }) => {
      if (Math.abs(offsetMs) > 60_000 + uncertaintyMs) log.warn({ offsetMs }, "our clock differs from the platform's");
    },
  });

  // The first wish begins the polls; each further one brings the next of them forward.
  let beginPolls = () => {};
  const wanted = new Promise<void>((resolve) => {
    beginPolls = resolve;
  });

  const contact = createContact({
    facts,
    ladder,
    history,
    clock,
    log,
    platformHost,
    curl: curl.known,
    // While nobody has asked there are no polls, and kicks come to nothing.
    kick: (reason) => {
      offers.forget();
      poller.kick(reason);
    },
    ask: (reason) => {
      offers.forgive();
      beginPolls();
      poller.ask(reason);
    },
    answered: (reply) => {
      jobs.accept(reply.jobs, reply.cancellations);
      void network.reached();
    },
  });

  const networkTester = createNetworkTester({
    facts,
    ladder: createLadder({ resolver, clock, look, probe: createProbe({ ...far, way, report: inPassing }) }),
    clock,
    log,
    busy: () => network.busy(),
    evidence: async () => {
      offers.forgive();
      await openSecrets();
      const known = await identity();
      const identityProblem = known.ok ? null : known.error.message;
      return { ...evidenceOf(null, facts.get(), { platformHost, curl: curl.known() }), identityProblem };
    },
    ask: (reason) => {
      offers.forget();
      poller.ask(reason);
    },
  });

  const orders = createOrders({
    order: (order, options) =>
      pulse.during("order of the platform", changeLimitMs + graceMs, () => network.order(order, options)),
    busy: () => network.busy(),
    judge: (order) => judgeOrder(order, { standing: store.settings(), network: facts.get().network, ...limits }),
    measureReach: createReach({
      ...far,
      facts: facts.get,
      ladder,
      platformHost,
      curl: curl.known,
      openSecrets,
      proxyPassword,
      report: inPassing,
    }),
    contact,
    jobs,
    facts,
    clock,
    signal,
  });

  const fileSystemWatch = createFileSystemWatch({ fileSystems, clock, seen: contact.fileSystemSeen });

  let started: Promise<void> | null = null;
  const poll = async (signal: AbortSignal) => {
    await Promise.race([wanted, untilAborted(signal)]);
    if (!signal.aborted) await poller.run(signal);
  };

  return {
    network: {
      change: (settings, options) =>
        pulse.during("change of the settings", changeLimitMs + graceMs, () => network.change(settings, options)),
      busy: () => network.busy(),
      free: () => network.free(),
      renew: (port) => pulse.during("lease renewal", renewalLimitMs + graceMs, () => network.renew(port)),
    },
    orders,
    startNetwork: () => {
      started ??= network.start();
      return started;
    },
    jobs,
    contact,
    networkTester,
    checkFileSystems: () => fileSystemWatch.firstLook,
    checkIdentity: async () => {
      const found = await identity();
      if (!found.ok) log.error({}, found.error.message);
    },
    run: async (signal) => {
      const watches = [network, contact, health, fileSystemWatch, history].map((room) => room.run(signal));
      await Promise.all([kept.sealSecrets(), curl.look(), poll(signal), ...watches]);
    },
  };
}
