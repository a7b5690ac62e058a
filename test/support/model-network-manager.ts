import type { Clock } from "../../hal/clock.ts";
import type { LinkMode, LinkState } from "../../hal/ethernet.ts";
import { createScriptedFollowers, type ScriptedFollowers } from "../../hal/mock/scripted-followers.ts";
import type { Exited, Followers, Processes } from "../../hal/processes.ts";
import type { Privileged } from "../../src/helper/privileged.ts";
import { ok } from "../../src/model/result.ts";
import type { PortName } from "../../src/model/settings.ts";
import { type NmcliCommand, parseNmcli } from "./model-nmcli.ts";
import {
  fixedAddresses,
  type Gains,
  gainsOf,
  type ProfileProperties,
  profileFlaw,
  withoutPrefix,
} from "./model-profile.ts";

/**
 * A machine with the ports lan0 and wan0, its kernel, NetworkManager 1.42 and the wire, as far as nmcli and ip show them. As
 * strict as they are: a command, a field or a property that it does not know is a bug of the caller and throws.
 */
export interface ModelMachine {
  readonly processes: Processes & Followers;
  readonly ethernet: { state(name: string): Promise<LinkState>; mode(name: string): Promise<LinkMode | null> };
  readonly privileged: Privileged;
  /** What nmcli was told to do, in order. */
  readonly commands: { readonly kind: string; readonly uuid: string }[];
  /** The profiles that NetworkManager began to activate, told to or by itself, in order. */
  readonly activations: readonly string[];
  /** The profiles that it was asked about, a list a question. */
  readonly questions: (readonly string[])[];
  readonly wire: {
    cable(port: PortName, plugged: boolean): void;
    dhcp(answers: boolean): void;
    /** Another machine has this address, or gives it up. */
    hold(address: string, held: boolean): void;
  };
  /** `dead`: NetworkManager does not run. `no bus`: nor does D-Bus. `hung`: it does not answer. `not installed`: no nmcli. */
  daemon(state: "running" | "dead" | "no bus" | "hung" | "not installed"): void;
  /** NetworkManager begins anew: it asks for the leases again, and knows nothing of them until it has been answered. */
  restart(): void;
  unplug(port: PortName): void;
  /** Somebody else disconnects the port: NetworkManager does nothing for it until it is told to. */
  disconnect(port: PortName): void;
  /** Somebody else takes the port's addresses away, which NetworkManager does not notice. */
  flush(port: PortName): void;
  /** What the port has in the kernel, with prefix length. */
  addresses(interfaceName: string): readonly string[];
  /** Somebody else removes a profile. */
  forget(uuid: string): void;
  profile(uuid: string): ProfileProperties | undefined;
  /** What the port says of its link; null: nothing. */
  linkTells(mode: LinkMode | null): void;
  /** Children that follow the kernel's changes. */
  readonly followers: ScriptedFollowers;
  /** What is not to be had: a helper that asks the wire, VLANs, NetworkManager's care for the ports, fixed addresses. */
  readonly lacks: { arping: boolean; vlan: boolean; management: boolean; activation: boolean };
}

interface Activation {
  readonly uuid: string;
  /** null: it asks for a lease still. */
  gained: Gains | null;
  /** It is asked for again. */
  isForgotten: boolean;
  ended: (activated: boolean) => void;
}

const reserved =
  "Error: Connection activation failed: IP configuration could not be reserved (no available address, timeout, etc.)\n";
const strangersMac = "02:00:00:00:00:66";
const carrierWaitMs = 6000;
const macs: Readonly<Record<string, string>> = { lan0: "02:00:00:00:00:01", wan0: "02:00:00:00:00:02" };

export function createModelMachine(clock: Clock): ModelMachine {
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
  const commands: ModelMachine["commands"] = [];
  const questions: ModelMachine["questions"] = [];
  const followers = createScriptedFollowers();
  const lacks = { arping: false, vlan: true, management: false, activation: false };
  let mode: LinkMode | null = "auto";
  let serves = true;
  let daemon: Parameters<ModelMachine["daemon"]>[0] = "running";

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
    activation.gained = gainsOf(profile, clock.now());
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

  const nmcli = async (command: NmcliCommand): Promise<Exited> => {
    if (daemon === "not installed") return { kind: "notFound", program: "nmcli" };
    if (daemon === "dead") return exit(8, "Error: NetworkManager is not running.\n");
    if (daemon === "no bus") {
      return exit(1, "Error: Could not create NMClient object: Could not connect: No such file or directory.\n");
    }
    if (command.kind === "show") {
      questions.push(command.uuids);
      return show(command.uuids);
    }
    if (command.kind === "device state")
      return exit(0, "", lacks.management ? "10 (unmanaged)\n" : "30 (disconnected)\n");
    const { kind, uuid } = command;
    commands.push({ kind, uuid });
    const profile = profiles.get(uuid);
    if (kind === "add") {
      if (profile === undefined) return write(uuid, new Map(command.settings), command.type);
      return exit(4, "Error: Failed to add connection: a connection with this UUID already exists\n");
    }
    if (profile === undefined) return exit(10, `Error: unknown connection '${uuid}'.\n`);
    const name = profile.get("connection.interface-name") ?? "";
    const isVlan = profile.has("vlan.id");
    switch (kind) {
      case "modify":
        return write(uuid, new Map([...profile, ...command.settings]), isVlan ? "vlan" : "ethernet");
      case "delete":
        deactivate(name);
        profiles.delete(uuid);
        return exit(0);
      case "up":
        if (!cables.has(parentOf(name)) || lacks.management) {
          return exit(4, "Error: Connection activation failed: No suitable device found for this connection.\n");
        }
        if (isVlan && lacks.vlan) {
          return exit(
            4,
            `Error: Connection activation failed: Failed to create VLAN interface '${name}': Operation not supported\n`,
          );
        }
        return (await activate(uuid, profile)) ? exit(0) : exit(4, reserved);
    }
  };

  const write = (uuid: string, profile: ProfileProperties, type: string): Exited => {
    const flaw = profileFlaw(profile, type);
    if (flaw !== null) return exit(flaw.code, `Error: ${flaw.text}\n`);
    profiles.set(uuid, profile);
    autoconnect(parentOf(profile.get("connection.interface-name") ?? ""));
    return exit(0);
  };

  const show = (uuids: readonly string[]): Exited => {
    const shown: string[] = [];
    for (const uuid of uuids) {
      const profile = profiles.get(uuid);
      if (profile === undefined) {
        return exit(10, `Error: ${uuid} - no such connection profile.\n`, shown.join("\n"));
      }
      const activation = [...active.values()].find((activation) => activation.uuid === uuid);
      const live = activation?.isForgotten ? null : activation?.gained;
      const numbered = (name: string, values: readonly string[]) =>
        values.map((value, n) => `${name}[${n + 1}]:${value}`);
      const lines = [
        `connection.uuid:${uuid}`,
        ...["connection.interface-name", "connection.autoconnect", "ipv4.method", "ipv6.method"].map(
          (name) => `${name}:${profile.get(name)}`,
        ),
        ...(profile.has("vlan.id") ? [`vlan.id:${profile.get("vlan.id")}`] : []),
        ...(activation === undefined ? [] : [`GENERAL.STATE:${live ? "activated" : "activating"}`]),
        ...numbered("IP4.DNS", live?.dns[4] ?? []),
        ...numbered("IP6.DNS", live?.dns[6] ?? []),
        ...numbered("DHCP4.OPTION", live?.options ?? []),
      ];
      shown.push(`${lines.join("\n")}\n`);
    }
    return exit(0, "", shown.join("\n"));
  };

  const ip = (args: readonly string[], input: unknown): Exited => {
    if (args.join(" ") !== "-json -batch -" || input !== "address show\nroute show table all\n") {
      throw new Error(`ip ${args.join(" ")}: ${input}: no such questions here`);
    }
    const links = [...active].map(([ifname, { gained }]) => ({
      ifname,
      addr_info: addressesOf(gained).map(addressInfo),
    }));
    const routes = [...active].flatMap(([dev, { gained }]) =>
      (gained?.gateways ?? []).map((gateway) => ({ dst: "default", gateway, dev, metric: 100, flags: [] })),
    );
    return exit(0, "", `${JSON.stringify(links)}\n${JSON.stringify(routes)}\n`);
  };

  const run: Processes["run"] = async (argv, { inputs, timeoutMs, signal }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return cut("aborted");
    const [program, ...args] = argv;
    if (program === "ip") return ip(args, inputs?.[0]);
    if (program !== "nmcli" || args[0] !== "--wait") throw new Error(`${argv.join(" ")}: no such program here`);
    const command = parseNmcli(args.slice(2));
    return new Promise((resolve) => {
      const stop = clock.after("time limit of the model", timeoutMs, () => resolve(cut("timeout")));
      const aborted = () => end(cut("aborted"));
      const end = (ended: Exited) => {
        stop();
        signal?.removeEventListener("abort", aborted);
        resolve(ended);
      };
      signal?.addEventListener("abort", aborted, { once: true });
      if (daemon !== "hung") void nmcli(command).then(end);
    });
  };

  return {
    processes: {
      run,
      follow: async (argv, options) => {
        if (argv.join(" ") !== "ip monitor link address route") throw new Error(`${argv.join(" ")}: no such program`);
        return followers.follow(argv, options);
      },
    },
    ethernet: {
      state: async (name) => {
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
      mode: async () => mode,
    },
    privileged: {
      setLink: async () => ok(null),
      findHolder: async ({ address }) =>
        lacks.arping
          ? { ok: false, error: { kind: "unavailable", detail: "the helper is not there" } }
          : ok(held.has(address) ? strangersMac : null),
    },
    commands,
    activations,
    questions,
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
    daemon: (state) => {
      daemon = state;
    },
    restart: () => {
      for (const activation of active.values()) {
        activation.isForgotten = profiles.get(activation.uuid)?.get("ipv4.method") === "auto";
      }
      serve();
    },
    linkTells: (told) => {
      mode = told;
    },
    unplug: (port) => {
      cables.delete(`${port}0`);
      deactivate(`${port}0`);
    },
    disconnect: (port) => {
      disconnected.add(`${port}0`);
      deactivate(`${port}0`);
    },
    flush: (port) => {
      const gained = active.get(`${port}0`)?.gained;
      if (gained) flushed.add(gained);
    },
    addresses: (name) => addressesOf(active.get(name)?.gained),
    forget: (uuid) => {
      deactivate(profiles.get(uuid)?.get("connection.interface-name") ?? "");
      profiles.delete(uuid);
    },
    profile: (uuid) => profiles.get(uuid),
    followers,
    lacks,
  };
}

function addressInfo(address: string): object {
  const [local = "", length] = address.split("/");
  return { family: local.includes(":") ? "inet6" : "inet", local, prefixlen: Number(length), scope: "global" };
}

function exit(code: number, stderr = "", stdout = ""): Exited {
  return { kind: "exited", code, stdout, stderr };
}

function cut(kind: "aborted" | "timeout"): Exited {
  return { kind, stdout: "", stderr: "" };
}
