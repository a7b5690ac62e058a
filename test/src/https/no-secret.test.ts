import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Argv, Exited, Processes, RunOptions } from "../../../hal/processes.ts";
import { diagnose } from "../../../src/connectivity/diagnose.ts";
import { createCurlHttps } from "../../../src/https/curl.ts";
import { discreetHttps } from "../../../src/https/discreet.ts";
import type { Https, HttpsRequest, LookOutcome } from "../../../src/https/https.ts";
import { createRedaction } from "../../../src/model/redaction.ts";
import { findSecrets } from "../../support/canary.ts";
import { evidence, withProxy } from "../connectivity/evidence.ts";

/** Longer than any text of ours that it could be a part of by chance. */
const anyPassword = fc.string({ minLength: 14, maxLength: 40 }).filter((text) => text.trim() === text);
const scheme = fc.constantFrom("basic" as const, "ntlm" as const);
const timings = { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 0 };

function requestWith(password: string, scheme: "basic" | "ntlm"): HttpsRequest {
  return {
    ...{ method: "POST", url: "https://platform.example/", body: Buffer.from("{}"), resolved: [], identity: null },
    proxy: { host: "10.77.0.9", port: 3128, credentials: { user: "anna", password, scheme } },
    ...{ authorityFile: null, interface: null, connectTimeoutMs: 1000, totalTimeoutMs: 1000, maxReplyBytes: 100 },
  };
}

describe("a password that curl is given", () => {
  it("goes to its standard input and to nothing else, whatever curl answers", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        ...[anyPassword, scheme, fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 200, 403, 407, 502)],
        async (password, scheme, exitCode, proxyStatus) => {
          const secrets = { password };
          const told: [Argv, RunOptions][] = [];
          const run = async (argv: Argv, options: RunOptions): Promise<Exited> => {
            told.push([argv, options]);
            const connect = String(proxyStatus).padStart(3, "0");
            const stderr = `\n000 ${connect} 0.001 0.001 0.001 0.001 [10.77.0.9]:3128 CONNECT tunnel failed, response ${connect}`;
            return { kind: "exited", code: exitCode, stdout: "", stderr };
          };
          const https = createCurlHttps({ processes: { run } satisfies Processes });
          const outcome = await https.request(requestWith(password, scheme)).catch((error: unknown) => {
            // What curl cannot be told is refused, without a word of it.
            expect(error).toBeInstanceOf(RangeError);
            return String(error);
          });
          const [[argv, { inputs: { 0: input = "", ...others } = {}, ...options }] = [[""], { timeoutMs: 0 }]] = told;
          expect(findSecrets(JSON.stringify([argv, options, outcome]), secrets)).toEqual([]);
          expect(findSecrets(Object.values(others).map(String).join(), secrets)).toEqual([]);
          if (told.length === 0) return;
          const quoted = password.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
          expect(String(input)).toContain(quoted);
          seen.add((outcome as Exclude<typeof outcome, string>).kind);
          const contact = { https: outcome as Exclude<typeof outcome, string>, answer: null };
          const fault = diagnose(evidence({ settings: withProxy({ user: "anna" }), contact }));
          expect(findSecrets(JSON.stringify(fault), secrets)).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["failed"]));
  });
});

describe("a far side that says a password again", () => {
  const echo = fc.record({ before: fc.string({ maxLength: 10 }), after: fc.string({ maxLength: 10 }) });

  it("is not quoted: not as it is, and not as HTTP writes it", async () => {
    await fc.assert(
      fc.asyncProperty(anyPassword, echo, fc.boolean(), async (password, { before, after }, encoded) => {
        const said = encoded ? Buffer.from(`${before}:${password}`).toString("base64") : before + password + after;
        const seen: LookOutcome = {
          ...{ kind: "seen", exitCode: 56, proxyStatus: 407, status: 302, message: said, timings },
          ...{ proxySchemes: ["basic", said], certificates: [], date: said, location: said },
        };
        const far: Https = {
          request: async () => ({ kind: "failed", exitCode: 56, proxyStatus: 407, status: 0, message: said, timings }),
          look: async () => seen,
        };
        const redaction = createRedaction();
        redaction.hide(password);
        const https = discreetHttps(far, redaction.clean);
        const request = requestWith(password, "basic");
        const outcomes = [await https.request(request), await https.look(request)];
        expect(findSecrets(JSON.stringify(outcomes), { password })).toEqual([]);
        expect(outcomes).toMatchObject([{ exitCode: 56 }, { exitCode: 56, proxyStatus: 407, certificates: [] }]);
      }),
    );
  });

  it("is heard as it is without a secret in it", async () => {
    const failed = {
      kind: "failed",
      exitCode: 7,
      proxyStatus: 0,
      status: 0,
      message: "Connection refused",
      timings,
    } as const;
    const redaction = createRedaction();
    redaction.hide("another secret");
    const far: Https = { request: async () => failed, look: async () => ({ kind: "aborted" }) };
    const https = discreetHttps(far, redaction.clean);
    const request = requestWith("x", "basic");
    expect([await https.request(request), await https.look(request)]).toEqual([failed, { kind: "aborted" }]);
  });
});
