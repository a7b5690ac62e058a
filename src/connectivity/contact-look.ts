import type { HttpsOutcome } from "../https/https.ts";
import { type CertificateProblem, issuerText, judgeCertificate } from "./certificate-judgement.ts";
import { noTls } from "./curl-failure.ts";
import type { Evidence, Look } from "./evidence.ts";
import type { FaultCode } from "./fault-code.ts";
import { broken } from "./rung.ts";

type Failed = Extract<HttpsOutcome, { kind: "failed" }>;
type Broken = ReturnType<typeof broken>;

const codes: Readonly<Record<CertificateProblem, FaultCode>> = {
  clock: "tls-clock-wrong",
  expired: "tls-expired",
  intercepted: "tls-intercepted",
  portal: "tls-portal",
  "other-server": "tls-other-server",
};

/**
 * What it means that TLS with the platform was not to be had. `code` and `detail` are what curl's failure says by itself; what
 * was seen of the far side since says more.
 */
export function judgeTls(
  evidence: Evidence,
  failure: Failed,
  code: "tls-certificate" | "device-certificate-refused",
  detail: string,
): Broken {
  const { look, platformHost } = evidence;
  if (look?.chain == null) return withoutCertificate(evidence, failure, code, detail);
  const { chain, ourMs, farMs } = look;
  const host = platformHost.replace(/^\[(.*)\]$/, "$1");
  const isRefusal = code === "device-certificate-refused";
  // curl had accepted the certificate before its own was refused: it has no word on this one.
  const message = isRefusal ? "" : failure.message;
  const judged = judgeCertificate({ host, chain, message, ourMs, farMs });
  const found = behindProxy(evidence, judged.detail);
  if (judged.problem === null || (isRefusal && !standsBetween(judged.problem))) {
    return broken(evidence, code, `${detail}; ${judged.detail}`);
  }
  return broken(evidence, codes[judged.problem], `${found}${leadsTo(look)}`);
}

/** Who refuses our certificate must have been shown the platform's first, or be the platform. */
function standsBetween(problem: CertificateProblem): boolean {
  return problem === "intercepted" || problem === "portal";
}

/** Alerts that judge a certificate; for none at all servers send `certificate required`, `bad certificate`, `handshake failure`. */
const blindAlert =
  /alert (unsupported certificate|certificate revoked|certificate expired|certificate unknown|unknown ca|access denied)/i;

/** Something spoke, but showed nothing of itself. */
function withoutCertificate(
  evidence: Evidence,
  failure: Failed,
  code: "tls-certificate" | "device-certificate-refused",
  detail: string,
): Broken {
  const { look, platformHost } = evidence;
  if (noTls.test(failure.message)) {
    const found = `what answers for ${platformHost} does not speak TLS, as a log-in page does not`;
    return broken(evidence, "tls-portal", behindProxy(evidence, found));
  }
  // The same to a look, which showed no certificate: it was not ours that was refused.
  if (look !== null && blindAlert.test(look.message)) return broken(evidence, "tls-certificate", detail);
  return broken(evidence, code, detail);
}

function behindProxy({ settings: { proxy } }: Evidence, detail: string): string {
  return proxy === null ? detail : `behind proxy ${proxy.host}:${proxy.port}: ${detail}`;
}

/** Who has answered with something that is not the platform's, as the end of a detail; empty where that was not seen. */
export function answeredBy(look: Look | null): string {
  if (look === null) return "";
  const by = look.chain === null ? "" : `; its certificate is issued by ${issuerText(look.chain.leaf)}`;
  return `${leadsTo(look)}${by}`;
}

/** The place alone: the rest of such an address may name a session. */
function leadsTo({ location }: Look): string {
  if (location === null || !URL.canParse(location)) return "";
  const { protocol, host } = new URL(location);
  return `, leading to ${protocol}//${host}`;
}
