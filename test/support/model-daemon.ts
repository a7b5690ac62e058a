import type { Exited } from "../../hal/processes.ts";
import type { NmcliCommand } from "./model-nmcli.ts";
import type { ModelPorts } from "./model-ports.ts";
import { type ProfileProperties, profileFlaw } from "./model-profile.ts";

/** `dead`: NetworkManager does not run. `no bus`: nor does D-Bus. `hung`: it does not answer. `not installed`: no nmcli. */
export type DaemonState = "running" | "dead" | "no bus" | "hung" | "not installed";

/** NetworkManager 1.42 over its ports. */
export interface ModelDaemon {
  state: DaemonState;
  /** What nmcli was told to do, in order. */
  readonly commands: { readonly kind: string; readonly uuid: string }[];
  /** The profiles that it was asked about, a list a question. */
  readonly questions: (readonly string[])[];
  /** What nmcli ends with, in any state but `hung`. */
  nmcli(command: NmcliCommand): Promise<Exited>;
}

const reserved =
  "Error: Connection activation failed: IP configuration could not be reserved (no available address, timeout, etc.)\n";

export function createModelDaemon(ports: ModelPorts): ModelDaemon {
  const { profiles, active, lacks, hasPort } = ports;
  const commands: ModelDaemon["commands"] = [];
  const questions: ModelDaemon["questions"] = [];

  const nmcli = async (command: NmcliCommand): Promise<Exited> => {
    if (self.state === "not installed") return { kind: "notFound", program: "nmcli" };
    if (self.state === "dead") return exit(8, "Error: NetworkManager is not running.\n");
    if (self.state === "no bus") {
      return exit(1, "Error: Could not create NMClient object: Could not connect: No such file or directory.\n");
    }
    if (command.kind === "show") {
      questions.push(command.uuids);
      return show(command.uuids);
    }
    if (command.kind === "device state")
      return exit(0, "", lacks.management ? "10 (unmanaged)\n" : "30 (disconnected)\n");
    if (command.kind === "reapply") {
      commands.push({ kind: command.kind, uuid: active.get(command.interface)?.uuid ?? "" });
      if (ports.reapply(command.interface)) return exit(0);
      return exit(1, `Error: Reapplying connection to device '${command.interface}' failed: Device is not activated\n`);
    }
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
        ports.deactivate(name);
        profiles.delete(uuid);
        return exit(0);
      case "up":
        if (!hasPort(name) || lacks.management) {
          return exit(4, "Error: Connection activation failed: No suitable device found for this connection.\n");
        }
        if (isVlan && lacks.vlan) {
          return exit(
            4,
            `Error: Connection activation failed: Failed to create VLAN interface '${name}': Operation not supported\n`,
          );
        }
        return (await ports.activate(uuid, profile)) ? exit(0) : exit(4, reserved);
    }
  };

  const write = (uuid: string, profile: ProfileProperties, type: string): Exited => {
    const flaw = profileFlaw(profile, type);
    if (flaw !== null) return exit(flaw.code, `Error: ${flaw.text}\n`);
    profiles.set(uuid, profile);
    ports.autoconnect(profile.get("connection.interface-name") ?? "");
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

  const self: ModelDaemon = { state: "running", commands, questions, nmcli };
  return self;
}

export function exit(code: number, stderr = "", stdout = ""): Exited {
  return { kind: "exited", code, stdout, stderr };
}
