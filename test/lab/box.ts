import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createFiles } from "../../hal/linux/files.ts";
import type { Argv } from "../../hal/processes.ts";
import { type ClientFailure, createClient } from "../../src/control/client.ts";
import type { KeysRequest, OrderReportDocument, ScreenDocument, StatusDocument } from "../../src/control/schema.ts";
import type { Result } from "../../src/model/result.ts";
import type { Settings } from "../../src/model/settings.ts";
import { readSettings } from "../../src/settings/recover.ts";
import { bundle } from "../support/bench-process.ts";
import { platformHost } from "./gateway.ts";
import { bootMachine, installForUser } from "./installation.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";
import { until } from "./until.ts";

/** The controller as it ships, run by root by hand on the lab's machine. It may die and start again; its disk stays. */
export interface Box {
  /** Resolves when it answers on its control socket. */
  start(): Promise<void>;
  /** SIGTERM is a request; SIGKILL leaves it no last word. Resolves when it has ended. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  readonly running: () => boolean;
  /** As it is seen from outside the lab; null before the first start. */
  readonly pid: () => number | null;
  screen(): Promise<ScreenDocument>;
  status(): Promise<StatusDocument>;
  /** Keys of the front panel, as in `UP`, `LEFT+RIGHT`. Gives the screen after the last. */
  press(...keys: readonly string[]): Promise<ScreenDocument>;
  /** As typed on a console. */
  type(text: string): Promise<ScreenDocument>;
  /** What the platform would order; resolves when that has ended. */
  order(document: object, signal?: AbortSignal): Promise<OrderReportDocument>;
  /** Takes the order back that is being carried out. */
  cancelOrder(): Promise<boolean>;
  /** Resolves with the first screen of this identifier. The error tells where it stands instead. */
  untilScreen(id: string | readonly string[], limitMs?: number): Promise<ScreenDocument>;
  untilStatus(fits: (status: StatusDocument) => boolean, limitMs?: number): Promise<StatusDocument>;
  /** What its next start would find in force on the disk. */
  settings(): Promise<Settings>;
  /** The end of its log. */
  log(): string;
}

export interface BoxOptions {
  /** The name, of letters and digits, of the box's folder in the lab's. */
  readonly name?: string;
  /** Patterns; none by default. */
  readonly consoles?: readonly string[];
  readonly backend?: "networkmanager" | "simulated";
  /** What `run --config FILE` is added to; by default this Node with the built program. */
  readonly command?: Argv;
  /** As the account `bezel` with the helper behind its socket, as installed; by default root, who has no need of one. */
  readonly user?: boolean;
}

export async function openBox(lab: Lab, options: BoxOptions = {}): Promise<Box> {
  const { name = "box", consoles = [], backend = "networkmanager", user = false } = options;
  const folder = join(lab.folder, name);
  await mkdir(folder);
  const { command = user ? await installForUser(lab, folder) : [process.execPath, bundle] } = options;
  const config = join(folder, "bezel.toml");
  const socket = join(folder, "control.sock");
  await writeFile(
    config,
    `[appliance]
serial = "29001"
model = "lab"
[platform]
url = "https://${platformHost}/"
ca_file = "${lab.gateway.caFile}"
[network]
lan = "lan0"
wan = "wan0"
backend = "${backend}"
[panel]
board = "mock"
[console]
devices = ${JSON.stringify(consoles)}
[control]
socket = "${socket}"
keys = true
settings = true
[state]
directory = "${folder}/state"
[log]
level = "debug"
`,
  );
  if (backend === "networkmanager" && name === "box") await bootMachine(lab, config);
  const client = createClient({ kind: "socket", path: socket }, createSystemClock());
  let daemon: Daemon | null = null;
  const log = () => daemon?.log() ?? "";

  /** null: no answer, of a daemon that runs. The client has a limit of its own, which a busy machine may exceed. */
  const heard = async <T>(call: Promise<Result<{ readonly document: T }, ClientFailure>>): Promise<T | null> => {
    const answer = await call;
    if (answer.ok) return answer.value.document;
    if (answer.error.kind === "unreachable" && daemon?.running()) return null;
    // Where it has died, its last words are wanted.
    await Promise.race([daemon?.ended, delay(1000)]);
    throw new Error(`${answer.error.message}\n${log()}`);
  };
  const screen = () => until("an answer with the screen", () => heard(client.screen()));
  const status = () => until("an answer with the status", () => heard(client.status()));
  const untilFits = <T>(what: string, look: () => Promise<T | null>, fits: (seen: T) => boolean, limitMs?: number) => {
    let last: T | null = null;
    return until(
      () => `${what} instead of ${JSON.stringify(last)}\n${log().slice(-4000)}`,
      async () => {
        last = await look();
        return last !== null && fits(last) ? last : null;
      },
      limitMs,
    );
  };
  const enter = async (request: KeysRequest) => {
    const after = await heard(client.keys(request));
    // Asked again, they might be pressed twice.
    if (after === null) throw new Error(`no answer to ${JSON.stringify(request)}\n${log()}`);
    return after;
  };

  return {
    start: async () => {
      if (daemon?.running()) throw new Error("it runs already");
      daemon = await lab.start([...command, "run", "--config", config]);
      const { running } = daemon;
      await until("an answer on the control socket", async () => {
        if (!running()) throw new Error(`it ended: ${log()}`);
        return (await client.status()).ok;
      });
    },
    stop: async (signal = "SIGTERM") => {
      await daemon?.kill(signal);
    },
    running: () => daemon?.running() ?? false,
    pid: () => daemon?.pid ?? null,
    screen,
    status,
    press: (...keys) => enter({ keys: [...keys] }),
    type: (text) => enter({ text }),
    order: async (document, signal) => {
      const report = await heard(client.order(JSON.stringify(document), signal));
      if (report === null) throw new Error(`no answer to an order\n${log()}`);
      return report;
    },
    cancelOrder: async () => (await heard(client.cancelOrder()))?.canceled ?? false,
    untilScreen: (wanted, limitMs) => {
      const ids = typeof wanted === "string" ? [wanted] : wanted;
      return untilFits(
        ids.join(" or "),
        () => heard(client.screen()),
        (seen) => ids.includes(seen.screen),
        limitMs,
      );
    },
    untilStatus: (fits, limitMs) => untilFits("another status", () => heard(client.status()), fits, limitMs),
    settings: () => readSettings(createFiles(), join(folder, "state/settings")),
    log,
  };
}
