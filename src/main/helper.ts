import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import { createProcesses } from "../../hal/linux/processes.ts";
import type { Config } from "../config/config.ts";
import { activationSocket } from "../helper/activation.ts";
import { createAnswer } from "../helper/answer.ts";
import { maxScanRequestBytes } from "../helper/scan/client.ts";
import { scanVerbs } from "../helper/scan/verbs.ts";
import { sealVerbs } from "../helper/seal/verbs.ts";
import { answerOnce, serveHelper } from "../helper/server.ts";
import type { VerbTable } from "../helper/verb.ts";
import { verbs } from "../helper/verbs.ts";
import type { Log } from "../model/log.ts";

export type HelperDuty = "ports" | "inside" | "seal";

interface Duty {
  readonly verbs: VerbTable;
  readonly maxRequestBytes?: number;
}

const duties: Readonly<Record<HelperDuty, Duty>> = {
  ports: { verbs },
  inside: { verbs: scanVerbs, maxRequestBytes: maxScanRequestBytes },
  seal: { verbs: sealVerbs },
};

export interface HelperParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly files: Files;
  readonly log: Log;
  /** Which one it is: beside the two ports, inside the namespace of the scans, or of the secrets. */
  readonly duty: HelperDuty;
  readonly signal: AbortSignal;
}

/**
 * `bezel helper [--inside | --seal]`: what holds the rights that the daemon does not. Started by systemd with a socket, it answers until nobody
 * has come for a while; else it answers one request from standard input. Rejects with a HalError when it cannot listen.
 */
export async function runHelper({ config, clock, files, log, duty, signal }: HelperParts): Promise<void> {
  const processes = createProcesses();
  const { lan, wan } = config.network;
  const ethernet = createEthernetPorts({ files, processes, clock });
  const machine = { interfaces: { lan, wan }, ethernet, processes };
  const { verbs, ...limits } = duties[duty];
  const common = { answer: createAnswer({ machine, log, verbs }), clock, signal, ...limits };
  const listen = activationSocket(process.env, process.pid);
  if (listen !== null) return serveHelper({ ...common, listen });
  await answerOnce({ ...common, input: process.stdin, output: process.stdout });
  process.stdin.destroy();
}
