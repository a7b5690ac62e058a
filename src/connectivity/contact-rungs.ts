import type { HttpsOutcome } from "../https/https.ts";
import { never } from "../model/result.ts";
import { managementPort } from "../model/settings.ts";
import { issuerText } from "./certificate-judgement.ts";
import { answeredBy, judgeTls } from "./contact-look.ts";
import { type CurlFailure, isNoHttp, nameCurlFailure } from "./curl-failure.ts";
import { answerText, unreachableText } from "./dns-words.ts";
import type { Evidence, PlatformAnswer, RefusalReason } from "./evidence.ts";
import type { FaultCode } from "./fault-code.ts";
import { judgeProxy, schemeName } from "./proxy-failure.ts";
import { broken, nameToResolve, type Rung, type RungName, sound, type Verdict } from "./rung.ts";

/** The name of the far side. */
export const dnsRung: Rung = { name: "dns", port: null, check: checkDns };

/** From the first packet to the platform's word, without or with a proxy. A proxy connects on our behalf. */
export function contactRungs(viaProxy: boolean): readonly Rung[] {
  const names = [viaProxy ? "proxy" : "connect", "tls", "http", "platform"] as const;
  return names.map((name) => ({ name, port: null, check: (evidence) => checkContact(name, evidence) }));
}

function checkDns(evidence: Evidence): Verdict {
  const { dns, settings, contact } = evidence;
  const name = nameToResolve(evidence);
  const port = managementPort(settings);
  const unresolved: FaultCode = settings.proxy === null ? `${port}-platform-unresolved` : `${port}-proxy-unresolved`;
  if (name !== null && dns?.kind === "unreachable") {
    return broken(evidence, `${port}-dns-unreachable`, `${dns.servers.join(", ")}: ${unreachableText(dns.code)}`);
  }
  if (name !== null && dns?.kind === "noAnswer") {
    return broken(evidence, unresolved, `${dns.server} says ${answerText(dns.code)} for ${name}`);
  }
  const https = contact?.https;
  if (https?.kind === "failed" && curlFailure(evidence, https).code === "name-unresolved") {
    return broken(evidence, unresolved, saidBy(https));
  }
  if (name === null) return sound("not needed, the far side is given by address");
  if (dns?.kind === "addresses") return sound(`${name} is ${dns.addresses.join(", ")}, says ${dns.server}`);
  // A transfer that got on its way had an address.
  const onItsWay = https?.kind === "reply" || https?.kind === "failed" || https?.kind === "tooLarge";
  return onItsWay ? sound(name) : { state: "unknown", needs: "dns" };
}

function curlFailure(evidence: Evidence, failure: Extract<HttpsOutcome, { kind: "failed" }>): CurlFailure {
  return nameCurlFailure(failure, evidence.settings.proxy !== null);
}

const order: readonly RungName[] = ["dns", "proxy", "connect", "tls", "http", "platform"];

function checkContact(rung: "proxy" | "connect" | "tls" | "http" | "platform", evidence: Evidence): Verdict {
  const { contact, curl, identityProblem } = evidence;
  const first = rung === "proxy" || rung === "connect";
  if (first && identityProblem !== null) return broken(evidence, "device-certificate-missing", identityProblem);
  if (first && curl !== null && !curl.installed) return broken(evidence, "curl-missing", "curl was not found");
  const https = contact?.https;
  switch (https?.kind) {
    case undefined:
    case "aborted":
      return { state: "unknown", needs: "contact" };
    case "unavailable":
      return first ? broken(evidence, "curl-missing", https.message) : { state: "unknown", needs: "contact" };
    case "failed":
      return checkFailed(rung, evidence, https);
    case "tooLarge":
      return rung === "platform"
        ? malformed(evidence, `the reply is longer than ${https.maxReplyBytes} bytes`)
        : reached(rung, evidence);
    case "reply":
      return checkReply(rung, evidence, https, contact?.answer ?? null);
    default:
      return never(https);
  }
}

function checkFailed(
  rung: "proxy" | "connect" | "tls" | "http" | "platform",
  evidence: Evidence,
  failure: Extract<HttpsOutcome, { kind: "failed" }>,
): Verdict {
  const named = curlFailure(evidence, failure);
  const { code } = named;
  if (code === "name-unresolved" || order.indexOf(rung) < order.indexOf(named.rung)) return reached(rung, evidence);
  // What lies above the broken rung was not tried; it has the same cause.
  const detail = failureDetail(evidence, failure, named);
  if (code === "tls-certificate" || code === "device-certificate-refused") {
    return lookedAt(evidence, judgeTls(evidence, failure, code, detail));
  }
  if (code === "reply-malformed") return lookedAt(evidence, broken(evidence, code, detail + answeredBy(evidence.look)));
  return named.rung === "proxy"
    ? judgeProxy(evidence, failure, { ...named, code }, detail)
    : broken(
        evidence,
        code,
        detail,
        order.indexOf(named.rung) > order.indexOf("proxy") ? { when: "behind-proxy" } : {},
      );
}

/** curl names there once more who stands before it in a detail. */
const connectFailed = /^Failed to connect to \S+ port (\d+)[^:]*: (.+)$/;

function failureDetail(
  { settings: { proxy }, platformHost }: Evidence,
  failure: Extract<HttpsOutcome, { kind: "failed" }>,
  { rung, status }: CurlFailure,
): string {
  const said = saidBy(failure);
  const [, port, why = said] = connectFailed.exec(said) ?? [];
  const reason = isNoHttp(failure) ? "the answer is no HTTP" : why;
  if (proxy === null) return `${platformHost}${port === undefined ? "" : ` port ${port}`}: ${reason}`;
  const where = `proxy ${proxy.host}:${proxy.port}`;
  if (status !== undefined) return `${where} answered ${status} for ${platformHost}`;
  return rung === "proxy" ? `${where}: ${reason}` : `${where} is fine, ${platformHost}: ${reason}`;
}

function saidBy({ message, exitCode }: Extract<HttpsOutcome, { kind: "failed" }>): string {
  return message === "" ? `curl exit code ${exitCode}` : message;
}

const refusals: Readonly<Record<RefusalReason, FaultCode>> = {
  "unknown-appliance": "not-registered",
  "unknown-scan": "not-registered",
  disabled: "scanner-disabled",
  "account-expired": "account-expired",
  "device-certificate": "device-certificate-refused",
};

function checkReply(
  rung: RungName,
  evidence: Evidence,
  { status }: Extract<HttpsOutcome, { kind: "reply" }>,
  answer: PlatformAnswer | null,
): Verdict {
  const { platformHost } = evidence;
  if (rung === "platform" && answer?.kind === "refused") {
    return broken(evidence, refusals[answer.reason], `${platformHost} (HTTP/${status}): ${answer.detail}`);
  }
  if (rung === "http" && (status < 200 || status > 299) && answer?.kind !== "refused") {
    const code = status === 401 || status === 500 ? (`platform-http-${status}` as const) : "platform-http";
    const said = answer?.kind === "failed" ? `: ${answer.detail}` : "";
    const detail = `${platformHost} answered HTTP/${status}${said}`;
    if (status < 300 || status > 399) return broken(evidence, code, detail, { status });
    return lookedAt(evidence, broken(evidence, code, detail + answeredBy(evidence.look), { status }));
  }
  if (rung === "platform" && answer?.kind === "malformed") {
    return malformed(evidence, answer.detail);
  }
  if (rung === "platform") return sound(answer?.kind === "accepted" ? answer.detail : platformHost);
  return rung === "http" ? sound(`HTTP/${status}`) : reached(rung, evidence);
}

/** Who stands on a rung that the contact has come past. */
function reached(rung: RungName, { contact, platformHost, settings: { proxy } }: Evidence): Verdict {
  const https = contact?.https;
  const remote = (https?.kind === "reply" || https?.kind === "failed" ? https.remote : null) ?? null;
  switch (rung) {
    case "proxy": {
      const by = contact?.asked?.by;
      const as = by === "basic" || by === "ntlm" ? `, for ${proxy?.user} by ${schemeName(by)}` : "";
      return sound(`${remote ?? `${proxy?.host}:${proxy?.port}`} lets us through${as}`);
    }
    case "tls":
      return sound(contact?.chain == null ? platformHost : `${issuerText(contact.chain.leaf)} issued the certificate`);
    case "connect":
      return sound(remote ?? platformHost);
    default:
      return sound(`${platformHost} answers`);
  }
}

/** Verified, but not what the platform says: who spoke? */
function malformed(evidence: Evidence, problem: string): Verdict {
  const detail = `${evidence.platformHost}: ${problem}${answeredBy(evidence.look)}`;
  return lookedAt(evidence, broken(evidence, "reply-malformed", detail));
}

function lookedAt({ look }: Evidence, verdict: ReturnType<typeof broken>): Verdict {
  return look === null ? { ...verdict, needs: "look" } : verdict;
}
