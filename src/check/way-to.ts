import type { LookRequest } from "../https/https.ts";
import type { ProxyPlace } from "../https/proxy-scheme.ts";
import type { ProxiedRequest } from "../https/request-by-proxy.ts";
import type { Seen } from "./seen.ts";
import { nameTarget } from "./target.ts";

/** The guide's limit for reaching a server, and some time for a front page. */
const timeouts = { connectTimeoutMs: 30_000, totalTimeoutMs: 40_000 } as const;
/** Front pages are smaller; of a larger one it is known that it came. */
const maxPageBytes = 4 * 1024 * 1024;

/** A GET of a host's front page, the certificate verified, by what is known of the way. */
export function pageRequest({ target, dns }: Seen, proxy: ProxyPlace | null, signal: AbortSignal): ProxiedRequest {
  const { host, port } = proxy ?? target;
  return {
    method: "GET",
    url: `https://${nameTarget(target)}/`,
    body: null,
    resolved: dns?.kind === "addresses" ? [{ host, port, addresses: dns.addresses }] : [],
    proxy,
    identity: null,
    authorityFile: target.authority?.file ?? null,
    // The routes decide.
    interface: null,
    ...timeouts,
    maxReplyBytes: maxPageBytes,
    signal,
  };
}

/** A look at who answers such a request. */
export function lookRequest(
  { url, resolved, connectTimeoutMs, totalTimeoutMs }: ProxiedRequest,
  proxy: LookRequest["proxy"],
  signal: AbortSignal,
): LookRequest {
  return { url, resolved, proxy, interface: null, connectTimeoutMs, totalTimeoutMs, signal };
}
