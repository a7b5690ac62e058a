import type { Clock } from "../../hal/clock.ts";
import type { LinkState } from "../../hal/ethernet.ts";
import { createScriptedFollowers, type ScriptedFollowers } from "../../hal/mock/scripted-followers.ts";
import type { PortName } from "../../src/model/settings.ts";
import {
  fixedAddresses,
  type Gains,
  gainsOf,
  type ProfileProperties,
  routesOf,
  withoutPrefix,
} from "./model-profile.ts";

/** A profile that is active on an interface, or becoming so. */
export interface Activation {
  readonly uuid: string;
  /** null: it asks for a lease still. */
  gained: Gains | null;
  /** It is asked for again. */
  isForgotten: boolean;
  ended: (activated: boolean) => void;
}

/** The wire as the tests change it. */
export interface ModelWire {
  cable(port: PortName, plugged: boolean): void;
  dhcp(answers: boolean): void;
  /** Another machine has this address, or gives it up. */
  hold(address: string, held: boolean): void;
}

/** What is not to be had: a helper that asks the wire, VLANs, NetworkManager's care for the ports, fixed addresses. */
export interface ModelLacks {
  arping: boolean;
  vlan: boolean;
  management: boolean;
  activation: boolean;
}

/** The ports lan0 and wan0 with their wire, and what becomes of NetworkManager's profiles on them. */
export interface ModelPorts {
  readonly profiles: Map<string, ProfileProperties>;
  /** By interface. */
  readonly active: ReadonlyMap<string, Activation>;
  /** The profiles whose activation was begun, in order. */
  readonly activations: readonly string[];
  readonly lacks: ModelLacks;
  /** Children that follow the kernel's changes. */
  readonly followers: ScriptedFollowers;
  readonly wire: ModelWire;
  /** Whether another machine has the address. */
  isHeld(address: string): boolean;
  /** The port of an interface is there. */
  hasPort(name: string): boolean;
  linkOf(name: string): LinkState;
  /** What the kernel has on an interface, with prefix length. */
  addresses(name: string): readonly string[];
  /** False: it got nothing. */
  activate(uuid: string, profile: ProfileProperties): Promise<boolean>;
  deactivate(name: string): void;
  /** Takes over changed routes where the profile is up; false: it is not. */
  reapply(name: string): boolean;
  /** Activates what may be, on the port of an interface. */
  autoconnect(name: string): void;
  /** Leases are asked for again. */
  askAgain(): void;
  unplug(name: string): void;
  disconnect(name: string): void;
  flush(name: string): void;
}

const carrierWaitMs = 6000;
const macs: Readonly<Record<string, string>> = { lan0: "02:00:00:00:00:01", wan0: "02:00:00:00:00:02" };

export function createModelPorts(clock: Clock): ModelPorts {
  const profiles = new Map<string, ProfileProperties>();
  const active = new Map<string, Activation>();
  const cables = new Map([
    ["lan0", true],
    ["wan0", true],
  ]);
  const held = new Set<string>();
  /** Ports that somebody has disconnected. */
  const disconnected = new Set<string>();
  const flushed = new Set<Gains>();
  const activations: string[] = [];
  const followers = createScriptedFollowers();
  const lacks = { arping: false, vlan: true, management: false, activation: false };
  let serves = true;

  const print = (line: string) => {
    for (const monitor of [...followers.running]) monitor.print(line);
  };
  const parentOf = (name: string) => name.split(".")[0] ?? "";
  const carrier = (name: string) => cables.get(parentOf(name)) === true;
  const addressesOf = (gained: Gains | null | undefined) =>
    gained === null || gained === undefined || flushed.has(gained) ? [] : gained.addresses;

  const deactivate = (name: string) => {
    const was = active.get(name);
    if (was === undefined) return;
    active.delete(name);
    for (const address of was.gained?.addresses ?? [])
      print(`Deleted 2: ${name}    inet ${address} scope global ${name}`);
    was.ended(false);
  };

  /** Gives an activation what its profile gets; false: another machine has the address. */
  const obtain = (name: string, activation: Activation): boolean => {
    const profile = profiles.get(activation.uuid);
    if (profile === undefined) throw new Error(`${activation.uuid} is active and does not exist`);
    for (const { family, address } of fixedAddresses(profile)) {
      if (lacks.activation) return false;
      const isLookedFor = family === 6 || Number(profile.get("ipv4.dad-timeout") ?? 0) > 0;
      if (!isLookedFor || !carrier(name) || !held.has(withoutPrefix(address))) continue;
      if (family === 6) print(`2: ${name}    inet6 ${address} scope global dadfailed tentative noprefixroute `);
      return false;
    }
    const gained = gainsOf(profile, clock.now());
    // A lease that is declined; the server offers the same again.
    const isDeclined = profile.get("ipv4.method") === "auto" && Number(profile.get("ipv4.dad-timeout") ?? 0) > 0;
    if (isDeclined && gained.addresses.some((address) => held.has(withoutPrefix(address)))) return false;
    activation.gained = gained;
    activation.isForgotten = false;
    for (const address of activation.gained.addresses) print(`2: ${name}    inet ${address} scope global ${name}`);
    return true;
  };

  /** Those that wait for a lease get it now, if there is one to be had. */
  const serve = () => {
    for (const [name, activation] of active) {
      const asks = activation.gained === null || activation.isForgotten;
      if (asks && carrier(name) && serves && obtain(name, activation)) activation.ended(true);
    }
  };

  const activate = (uuid: string, profile: ProfileProperties): Promise<boolean> => {
    const name = profile.get("connection.interface-name") ?? "";
    deactivate(name);
    disconnected.delete(parentOf(name));
    activations.push(uuid);
    return new Promise((resolve) => {
      const asks =
        profile.get("ipv4.method") === "auto" ||
        (profile.get("ipv6.method") === "auto" && profile.get("ipv6.may-fail") === "no");
      const seconds = Number(
        profile.get(profile.get("ipv4.method") === "auto" ? "ipv4.dhcp-timeout" : "ipv6.ra-timeout"),
      );
      const activation: Activation = { uuid, gained: null, isForgotten: false, ended: resolve };
      active.set(name, activation);
      print(`2: ${name}: <UP>`);
      if (!asks) {
        if (obtain(name, activation)) return resolve(true);
        active.delete(name);
        return resolve(false);
      }
      // It goes on asking by itself (autoconnect-retries 0); nmcli goes on waiting until the first time-out.
      clock.after("lease of the model", carrier(name) ? seconds * 1000 : 4000, () => {
        if (!carrier(name) && active.get(name) === activation) active.delete(name);
        resolve(false);
      });
      if (profile.get("ipv4.method") === "auto") serve();
    });
  };

  const autoconnect = (port: string) => {
    for (const [uuid, profile] of profiles) {
      const name = profile.get("connection.interface-name") ?? "";
      const isFree = parentOf(name) === port && carrier(name) && !active.has(name) && !disconnected.has(port);
      const isAble = !lacks.management && !(lacks.vlan && profile.has("vlan.id"));
      if (isFree && isAble && profile.get("connection.autoconnect") === "yes") void activate(uuid, profile);
    }
  };

  return {
    profiles,
    active,
    activations,
    lacks,
    followers,
    wire: {
      cable: (port, plugged) => {
        const name = `${port}0`;
        if (!cables.has(name) || cables.get(name) === plugged) return;
        cables.set(name, plugged);
        print(`2: ${name}: <${plugged ? "UP,LOWER_UP" : "NO-CARRIER,UP"}>`);
        if (plugged) return autoconnect(name);
        clock.after("carrier wait of the model", carrierWaitMs, () => {
          if (carrier(name)) return;
          for (const activeName of [...active.keys()]) if (parentOf(activeName) === name) deactivate(activeName);
        });
      },
      dhcp: (answers) => {
        serves = answers;
        serve();
      },
      hold: (address, isHeld) => {
        if (isHeld) held.add(address);
        else held.delete(address);
      },
    },
    isHeld: (address) => held.has(address),
    hasPort: (name) => cables.has(parentOf(name)),
    linkOf: (name) => {
      const present = cables.has(name) || (active.has(name) && cables.has(parentOf(name)));
      const on = present && carrier(name);
      return {
        present,
        mac: present ? (macs[name] ?? null) : null,
        carrier: on,
        speedMbps: on ? 1000 : null,
        duplex: on ? "full" : null,
      };
    },
    addresses: (name) => addressesOf(active.get(name)?.gained),
    activate,
    deactivate,
    reapply: (name) => {
      const activation = active.get(name);
      const profile = profiles.get(activation?.uuid ?? "");
      if (!activation?.gained || profile === undefined) return false;
      activation.gained = { ...activation.gained, routes: routesOf(profile, activation.gained.addresses) };
      print(`2: ${name}: routes`);
      return true;
    },
    autoconnect: (name) => autoconnect(parentOf(name)),
    askAgain: () => {
      for (const activation of active.values()) {
        activation.isForgotten = profiles.get(activation.uuid)?.get("ipv4.method") === "auto";
      }
      serve();
    },
    unplug: (name) => {
      cables.delete(name);
      deactivate(name);
    },
    disconnect: (name) => {
      disconnected.add(name);
      deactivate(name);
    },
    flush: (name) => {
      const gained = active.get(name)?.gained;
      if (gained) flushed.add(gained);
    },
  };
}
