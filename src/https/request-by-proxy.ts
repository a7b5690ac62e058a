import type { Https, HttpsOutcome, HttpsRequest, LookOutcome, LookRequest, ProxyAccess } from "./https.ts";
import { accessBy, type KnownProxy, type ProxyOffers } from "./proxy-offers.ts";
import type { ProxyPlace } from "./proxy-scheme.ts";

/** How a proxy was asked, for whoever finds out what is wrong with it. */
export interface ProxyAsked extends KnownProxy {
  /** What answers at its port where that is no HTTP proxy; null: nothing that is known here. */
  readonly speaks: "tls" | "socks" | null;
}

export interface ProxiedOutcome {
  readonly outcome: HttpsOutcome;
  /** null: there was no proxy. */
  readonly asked: ProxyAsked | null;
}

export type ProxiedRequest = Omit<HttpsRequest, "proxy"> & { readonly proxy: ProxyPlace | null };

/**
 * Makes a request, by a proxy in the way that the proxy offers. One whose offer is not known is first asked without credentials:
 * by Basic they go in clear text, and a proxy that wants NTLM must not get them so. Where that shows already that there is no
 * way, its failure is the outcome.
 */
export async function requestByProxy(
  { https, offers }: { readonly https: Https; readonly offers: ProxyOffers },
  request: ProxiedRequest,
): Promise<ProxiedOutcome> {
  const { proxy } = request;
  if (proxy === null) return { outcome: await https.request({ ...request, proxy }), asked: null };
  const known = offers.known(proxy);
  const way =
    known !== null && isSpoken(known) ? { known, ended: null } : await find({ https, offers }, request, proxy);
  const access = accessBy(proxy, way.known.by);
  const outcome = way.ended ?? (await https.request({ ...request, proxy: access }));
  const isRefused = outcome.kind === "failed" && outcome.proxyStatus === 407;
  if (isRefused) offers.forget();
  if (way.ended === null && access.credentials !== null) judge(offers, proxy, outcome, isRefused);
  const speaks = isNoHttp(outcome) ? await whatSpeaks(https, request, proxy) : null;
  return { outcome, asked: { ...way.known, speaks } };
}

/** What did not get as far as the proxy's answer says nothing of the account. */
function judge(offers: ProxyOffers, proxy: ProxyPlace, outcome: HttpsOutcome, isRefused: boolean): void {
  if (isRefused) offers.judged(proxy, "refused");
  else if (outcome.kind === "reply" || (outcome.kind === "failed" && isTunnel(outcome.proxyStatus))) {
    offers.judged(proxy, "passed");
  }
}

function isTunnel(proxyStatus: number): boolean {
  return proxyStatus >= 200 && proxyStatus <= 299;
}

interface Found {
  readonly known: KnownProxy;
  /** Why it makes no sense to go on; null: it does. */
  readonly ended: HttpsOutcome | null;
}

async function find(
  { https, offers }: { readonly https: Https; readonly offers: ProxyOffers },
  request: ProxiedRequest,
  proxy: ProxyPlace,
): Promise<Found> {
  const seen = await https.look(lookBy(request, accessBy(proxy, "none"), request.connectTimeoutMs));
  const unknown: KnownProxy = { by: "none", offers: null };
  if (seen.kind !== "seen") return { known: unknown, ended: seen };
  const { exitCode, proxyStatus, message, timings } = seen;
  const failure: HttpsOutcome = { kind: "failed", exitCode, proxyStatus, message, timings };
  if (proxyStatus === 407) {
    const known = offers.learn(proxy, seen.proxySchemes);
    return { known, ended: isSpoken(known) && offers.mayShow(proxy) ? null : failure };
  }
  if (!isTunnel(proxyStatus)) return { known: unknown, ended: failure };
  // It asks for nothing. Beyond it a look may fail where a request does not, which shows our certificate; but not in this way.
  return { known: offers.learn(proxy, null), ended: exitCode === timedOut ? failure : null };
}

/** curl(1), exit codes. */
const timedOut = 28;
const [nothingReceived, receiveFailed] = [52, 56];

function isSpoken({ by }: KnownProxy): boolean {
  return by !== "unspoken" && by !== "ntlm-missing";
}

/** Something took the request for CONNECT and broke off; or it is a web server, which says 400 to plain text at its TLS port. */
function isNoHttp(outcome: HttpsOutcome): boolean {
  if (outcome.kind !== "failed") return false;
  const { proxyStatus, exitCode } = outcome;
  return proxyStatus === 400 || (proxyStatus === 0 && (exitCode === nothingReceived || exitCode === receiveFailed));
}

/** For each of two questions that are asked at the same time. */
const speakTimeoutMs = 3000;

async function whatSpeaks(https: Https, request: ProxiedRequest, proxy: ProxyPlace): Promise<ProxyAsked["speaks"]> {
  const access = accessBy(proxy, "none");
  const ask = (proxyProtocol: "https" | "socks5h") =>
    https.look({ ...lookBy(request, access, speakTimeoutMs), proxyProtocol });
  const [tls, socks] = await Promise.all([ask("https"), ask("socks5h")]);
  if (saidSomething(tls) || (tls.kind === "seen" && tls.exitCode === receiveFailed)) return "tls";
  return saidSomething(socks) || (socks.kind === "seen" && socksRefusal.test(socks.message)) ? "socks" : null;
}

/** To CONNECT inside of TLS; or the platform itself behind SOCKS, which may show its certificate and refuse us without ours. */
function saidSomething(seen: LookOutcome): boolean {
  return seen.kind === "seen" && (seen.proxyStatus !== 0 || seen.status !== 0 || seen.certificates.length > 0);
}

/** curl(1) of a SOCKS server that understood it, and refuses or cannot connect. */
const socksRefusal = /No authentication method was acceptable|SOCKS5 (GSS-API|.*rejected)|complete SOCKS5 connection/i;

function lookBy(
  { url, resolved, interface: port, signal }: ProxiedRequest,
  proxy: ProxyAccess,
  limitMs: number,
): LookRequest {
  return {
    ...{ url, resolved, proxy, interface: port, connectTimeoutMs: limitMs, totalTimeoutMs: limitMs },
    ...(signal === undefined ? {} : { signal }),
  };
}
