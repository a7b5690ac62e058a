import type { HttpsOutcome } from "../https/https.ts";
import type { ProxyAsked } from "../https/request-by-proxy.ts";
import type { Evidence } from "./evidence.ts";
import type { FaultCode } from "./fault-code.ts";
import { broken } from "./rung.ts";

/**
 * What it means that a proxy opened no way to the platform. `named` and `detail` are what curl's failure says by itself; how the
 * proxy was asked, and what it is, says more.
 */
export function judgeProxy(
  evidence: Evidence,
  { exitCode }: Pick<Extract<HttpsOutcome, { kind: "failed" }>, "exitCode">,
  { code: general, status }: { readonly code: FaultCode; readonly status?: number },
  detail: string,
): ReturnType<typeof broken> {
  const asked = evidence.contact?.asked ?? null;
  const code = codeOf(general, status, asked);
  return broken(evidence, code, detail + moreOf(evidence, status, asked), {
    ...(status === undefined ? {} : { status }),
    // curl(1): the handshake with a proxy failed.
    ...(exitCode === 97 ? { when: "proxy-handshake" as const } : {}),
    ...(code === "proxy-http-407" && asked?.by === "ntlm" ? { when: "ntlm" as const } : {}),
  });
}

function codeOf(general: FaultCode, status: number | undefined, asked: ProxyAsked | null): FaultCode {
  if (general === "proxy-http-407" && asked?.by === "unspoken") return "proxy-auth-unspoken";
  if (general === "proxy-http-407" && asked?.by === "ntlm-missing") return "proxy-ntlm-missing";
  if (general === "proxy-http" && status !== undefined && status >= 300 && status <= 399) return "proxy-redirects";
  if (general === "receive-failed" && asked?.speaks != null) return `proxy-speaks-${asked.speaks}`;
  return general;
}

/** As the end of a detail; empty where nothing more is known. */
function moreOf({ settings: { proxy } }: Evidence, status: number | undefined, asked: ProxyAsked | null): string {
  if (asked === null) return "";
  if (asked.speaks !== null) return `; that port speaks ${asked.speaks.toUpperCase()}`;
  if (status !== 407) return "";
  const { by, offers } = asked;
  switch (by) {
    case "basic":
    case "ntlm":
      return `; it refuses user ${proxy?.user} or the password, by ${schemeName(by)}`;
    case "none":
      return offers === null ? "" : `; it wants ${listOf(offers)}`;
    case "unspoken":
    case "ntlm-missing":
      return `; it offers ${listOf(offers)}, and ${by === "unspoken" ? "only Basic and NTLM are spoken here" : "this curl lacks NTLM"}`;
  }
}

function listOf(schemes: ProxyAsked["offers"]): string {
  return schemes === null || schemes.length === 0 ? "no scheme" : schemes.map(schemeName).join(", ");
}

/** A scheme as it is written by people. */
export function schemeName(scheme: string): string {
  return scheme === "ntlm" ? "NTLM" : scheme.charAt(0).toUpperCase() + scheme.slice(1);
}
