import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import { createEthernetPorts } from "../../hal/linux/ethernet.ts";
import { createProcesses } from "../../hal/linux/processes.ts";
import type { Config } from "../config/config.ts";
import { activationSocket } from "../helper/activation.ts";
import { createAnswer } from "../helper/answer.ts";
import { maxScanRequestBytes } from "../helper/scan/client.ts";
import { scanVerbs } from "../helper/scan/verbs.ts";
import { answerOnce, serveHelper } from "../helper/server.ts";
import { verbs } from "../helper/verbs.ts";
import type { Log } from "../model/log.ts";

export interface HelperParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly files: Files;
  readonly log: Log;
  /** It is the one in the namespace of the scans. */
  readonly inside: boolean;
  readonly signal: AbortSignal;
}

/**
 * `bezel helper [--inside]`: what holds the rights that the daemon does not. Started by systemd with a socket, it answers until nobody
 * has come for a while; else it answers one request from standard input. Rejects with a HalError when it cannot listen.
 */
export async function runHelper({ config, clock, files, log, inside, signal }: HelperParts): Promise<void> {
  const processes = createProcesses();
  const { lan, wan } = config.network;
  const ethernet = createEthernetPorts({ files, processes, clock });
  const machine = { interfaces: { lan, wan }, ethernet, processes };
  const answer = createAnswer({ machine, log, verbs: inside ? scanVerbs : verbs });
  const common = { answer, clock, signal, ...(inside ? { maxRequestBytes: maxScanRequestBytes } : {}) };
  const listen = activationSocket(process.env, process.pid);
  if (listen !== null) return serveHelper({ ...common, listen });
  await answerOnce({ ...common, input: process.stdin, output: process.stdout });
  process.stdin.destroy();
}
