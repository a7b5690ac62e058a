import { randomBytes } from "node:crypto";
import {
  bandwidthBytes,
  bandwidthPath,
  type PollRequest,
  pollPath,
  pollRequestSchema,
} from "../src/uplink/protocol.ts";
import { type PlatformAnswer, refusalMessages, refusingAnswers } from "./answer.ts";
import type { Appliance } from "./appliance.ts";
import { makeServerCertificate, type ServerCertificate } from "./certificates.ts";
import { createFleet, type Fleet, type Operations } from "./fleet.ts";
import { createListener, type Listener, type Received, type Sent } from "./listener.ts";
import { createMemoryStore, type PlatformStore } from "./store.ts";

export { type PlatformAnswer, platformAnswers } from "./answer.ts";
export type { Appliance, ApplianceChange, PlatformJob } from "./appliance.ts";
export type { KnownAppliance, LastPoll, Operations, Outcome } from "./fleet.ts";
export { createFolderStore, createMemoryStore, type PlatformStore } from "./store.ts";

export interface PlatformOptions {
  /** The DNS name in its certificate and URL. */
  readonly hostName: string;
  /** The address to listen on, by default 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, picks one. */
  readonly port?: number;
  /** By default nothing is kept. */
  readonly store?: PlatformStore;
  /** The platform's clock: milliseconds since 1970. */
  readonly now: () => number;
  /** Something could not be stored; the platform goes on without. */
  readonly storeFailed?: (error: unknown) => void;
}

/** What an operator and a fault injector may do. */
export interface PlatformControl extends Operations {
  answer(): PlatformAnswer;
  /** Resolves when connections from now on meet the new answer. One call at a time. */
  setAnswer(answer: PlatformAnswer): Promise<void>;
}

export interface Platform {
  /** Opens the port. Rejects when it is taken or the store is damaged. Call it once. */
  start(): Promise<Started>;
  /** Closes the port and every connection, and resolves when all is stored. Idempotent. */
  stop(): Promise<void>;
  readonly control: PlatformControl;
}

export interface Started {
  /** With the configured host name, which only the caller can resolve. */
  readonly url: string;
  readonly port: number;
  /** The authority to trust. */
  readonly caPem: string;
}

/**
 * The reference platform: real HTTPS with client certificates, what `docs/platform-api.yaml` says, and faults on demand.
 */
export function createPlatform(options: PlatformOptions): Platform {
  const { hostName, host = "127.0.0.1", store = createMemoryStore(), now, storeFailed = () => {} } = options;
  const names = [hostName, "localhost", "127.0.0.1", "::1"];
  const save = (appliances: readonly Appliance[]) => store.save(appliances).catch(storeFailed);
  const fleet = createFleet({ now, save });
  let answer: PlatformAnswer = "ok";
  let open: Open | null = null;

  return {
    control: {
      ...fleet,
      answer: () => answer,
      setAnswer: async (next) => {
        const before = answer;
        answer = next;
        if (open !== null && before !== next) await switchListener(open, before, next);
      },
    },
    start: async () => {
      fleet.restore(await store.load());
      const certificate = await store.certificate(names);
      const listener = createListener({ host, certificate, answer: (received) => respond(received, answer, fleet) });
      const port = await listener.open(options.port ?? 0);
      open = { listener, port, names, certificate };
      await switchListener(open, "ok", answer);
      return { url: `https://${hostName}:${port}`, port, caPem: certificate.caPem };
    },
    stop: async () => {
      await open?.listener.close();
      open = null;
      await save(fleet.all());
    },
  };
}

/** The open port and its regular certificate. */
interface Open {
  readonly listener: Listener;
  readonly port: number;
  readonly names: readonly string[];
  readonly certificate: ServerCertificate;
}

/** Brings the lower layers from one answer to the next. */
async function switchListener(
  { listener, ...open }: Open,
  before: PlatformAnswer,
  next: PlatformAnswer,
): Promise<void> {
  if (next === "refused") return listener.close();
  listener.setFate(next === "hang" || next === "reset" ? next : "serve");
  listener.setCertificate(
    next === "other-certificate"
      ? await makeServerCertificate(open.names, "Bezel Inspecting Gateway")
      : open.certificate,
  );
  if (before === "refused") await listener.open(open.port);
}

function respond({ method, path, body, fingerprint }: Received, answer: PlatformAnswer, fleet: Fleet): Sent {
  // Random, so that nothing on the way can make it shorter.
  if (path === bandwidthPath && method === "GET") {
    return answer === "500" ? error(500, "The platform failed") : { status: 200, body: randomBytes(bandwidthBytes) };
  }
  if (path !== pollPath || method !== "POST") {
    return error(404, `There are only POST ${pollPath} and GET ${bandwidthPath}`);
  }
  if (answer === "401" || fingerprint === null) return error(401, "A device certificate is needed");
  if (answer === "500") return error(500, "The platform failed");
  if (body === null) return error(413, "The request is too long");
  const request = parseRequest(body);
  if (typeof request === "string") return error(400, request);

  const reply = fleet.poll(fingerprint, request, refusingAnswers[answer] ?? null);
  if (typeof reply === "string") return { status: 403, body: { reason: reply, message: refusalMessages[reply] } };
  return { status: 200, body: reply };
}

function error(status: number, message: string): Sent {
  return { status, body: { message } };
}

/** The request, or what is wrong with it. */
function parseRequest(body: string): PollRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "The request is not JSON";
  }
  const parsed = pollRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".")}: ${issue?.message}`.replace(/[^ -~]/g, "?").slice(0, 200);
}
