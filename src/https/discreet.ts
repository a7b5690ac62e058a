import type { Https, HttpsOutcome, LookOutcome } from "./https.ts";

/**
 * The same way out, but no word that comes back holds a secret: whoever was told one may say it again, in a header or in what
 * curl quotes of it, and those words come to the panel, the log and the platform. What is not words for people stays as it is:
 * the reply's body, and certificates.
 */
export function discreetHttps(https: Https, clean: (text: string) => string): Https {
  return {
    request: async (request) => cleanOutcome(await https.request(request), clean),
    look: async (request) => cleanLook(await https.look(request), clean),
  };
}

function cleanOutcome<Outcome extends HttpsOutcome | LookOutcome>(
  outcome: Outcome,
  clean: (text: string) => string,
): Outcome {
  return "message" in outcome ? { ...outcome, message: clean(outcome.message) } : outcome;
}

function cleanLook(outcome: LookOutcome, clean: (text: string) => string): LookOutcome {
  if (outcome.kind !== "seen") return cleanOutcome(outcome, clean);
  const { proxySchemes, date, location } = outcome;
  return {
    ...cleanOutcome(outcome, clean),
    proxySchemes: proxySchemes.map(clean),
    date: date === null ? null : clean(date),
    location: location === null ? null : clean(location),
  };
}
