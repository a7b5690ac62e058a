import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { faultCodes } from "../src/connectivity/fault-code.ts";
import { type Circumstance, messages } from "../src/connectivity/messages.ts";

const text = readFileSync(resolve(import.meta.dirname, "../docs/messages.md"), "utf8");

const circumstances: Readonly<Record<Circumstance, string>> = {
  loopback: "a loopback address",
  unactivated: "before activation",
  "via-proxy": "by a proxy",
  "behind-proxy": "behind a proxy",
  "proxy-disabled": "the proxy just disabled",
  "proxy-handshake": "the proxy does not speak as one",
  ntlm: "by NTLM",
};

it("docs/messages.md has a row for each message as the box words it, in this order, and no other", () => {
  const rows = faultCodes.map((code) => {
    const { message, legacyCode, legacyCodeWhen = {}, next } = messages[code];
    const special = Object.entries(legacyCodeWhen).map(
      ([when, legacy]) => `${legacy} ${circumstances[when as Circumstance]}`,
    );
    const behind = typeof next === "string" || next.behindProxy === undefined ? "" : ` Behind one: ${next.behindProxy}`;
    const steps = typeof next === "string" ? next : `${next.direct} By a proxy: ${next.viaProxy}${behind}`;
    return `| ${message} | \`${code}\` | ${[legacyCode ?? [], special].flat().join("; ")} | ${steps} |`;
  });
  expect(text.split("\n").filter((line) => /^\| .* \| `[\w-]+` \|/.test(line))).toEqual(rows);
});
