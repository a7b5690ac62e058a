/**
 * squid's NTLM helper that can refuse: `node FILE USER PASSWORD`. squid asks by lines on standard input, `YR` for a challenge and
 * `KK` with what a client made of it, and hears `TT`, `AF` (the name) or `NA` (squid's Features/AddonHelpers, "Negotiate and NTLM
 * Scheme"). One helper serves one connection at a time.
 */
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { ntlmChallenge, parseNtlmAnswer, provesPassword } from "../../sim/network/ntlm.ts";

const [user = "", password = ""] = process.argv.slice(2);
const domain = "LAB";
let challenge = randomBytes(8);

function answer(line: string): string {
  const [verb, token = ""] = line.split(" ");
  if (verb === "YR") {
    challenge = randomBytes(8);
    return `TT ${ntlmChallenge(challenge, domain).toString("base64")}`;
  }
  if (verb !== "KK") return "BH what?";
  const given = parseNtlmAnswer(Buffer.from(token, "base64"));
  const isKnown = given !== null && given.user === user && provesPassword(given, password, { challenge, domain });
  return isKnown ? `AF ${user}` : "NA wrong user or password";
}

createInterface({ input: process.stdin }).on("line", (line) => process.stdout.write(`${answer(line)}\n`));
