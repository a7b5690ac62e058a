import type { HttpsRequest, ProxyAccess } from "../https/https.ts";
import type { ProxyAsking } from "../https/proxy-scheme.ts";
import type { CheckProxy } from "./check-host.ts";
import type { Seen } from "./seen.ts";
import { nameTarget, type Target } from "./target.ts";

/** The guide's limit for reaching a server, and some time for a front page. */
const timeouts = { connectTimeoutMs: 30_000, totalTimeoutMs: 40_000 } as const;
/** Front pages are smaller; of a larger one it is known that it came. */
const maxPageBytes = 4 * 1024 * 1024;

/** What a look and a request for the same page have in common. */
export type WayTo = Pick<
  HttpsRequest,
  "url" | "resolved" | "proxy" | "interface" | "connectTimeoutMs" | "totalTimeoutMs" | "signal"
>;

/** The way to a host's front page, by what was seen of it so far. */
export function wayTo({ target, dns, proxy: seenProxy }: Seen, proxy: CheckProxy | null, signal: AbortSignal): WayTo {
  const { host, port } = proxy ?? target;
  return {
    url: `https://${nameTarget(target)}/`,
    resolved: dns?.kind === "addresses" ? [{ host, port, addresses: dns.addresses }] : [],
    proxy: proxy === null ? null : { host, port, credentials: credentialsOf(proxy, seenProxy?.asking ?? "none") },
    // The routes decide.
    interface: null,
    ...timeouts,
    signal,
  };
}

function credentialsOf({ user, password }: CheckProxy, asking: ProxyAsking): ProxyAccess["credentials"] {
  if (user === null || (asking !== "basic" && asking !== "ntlm")) return null;
  return { user, password: password ?? "", scheme: asking };
}

/** A GET by this way, the certificate verified. */
export function pageRequest({ authority }: Pick<Target, "authority">, way: WayTo): HttpsRequest {
  const authorityFile = authority?.file ?? null;
  return { ...way, method: "GET", body: null, identity: null, authorityFile, maxReplyBytes: maxPageBytes };
}
