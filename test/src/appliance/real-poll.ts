import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../hal/clock.ts";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { createFiles } from "../../../hal/linux/files.ts";
import { createProcesses } from "../../../hal/linux/processes.ts";
import { evidenceOf } from "../../../src/appliance/evidence.ts";
import { createLook } from "../../../src/appliance/look.ts";
import { wayOf } from "../../../src/appliance/way.ts";
import { createLadder } from "../../../src/connectivity/ladder.ts";
import { createCurlHttps } from "../../../src/https/curl.ts";
import type { Https, HttpsRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import type { Fault } from "../../../src/model/fault.ts";
import { silentLog } from "../../../src/model/log.ts";
import { ok } from "../../../src/model/result.ts";
import { exchange } from "../../../src/uplink/exchange.ts";
import { type Authority, createAuthority, createSelfSigned } from "../../support/certificates.ts";
import type { Listening } from "../../support/https-server.ts";
import { someFacts } from "../../support/some-facts.ts";
import { emptyReport } from "../../support/some-report.ts";

/** Polls by a real curl with shorter limits, and all that is looked at when one fails. */
export interface RealPoll {
  /** Whom the box trusts; its certificate is the file `ca.pem`. */
  readonly authority: Authority;
  /** The path of a file that lasts as long as this. */
  file(name: string): string;
  /** One poll of that server, which ends with it; what the box says of it, and null when it was a good one. */
  faultOf(listening: Promise<Listening>, limits?: Limits): Promise<Fault | null>;
  close(): Promise<void>;
}

type Limits = Pick<HttpsRequest, "connectTimeoutMs" | "totalTimeoutMs">;

/** No machine is so busy that one who answers at once were cut short. */
const patient: Limits = { connectTimeoutMs: 20_000, totalTimeoutMs: 20_000 };
/** For a far side that hangs. */
export const impatient: Limits = { connectTimeoutMs: 700, totalTimeoutMs: 1000 };

/** The box knows the platform as `platform.example`, on loopback. */
export async function createRealPoll(clock: Clock = createSystemClock()): Promise<RealPoll> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-real-poll-"));
  const file = (name: string) => join(folder, name);
  const authority = await createAuthority("Platform Authority");
  const device = await createSelfSigned({ commonName: "device" });
  await writeFile(file("ca.pem"), authority.certificate);
  await writeFile(file("device.pem"), device.certificate);
  await writeFile(file("device.key"), device.key);

  const curl = createCurlHttps({ processes: createProcesses() });
  const within = (limits: Limits): Https => ({
    request: (request) => curl.request({ ...request, ...limits }),
    look: (request) => curl.look({ ...request, ...limits }),
  });
  const resolver = {
    resolve: async () => ({ kind: "addresses" as const, addresses: ["127.0.0.1"], server: "10.77.0.1" }),
  };
  const identity = async () =>
    ok({ certificateFile: file("device.pem"), keyFile: file("device.key"), fingerprint: "" });
  const facts = someFacts();

  return {
    authority,
    file,
    faultOf: async (listening, limits = patient) => {
      const https = within(limits);
      const { port, close } = await listening;
      const platformUrl = `https://platform.example:${port}`;
      const offers = createProxyOffers({ curlHasNtlm: () => true, clock });
      const far = { https, offers, resolver, platformUrl, authorityFile: file("ca.pem"), identity };
      const look = createLook({ ...far, clock, files: createFiles(), log: silentLog, proxyPassword: () => null });
      const signal = new AbortController().signal;
      try {
        const outcome = await exchange(far, wayOf(facts, null), emptyReport, signal);
        if (outcome === null) throw new Error("nobody has given it up");
        if (outcome.kind === "ok") return null;
        const seen = evidenceOf(outcome, facts, { platformHost: "platform.example", curl: null });
        const { fault } = await createLadder({ resolver, clock, look }).climb(seen, signal);
        if (fault === null) throw new Error(`a failure without a name: ${JSON.stringify(outcome)}`);
        return fault;
      } finally {
        await close();
      }
    },
    close: () => rm(folder, { recursive: true }),
  };
}
