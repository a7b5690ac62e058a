import { isIP } from "node:net";
import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import type { Resolver } from "../../hal/resolver.ts";
import { readChain, splitPem } from "../connectivity/certificate.ts";
import type { Evidence } from "../connectivity/evidence.ts";
import type { LadderParts } from "../connectivity/ladder.ts";
import type { Https } from "../https/https.ts";
import { accessBy, type ProxyOffers } from "../https/proxy-offers.ts";
import type { Log } from "../model/log.ts";
import type { Settings } from "../model/settings.ts";
import { hostAndPort, type Way } from "../uplink/exchange.ts";
import { pollUrl } from "../uplink/protocol.ts";
import { wayOf } from "./way.ts";

export interface LookParts {
  readonly https: Pick<Https, "look">;
  readonly offers: Pick<ProxyOffers, "known">;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly files: Pick<Files, "read">;
  readonly log: Log;
  /** The platform, `https:`. */
  readonly platformUrl: string;
  /** PEM file of the authorities to trust; null: the system's. */
  readonly authorityFile: string | null;
  /** The password that these settings name. */
  readonly proxyPassword: (settings: Settings) => string | null;
}

/**
 * A look comes after a contact that got as far as TLS, so that what it needs has just been well. Together with the question for
 * the name before that contact it stays within 10 s when all hangs.
 */
const resolveMs = 1500;
const transferMs = 2500;

/** The system's bundle has about 200 KB. */
const maxAuthorityBytes = 1024 * 1024;

/** Looks at who answers for the platform, by the way that a poll takes. */
export function createLook(parts: LookParts): NonNullable<LadderParts["look"]> {
  const { https, offers, clock, platformUrl, proxyPassword } = parts;
  return async (evidence, signal) => {
    const way = wayOf(evidence, proxyPassword(evidence.settings));
    if (way === null) return null;
    const resolved = await resolve(parts, way, evidence.dns, signal);
    if (resolved === null) return null;
    const { proxy } = way;
    const seen = await https.look({
      url: pollUrl(platformUrl),
      resolved,
      // As the contact asked it that got as far as TLS.
      proxy: proxy && accessBy(proxy, evidence.contact?.asked?.by ?? offers.known(proxy)?.by ?? "none"),
      interface: way.interface,
      connectTimeoutMs: transferMs,
      totalTimeoutMs: transferMs,
      signal,
    });
    if (seen.kind !== "seen") return null;
    const { exitCode, message, date, location } = seen;
    const chain = readChain(seen.certificates, hostAndPort(platformUrl).host, await authorities(parts));
    return { chain, exitCode, message, ourMs: clock.now(), farMs: instantOf(date), location };
  };
}

type Addresses = readonly { readonly host: string; readonly port: number; readonly addresses: readonly string[] }[];

/** null: the name has no address any more. */
async function resolve(
  { resolver, platformUrl }: LookParts,
  { proxy, family, servers, source }: Way,
  known: Evidence["dns"],
  signal: AbortSignal,
): Promise<Addresses | null> {
  const { host, port } = proxy ?? hostAndPort(platformUrl);
  if (isIP(host) !== 0) return [];
  if (known?.kind === "addresses") return [{ host, port, addresses: known.addresses }];
  if (servers.length === 0) return null;
  const answer = await resolver.resolve({ name: host, family, servers, source, timeoutMs: resolveMs, signal });
  return answer.kind === "addresses" ? [{ host, port, addresses: answer.addresses }] : null;
}

/** Those of the configuration; null: the system's, of which curl's own words have to do. */
async function authorities({ files, authorityFile, log }: LookParts): Promise<readonly string[] | null> {
  if (authorityFile === null) return null;
  try {
    return splitPem(Buffer.from(await files.read(authorityFile, maxAuthorityBytes)).toString("latin1"));
  } catch (error) {
    log.warn({ authorityFile, error: String(error) }, "the authorities of the configuration cannot be read");
    return null;
  }
}

function instantOf(date: string | null): number | null {
  const ms = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? null : ms;
}
