import { isIP } from "node:net";
import type { Clock } from "../../hal/clock.ts";
import type { FindSourceAddress } from "../../hal/source-address.ts";
import { nameCurlFailure } from "../connectivity/curl-failure.ts";
import type { Https, HttpsOutcome } from "../https/https.ts";
import { accessBy, type ProxyOffers } from "../https/proxy-offers.ts";
import type { ProxyPlace } from "../https/proxy-scheme.ts";
import { requestByProxy } from "../https/request-by-proxy.ts";
import type { MachineNames } from "./machine-names.ts";
import type { ProxyOption } from "./proxy-option.ts";
import { nothingSeen, type Seen } from "./seen.ts";
import type { Target } from "./target.ts";
import { lookRequest, pageRequest } from "./way-to.ts";

export interface HostParts {
  readonly names: MachineNames;
  readonly https: Https;
  /** One for all hosts, which have the proxy in common. */
  readonly offers: ProxyOffers;
  readonly clock: Clock;
  readonly findSourceAddress: FindSourceAddress;
}

/** Looks at one host, one rung after the other, and notes what it sees. Rejects with the signal's reason. */
export async function checkHost(
  target: Target,
  proxy: ProxyPlace | null,
  { names, https, offers, clock, findSourceAddress }: HostParts,
  signal: AbortSignal,
  note: (seen: Seen) => void,
): Promise<void> {
  let seen = nothingSeen(target, withoutPassword(proxy));
  const add = (change: Partial<Seen>) => {
    signal.throwIfAborted();
    seen = { ...seen, ...change };
    note(seen);
  };
  note(seen);
  const { host } = proxy ?? target;
  let addresses: readonly string[] = [host];
  if (isIP(host) === 0) {
    const startedMs = clock.monotonic();
    const { resolved, warning } = await names.resolve(host, signal);
    add({ dns: resolved, dnsMs: clock.monotonic() - startedMs, nameWarning: warning });
    addresses = resolved.kind === "addresses" ? resolved.addresses : [];
  }
  const [address = unreachableServer(seen)] = addresses;
  if (address !== undefined) add({ source: await findSourceAddress(address) });
  if (addresses.length === 0) return;

  const request = pageRequest(seen, proxy, signal);
  const { outcome, asked } = await requestByProxy({ https, offers }, request);
  const access = proxy === null ? null : accessBy(proxy, asked?.by ?? "none");
  const look = showsSomebody(outcome, proxy !== null) ? await https.look(lookRequest(request, access, signal)) : null;
  add({ contact: outcome, asked, look: look?.kind === "seen" ? look : null, lookedAtMs: clock.now() });
}

export function withoutPassword(proxy: ProxyPlace | null): ProxyOption | null {
  return proxy === null ? null : { host: proxy.host, port: proxy.port, user: proxy.account?.user ?? null };
}

/** Somebody spoke TLS, or tried to: worth a look. Not who was silent, and would be waited for twice. */
function showsSomebody(outcome: HttpsOutcome, viaProxy: boolean): boolean {
  if (outcome.kind !== "failed") return outcome.kind === "reply" || outcome.kind === "tooLarge";
  const { code, rung } = nameCurlFailure(outcome, viaProxy);
  return code !== "timeout" && (rung === "tls" || rung === "http");
}

/** The DNS server that a rule has to be made for. */
function unreachableServer({ dns }: Seen): string | undefined {
  return dns?.kind === "unreachable" ? dns.servers.find((server) => isIP(server) !== 0) : undefined;
}
