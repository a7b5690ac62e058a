import { type Clock, sleep } from "../../../hal/clock.ts";
import { HalError } from "../../../hal/errors.ts";
import type { EthernetPorts, LinkMode, LinkState } from "../../../hal/ethernet.ts";
import type { Followers, Processes } from "../../../hal/processes.ts";
import type { Privileged } from "../../helper/privileged.ts";
import type { Log } from "../../model/log.ts";
import type { Route } from "../../model/network-state.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { PortName } from "../../model/settings.ts";
import type { NetworkBackend, Operation, Refusal } from "../backend.ts";
import { judgeFailedActivation, refusalOf } from "./activation.ts";
import { createHolders, leaseQuestion } from "./holders.ts";
import { type KernelFacts, kernelArgv, kernelQuestions, parseKernel } from "./kernel.ts";
import { createNetworkMonitor } from "./monitor.ts";
import { createNmcli, errorKinds, type NmcliFailure } from "./nmcli.ts";
import { type Configure, type InterfaceNames, type Profile, profilesOf, profileUuids, routesValue } from "./profile.ts";
import type { ProfileFacts } from "./profile-facts.ts";
import { isSeparated } from "./rules.ts";
import { isUnfinished, type LastUp, lastUpOf, portState, withLastUp } from "./state.ts";
import { createWins } from "./wins.ts";

export interface NetworkManagerBackendOptions {
  readonly processes: Processes;
  readonly followers: Followers;
  readonly ethernet: Pick<EthernetPorts, "state" | "mode">;
  readonly privileged: Privileged;
  readonly clock: Clock;
  readonly log: Log;
  readonly interfaces: InterfaceNames;
  /** Ends what goes on between the calls. */
  readonly signal: AbortSignal;
}

/** What NetworkManager says of a port; null: it has no profile of ours. */
type Profiles = Readonly<Record<PortName, ProfileFacts | null>>;
type Performed = Promise<Result<null, Refusal>>;

/** A port's profiles; LAN's addresses are those of its VLAN where it has one. */
const uuidsOf: Readonly<Record<PortName, readonly string[]>> = {
  lan: [profileUuids.vlan, profileUuids.lan],
  wan: [profileUuids.wan],
};
const ipTimeoutMs = 5000;
/** How soon after one that failed NetworkManager is asked again: its return changes nothing that the kernel would tell. */
const askAgainMs = 5000;
/** NetworkManager tells of a lease some milliseconds after the kernel, on a busy machine some hundreds. */
const firstLateLookMs = 250;
/** The kernel's word on a duplicate IPv6 address travels by another way than nmcli's, and may come after it. */
const dadWordMs = 300;

/**
 * The machine's network by NetworkManager, from profiles of ours that it keeps in memory. What NetworkManager answers decides
 * nothing that the kernel can be asked for.
 */
export function createNetworkManagerBackend(options: NetworkManagerBackendOptions): NetworkBackend {
  const { processes, followers, ethernet, privileged, clock, log, interfaces, signal } = options;
  const nmcli = createNmcli(processes);
  const monitor = createNetworkMonitor({ followers, clock, log, signal });
  const wins = createWins({ privileged, clock, log, told: () => monitor.ringIn(0), signal });
  const holders = createHolders(privileged, log);
  const lastUp: Record<PortName, LastUp | null> = { lan: null, wan: null };
  /** The last that was read or set. */
  const modes: Record<PortName, LinkMode> = { lan: "auto", wan: "auto" };
  /** The last that NetworkManager said; null: it never has. */
  let known: Profiles | null = null;
  /** Profiles that were written, and how many were when it said so: what it said before one does not hold behind it. */
  let written = 0;
  let knownAfter = 0;
  let answering = true;

  const readKernel = async (signal: AbortSignal): Promise<KernelFacts> => {
    const inputs = { 0: kernelQuestions };
    const ended = await processes.run(kernelArgv, { inputs, timeoutMs: ipTimeoutMs, maxOutputBytes: 2 ** 23, signal });
    signal.throwIfAborted();
    if (ended.kind === "exited" && ended.code === 0) return parseKernel(ended.stdout);
    if (ended.kind === "notFound") {
      throw new HalError("unsupported", "ip", 'it is missing; install the package "iproute2"');
    }
    const reason = ended.kind === "exited" ? ended.stderr.trim() || `exit code ${ended.code}` : ended.kind;
    throw new HalError(ended.kind === "timeout" ? "timeout" : "io", "ip", reason);
  };

  /** NetworkManager's part; as last read while NetworkManager cannot be asked, because the kernel goes on without it. */
  const readProfiles = async (signal: AbortSignal): Promise<Profiles> => {
    const before = written;
    const read = await nmcli.read(signal);
    if (!read.ok) return lastKnown(read.error);
    if (!answering) log.info({}, "network: NetworkManager answers again");
    answering = true;
    const of = (name: keyof typeof profileUuids) => read.value.find(({ uuid }) => uuid === profileUuids[name]) ?? null;
    const lan = of("lan");
    // LAN's VLAN means nothing without LAN.
    known = { lan: lan === null ? null : (of("vlan") ?? lan), wan: of("wan") };
    knownAfter = before;
    return known;
  };
  const lastKnown = (failure: NmcliFailure): Profiles => {
    if (answering) log.warn(failure, "network: NetworkManager cannot be asked");
    answering = false;
    monitor.ringIn(askAgainMs);
    // It would be taken for settings that are in force, and NetworkManager may come back with the profile of others.
    if (known === null || knownAfter !== written)
      throw new HalError(errorKinds[failure.kind], "NetworkManager", failure.detail);
    return known;
  };

  const readLink = async (port: PortName): Promise<{ link: LinkState; mode: LinkMode }> => {
    const link = await ethernet.state(interfaces[port]);
    // A driver that does not tell is set to what it was told.
    if (link.present) modes[port] = (await ethernet.mode(interfaces[port])) ?? modes[port];
    return { link, mode: modes[port] };
  };

  /** Brings a profile up. Only a failure needs a closer look: what NetworkManager made, `observe` shows. */
  const activate = async (port: PortName, profile: Profile, signal: AbortSignal): Performed => {
    const { fixed } = profile;
    monitor.expectDad(profile.interface, fixed ?? "");
    const last = lastUp[port];
    const activated = await nmcli.up(profile.uuid, signal);
    holders.set(port, null);
    lastUp[port] = null;
    if (activated.ok) return ok(null);

    const verdict = judgeFailedActivation({
      failure: activated.error,
      interface: interfaces[port],
      fixed,
      ...(await lookAfterFailure(port, profile, signal)),
    });
    log.warn({ ...activated.error, interface: profile.interface, verdict: verdict.kind }, "network: not activated");
    switch (verdict.kind) {
      case "done":
        if (fixed === null) await askAboutLease(port, profile.uuid, last, signal);
        return ok(null);
      case "refused":
        return failed(verdict.refusal);
      case "duplicate":
        holders.set(port, { address: verdict.address, mac: "unknown" });
        return ok(null);
      case "ask": {
        const query = { port, vlan: profile.vlan, address: verdict.address };
        return (await holders.ask(query, signal)) ? ok(null) : failed(verdict.refusal);
      }
    }
  };

  const askAboutLease = async (port: PortName, uuid: string, last: LastUp | null, signal: AbortSignal) => {
    const question = leaseQuestion(port, uuid, last);
    if (question === null || !(await ethernet.state(interfaces[port])).carrier) return;
    if (await holders.ask(question, signal)) lastUp[port] = last;
  };

  const lookAfterFailure = async (port: PortName, { interface: name, vlan, fixed }: Profile, signal: AbortSignal) => {
    if (isIpv6(fixed) && !monitor.dadFailed()) await sleep(clock, "word of a duplicate address", dadWordMs, signal);
    const [link, tagged, unmanaged, { addresses }] = await Promise.all([
      ethernet.state(interfaces[port]),
      ethernet.state(name),
      nmcli.isUnmanaged(interfaces[port], signal),
      readKernel(signal),
    ]);
    return {
      port: link,
      unmanaged,
      vlanMissing: vlan !== 0 && !tagged.present,
      shown: addresses.filter((address) => address.interface === name).map(({ address }) => address),
      dadFailed: monitor.dadFailed(),
    };
  };

  const write = async (profile: Profile, signal: AbortSignal): ReturnType<typeof nmcli.write> => {
    const done = await nmcli.write(profile, signal);
    // Who does not answer in time may do it still.
    if (done.ok || done.error.kind !== "unavailable") written++;
    return done;
  };

  const configure = async (order: Configure, signal: AbortSignal): Performed => {
    const { port, vlan } = profilesOf(order, interfaces);
    // A profile that is active keeps its interface: with another tag there would be two. So the VLAN's is made anew.
    const prepared = await Promise.all([
      write(port, signal),
      ...(order.port === "lan" ? [nmcli.remove(profileUuids.vlan, signal)] : []),
    ]);
    for (const step of prepared) if (!step.ok) return failed(refusalOf(step.error, interfaces[order.port]));
    const activated = await activate(order.port, port, signal);
    if (vlan === null || !activated.ok) return activated;
    const tagged = await write(vlan, signal);
    return tagged.ok ? activate(order.port, vlan, signal) : failed(refusalOf(tagged.error, interfaces[order.port]));
  };

  const renew = async (port: PortName, signal: AbortSignal): Performed => {
    for (const uuid of uuidsOf[port]) {
      const renewed = await nmcli.up(uuid, signal);
      if (renewed.ok) return ok(null);
      if (renewed.error.kind === "unknown") continue;
      const { kind } = renewed.error;
      // No lease, no router: as with `configure`, unless NetworkManager has died over it.
      const isOpen = kind === "notActivated" || kind === "timeout";
      const asked = isOpen ? await nmcli.isUnmanaged(interfaces[port], signal) : renewed;
      holders.set(port, null);
      if (asked.ok) await askAboutLease(port, uuid, lastUp[port], signal);
      return asked.ok ? ok(null) : failed(refusalOf(asked.error, interfaces[port]));
    }
    return failed({ kind: "refused", detail: `${interfaces[port]}: nothing to renew, the port is not configured` });
  };

  const release = async (port: PortName, signal: AbortSignal): Performed => {
    const removed = await Promise.all(uuidsOf[port].map((uuid) => nmcli.remove(uuid, signal)));
    for (const step of removed) if (!step.ok) return failed(refusalOf(step.error, interfaces[port]));
    holders.set(port, null);
    return ok(null);
  };

  /** Of LAN's profiles the one that has the addresses has the routes. */
  const setRoutes = async (port: PortName, routes: readonly Route[], signal: AbortSignal): Performed => {
    const property = ["ipv4.routes", routesValue(port, routes)] as const;
    for (const uuid of uuidsOf[port]) {
      const name = known?.[port]?.uuid === uuid ? known[port].interface : interfaces[port];
      const set = await nmcli.adjust(uuid, name, property, signal);
      if (set.ok) return ok(null);
      if (set.error.kind !== "unknown") return failed(refusalOf(set.error, name));
    }
    return failed({ kind: "refused", detail: `${interfaces[port]}: no routes, the port is not configured` });
  };

  const setLink = async (port: PortName, mode: LinkMode, signal: AbortSignal): Performed => {
    const set = await privileged.setLink(port, mode, signal);
    if (set.ok) modes[port] = mode;
    return set;
  };

  const carryOut = (operation: Operation, signal: AbortSignal): Performed => {
    switch (operation.kind) {
      case "configure":
        return configure(operation, signal);
      case "renew":
        return renew(operation.port, signal);
      case "release":
        return release(operation.port, signal);
      case "routes":
        return setRoutes(operation.port, operation.routes, signal);
      case "separate":
        return privileged.separate(operation, signal);
      case "link":
        return setLink(operation.port, operation.mode, signal);
    }
  };

  /** Looks in a row that came too early. */
  let earlyLooks = 0;
  const lookAgainWhile = (unfinished: boolean) => {
    earlyLooks = unfinished ? earlyLooks + 1 : 0;
    if (unfinished) monitor.ringIn(Math.min(firstLateLookMs * 2 ** (earlyLooks - 1), askAgainMs));
  };

  let busy = false;
  return {
    watch: monitor.watch,
    perform: async (operation, signal) => {
      if (busy) throw new Error(`perform ${operation.kind}: another operation has not ended; one at a time`);
      busy = true;
      try {
        signal.throwIfAborted();
        if (operation.port === "lan" && operation.kind !== "link") wins.renew();
        return await carryOut(operation, signal);
      } finally {
        busy = false;
      }
    },
    observe: async (signal) => {
      signal.throwIfAborted();
      const [kernel, profiles, lan, early] = await Promise.all([
        readKernel(signal),
        readProfiles(signal),
        readLink("lan"),
        // Where WAN had no profile it will hardly have one now.
        known?.wan === null ? null : readLink("wan"),
      ]);
      const stateOf = (port: PortName, link: typeof lan) => {
        const said = profiles[port];
        lastUp[port] = lastUpOf(said, kernel) ?? lastUp[port];
        const profile = said === null ? null : withLastUp(said, lastUp[port], kernel);
        const mayAsk = !busy && said?.state === "activated" && link.link.carrier;
        const askedWins = port === "lan" ? wins.of(profile, kernel, mayAsk) : [];
        return portState({
          interface: interfaces[port],
          ...link,
          profile,
          kernel,
          askedWins,
          holder: holders.of(port),
        });
      };
      lookAgainWhile(isUnfinished(profiles.lan, kernel) || isUnfinished(profiles.wan, kernel));
      const wan = profiles.wan === null ? null : (early ?? (await readLink("wan")));
      return {
        lan: stateOf("lan", lan),
        wan: wan === null ? null : stateOf("wan", wan),
        separated: isSeparated(kernel.rules),
      };
    },
  };
}

function isIpv6(address: string | null): boolean {
  return address?.includes(":") === true;
}
