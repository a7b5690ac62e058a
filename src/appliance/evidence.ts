import type { Contact, Evidence } from "../connectivity/evidence.ts";
import type { HttpsOutcome } from "../https/https.ts";
import type { Facts, SecretFacts } from "../model/facts.ts";
import { never } from "../model/result.ts";
import type { ProxySettings } from "../model/settings.ts";
import type { PollOutcome } from "../uplink/exchange.ts";
import type { PollReply } from "../uplink/protocol.ts";

type Failure = Exclude<PollOutcome, { kind: "ok" }>;

/** What a failed poll tells the ladder, so that nothing is asked twice; null: without one, as it is before anybody was asked. */
export function evidenceOf(
  outcome: Failure | null,
  {
    settings,
    network,
    networkUnread,
    configurationRefused,
    registration,
    secrets,
    proxyDisabled,
  }: Pick<
    Facts,
    "settings" | "network" | "networkUnread" | "configurationRefused" | "registration" | "secrets" | "proxyDisabled"
  >,
  known: Pick<Evidence, "platformHost" | "curl">,
): Evidence {
  return {
    ...known,
    settings,
    network,
    activated: registration.state === "active",
    proxyJustDisabled: proxyDisabled,
    networkUnread,
    proxyAuth: proxyAuthOf(settings.proxy, secrets),
    configurationRefused,
    identityProblem: outcome?.kind === "noIdentity" ? outcome.problem.message : null,
    dns: outcome?.kind === "unresolved" ? outcome.answer : null,
    contact: outcome === null ? null : contactOf(outcome),
    look: null,
  };
}

function proxyAuthOf(proxy: ProxySettings | null, { problem }: SecretFacts): Evidence["proxyAuth"] {
  return proxy === null ? null : { password: proxy.passwordRef !== null, problem };
}

/** How far a poll came, for the ladder; null: nobody was contacted. */
export function contactOf(outcome: PollOutcome): Contact | null {
  switch (outcome.kind) {
    case "ok":
      return { https: replyWith(200), answer: { kind: "accepted", detail: knownAs(outcome.reply) } };
    case "noIdentity":
    case "noWay":
    case "noServers":
    case "unresolved":
      return null;
    case "transport":
      return { https: outcome.outcome, answer: null, asked: outcome.asked };
    case "refused": {
      const { status, reason, message } = outcome;
      const https = replyWith(status);
      if (reason !== null) return { https, answer: { kind: "refused", reason, detail: message ?? reason } };
      // What is no failure to HTTP is none of the platform's answers either.
      const isFine = status >= 200 && status <= 299;
      if (isFine) return { https, answer: { kind: "malformed", detail: `HTTP/${status}` } };
      return { https, answer: message === null ? null : { kind: "failed", detail: message } };
    }
    case "badReply":
      return { https: replyWith(200), answer: { kind: "malformed", detail: outcome.problem } };
    default:
      return never(outcome);
  }
}

function knownAs({ registration }: PollReply): string {
  if (registration.state === "unactivated") return "not activated yet";
  const { name, indicator } = registration;
  return `${name} on platform ${indicator}`;
}

/** The status is all that the ladder looks at. */
function replyWith(status: number): HttpsOutcome {
  const timings = { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 0 };
  return { kind: "reply", status, body: new Uint8Array(), timings };
}
