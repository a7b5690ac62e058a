import type { Clock } from "../../hal/clock.ts";
import type { LinkMode, LinkState } from "../../hal/ethernet.ts";
import type { ScriptedFollowers } from "../../hal/mock/scripted-followers.ts";
import type { Exited, Followers, Processes } from "../../hal/processes.ts";
import type { Privileged, Refusal, WinsQuery } from "../../src/helper/privileged.ts";
import { ok, type Result } from "../../src/model/result.ts";
import type { PortName } from "../../src/model/settings.ts";
import { createModelDaemon, type DaemonState, exit, type ModelDaemon } from "./model-daemon.ts";
import { parseNmcli } from "./model-nmcli.ts";
import { createModelPorts, type ModelLacks, type ModelWire } from "./model-ports.ts";
import type { ProfileProperties } from "./model-profile.ts";

/**
 * A machine with the ports lan0 and wan0, its kernel, NetworkManager 1.42 and the wire, as far as nmcli and ip show them. As
 * strict as they are: a command, a field or a property that it does not know is a bug of the caller and throws.
 */
export interface ModelMachine {
  readonly processes: Processes & Followers;
  readonly ethernet: { state(name: string): Promise<LinkState>; mode(name: string): Promise<LinkMode | null> };
  readonly privileged: Privileged;
  /** What nmcli was told to do, in order. */
  readonly commands: ModelDaemon["commands"];
  /** The profiles that NetworkManager began to activate, told to or by itself, in order. */
  readonly activations: readonly string[];
  /** The profiles that it was asked about, a list a question. */
  readonly questions: ModelDaemon["questions"];
  /** What the DHCP server was asked beside NetworkManager, in order. */
  readonly winsQuestions: readonly WinsQuery[];
  /** What is answered to that; no WINS servers by default. */
  tellsWins(answer: Result<readonly string[], Refusal>): void;
  readonly wire: ModelWire;
  daemon(state: DaemonState): void;
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
  readonly lacks: ModelLacks;
}

const strangersMac = "02:00:00:00:00:66";

export function createModelMachine(clock: Clock): ModelMachine {
  const ports = createModelPorts(clock);
  const daemon = createModelDaemon(ports);
  const { profiles, lacks, followers } = ports;
  const winsQuestions: WinsQuery[] = [];
  let winsAnswer: Result<readonly string[], Refusal> = ok([]);
  let mode: LinkMode | null = "auto";
  let separated = false;

  const rules = () => [
    { priority: 0, src: "all", table: "local" },
    ...(separated
      ? [
          { priority: 1000, src: "all", uid_start: 990, uid_end: 990, table: "100" },
          { priority: 1001, src: "all", uid_start: 990, uid_end: 990, action: "prohibit" },
        ]
      : []),
    { priority: 32766, src: "all", table: "main" },
  ];

  const ip = (args: readonly string[], input: unknown): Exited => {
    if (args.join(" ") !== "-json -batch -" || input !== "address show\nroute show table all\nrule show\n") {
      throw new Error(`ip ${args.join(" ")}: ${input}: no such questions here`);
    }
    const links = [...ports.active.keys()].map((ifname) => ({
      ifname,
      addr_info: ports.addresses(ifname).map(addressInfo),
    }));
    const routes = [...ports.active].flatMap(([dev, { gained }]) => [
      ...(gained?.gateways ?? []).map((gateway) => ({ dst: "default", gateway, dev, metric: 100, flags: [] })),
      ...(gained?.routes ?? []).map((route) => ({ ...route, dev, protocol: "static", metric: 100, flags: [] })),
    ]);
    return exit(0, "", `${JSON.stringify(links)}\n${JSON.stringify(routes)}\n${JSON.stringify(rules())}\n`);
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
      if (daemon.state !== "hung") void daemon.nmcli(command).then(end);
    });
  };

  return {
    processes: {
      run,
      follow: async (argv, options) => {
        if (argv.join(" ") !== "ip monitor link address route rule")
          throw new Error(`${argv.join(" ")}: no such program`);
        return followers.follow(argv, options);
      },
    },
    ethernet: { state: async (name) => ports.linkOf(name), mode: async () => mode },
    privileged: {
      setLink: async () => ok(null),
      separate: async ({ on }) => {
        separated = on;
        return ok(null);
      },
      findHolder: async ({ address }) =>
        lacks.arping
          ? { ok: false, error: { kind: "unavailable", detail: "the helper is not there" } }
          : ok(ports.isHeld(address) ? strangersMac : null),
      askWins: async (query) => {
        winsQuestions.push(query);
        await new Promise((resolve) => setImmediate(resolve));
        return winsAnswer;
      },
    },
    commands: daemon.commands,
    activations: ports.activations,
    questions: daemon.questions,
    winsQuestions,
    tellsWins: (answer) => {
      winsAnswer = answer;
    },
    wire: ports.wire,
    daemon: (state) => {
      daemon.state = state;
    },
    restart: ports.askAgain,
    linkTells: (told) => {
      mode = told;
    },
    unplug: (port) => ports.unplug(`${port}0`),
    disconnect: (port) => ports.disconnect(`${port}0`),
    flush: (port) => ports.flush(`${port}0`),
    addresses: ports.addresses,
    forget: (uuid) => {
      ports.deactivate(profiles.get(uuid)?.get("connection.interface-name") ?? "");
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

function cut(kind: "aborted" | "timeout"): Exited {
  return { kind, stdout: "", stderr: "" };
}
