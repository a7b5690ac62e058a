import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import type { z } from "zod";
import type { Resolved, Resolver } from "../../hal/resolver.ts";
import type { Https, HttpsOutcome } from "../https/https.ts";
import type { ProxyOffers } from "../https/proxy-offers.ts";
import type { ProxyPlace } from "../https/proxy-scheme.ts";
import { type ProxyAsked, requestByProxy } from "../https/request-by-proxy.ts";
import type { Result } from "../model/result.ts";
import type { Identity, IdentityProblem } from "./identity.ts";
import { readJson } from "./json.ts";
import {
  errorSchema,
  maxReplyBytes,
  type PollReply,
  type PollRequest,
  pollReplySchema,
  pollUrl,
  type RefusalReason,
  refusalSchema,
} from "./protocol.ts";

/** How the platform is reached: the management port as it is now. */
export interface Way {
  readonly family: 4 | 6;
  /** DNS servers of the management port, in order. */
  readonly servers: readonly string[];
  /** The management port's address; null lets the kernel choose. */
  readonly source: string | null;
  /** As curl's `interface`; null lets the routes decide. */
  readonly interface: string | null;
  readonly proxy: ProxyPlace | null;
}

/** How one poll ended. Whatever is not `ok` has changed nothing. */
export type PollOutcome =
  | { readonly kind: "ok"; readonly reply: PollReply }
  /** Nothing may be sent now: it would not go by the management port. */
  | { readonly kind: "noWay" }
  /** There is no device key and certificate, and none can be stored. */
  | { readonly kind: "noIdentity"; readonly problem: IdentityProblem }
  /** The management port has no DNS servers to ask for `name`. */
  | { readonly kind: "noServers"; readonly target: "platform" | "proxy"; readonly name: string }
  | {
      readonly kind: "unresolved";
      readonly target: "platform" | "proxy";
      readonly name: string;
      readonly answer: Exclude<Resolved, { kind: "addresses" }>;
    }
  | {
      readonly kind: "transport";
      readonly outcome: Extract<HttpsOutcome, { kind: "failed" | "unavailable" }>;
      /** How the proxy was asked; null without one. */
      readonly asked: ProxyAsked | null;
    }
  /**
   * An HTTP status other than 200. `reason` is null unless the platform gave one with its 403; `message` is what it says to
   * people, null where the body is not its own.
   */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly reason: RefusalReason | null;
      readonly message: string | null;
    }
  /** Status 200, but not what the platform says. */
  | { readonly kind: "badReply"; readonly problem: string };

/** The request without the nonce, which each exchange draws afresh. */
export type PollReport = Omit<PollRequest, "nonce">;

export interface ExchangeOptions {
  readonly https: Https;
  readonly offers: ProxyOffers;
  readonly resolver: Resolver;
  /** The platform, `https:`; a name or a literal address. */
  readonly platformUrl: string;
  /** PEM file of the authorities to trust; null: the system's. */
  readonly authorityFile: string | null;
  readonly identity: () => Promise<Result<Identity, IdentityProblem>>;
}

/** The guide's limit for reaching a server, and as much again for a slow reply. */
export const connectTimeoutMs = 30_000;
const totalTimeoutMs = 60_000;
/** With all that is looked at after a failure this stays within 10 s. */
export const resolveTimeoutMs = 6000;

/**
 * One poll: one question to the resolver at most, and one request; neither without a way. By a proxy that wants to be known, and
 * whose offer is not, that is looked at before. null: aborted.
 */
export async function exchange(
  options: ExchangeOptions,
  way: Way | null,
  report: PollReport,
  signal: AbortSignal,
): Promise<PollOutcome | null> {
  if (way === null) return { kind: "noWay" };
  const identity = await options.identity();
  if (!identity.ok) return { kind: "noIdentity", problem: identity.error };

  const target = way.proxy === null ? "platform" : "proxy";
  const { host, port } = way.proxy ?? hostAndPort(options.platformUrl);
  const resolved = [];
  if (isIP(host) === 0) {
    if (way.servers.length === 0) return { kind: "noServers", target, name: host };
    const { family, servers, source } = way;
    const question = { name: host, family, servers, source, timeoutMs: resolveTimeoutMs, signal };
    const answer = await options.resolver.resolve(question).catch(nullIfAborted(signal));
    if (answer === null || signal.aborted) return null;
    if (answer.kind !== "addresses") return { kind: "unresolved", target, name: host, answer };
    resolved.push({ host, port, addresses: answer.addresses });
  }

  const nonce = randomBytes(16).toString("base64url");
  const { outcome, asked } = await requestByProxy(options, {
    method: "POST",
    url: pollUrl(options.platformUrl),
    body: Buffer.from(JSON.stringify({ nonce, ...report } satisfies PollRequest)),
    resolved,
    proxy: way.proxy,
    identity: identity.value,
    authorityFile: options.authorityFile,
    interface: way.interface,
    connectTimeoutMs,
    totalTimeoutMs,
    maxReplyBytes,
    signal,
  });
  return judge(outcome, nonce, asked);
}

/** The resolver rejects with the signal's reason; anything else is a bug. */
function nullIfAborted(signal: AbortSignal): (error: unknown) => null {
  return (error) => {
    if (signal.aborted) return null;
    throw error;
  };
}

/** Where a URL leads to, an IPv6 address without its brackets. */
export function hostAndPort(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 443 : Number(port) };
}

/** What an answer to a request with this nonce means. null: aborted. */
export function judge(outcome: HttpsOutcome, nonce: string, asked: ProxyAsked | null = null): PollOutcome | null {
  switch (outcome.kind) {
    case "aborted":
      return null;
    case "failed":
    case "unavailable":
      return { kind: "transport", outcome, asked };
    case "tooLarge":
      return { kind: "badReply", problem: `longer than ${outcome.maxReplyBytes} bytes` };
    case "reply":
      if (outcome.status !== 200) {
        const { status } = outcome;
        return { kind: "refused", status, ...saidIn(outcome.body, status) };
      }
      return judgeBody(outcome.body, nonce);
  }
}

function saidIn(
  body: Uint8Array,
  status: number,
): Pick<Extract<PollOutcome, { kind: "refused" }>, "reason" | "message"> {
  const read = readJson(body);
  if (!read.ok) return { reason: null, message: null };
  const refusal = status === 403 ? refusalSchema.safeParse(read.value).data : undefined;
  if (refusal !== undefined) return { reason: refusal.reason, message: refusal.message || null };
  return { reason: null, message: errorSchema.safeParse(read.value).data?.message || null };
}

function judgeBody(body: Uint8Array, nonce: string): PollOutcome {
  const read = readJson(body);
  if (!read.ok) return { kind: "badReply", problem: read.error };
  const reply = pollReplySchema.safeParse(read.value);
  if (!reply.success) return { kind: "badReply", problem: firstIssue(reply.error) };
  if (reply.data.nonce !== nonce) return { kind: "badReply", problem: "nonce: not the one of the request" };
  return { kind: "ok", reply: reply.data };
}

/** Where and what, for a log and a detail line: one printable line, whatever the far side named its fields. */
function firstIssue({ issues: [issue] }: z.ZodError): string {
  const text = `${issue?.path.join(".")}: ${issue?.message}`;
  return text
    .replace(/^: /, "")
    .replace(/[^ -~]/g, "?")
    .slice(0, 200);
}
