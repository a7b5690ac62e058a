import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import { createCurlHttps, probeCurl } from "../../../src/https/curl.ts";
import type { HttpsRequest } from "../../../src/https/https.ts";

const request: HttpsRequest = {
  method: "GET",
  url: "https://platform.example/",
  body: null,
  resolved: [],
  proxy: null,
  identity: null,
  authorityFile: null,
  interface: null,
  connectTimeoutMs: 1000,
  totalTimeoutMs: 2000,
  maxReplyBytes: 10,
};

const report = ({
  code = "200",
  connect = "000",
  message = "",
  times = "0.001000 0.002500 0.003750",
  ip = "::1",
} = {}) => `warning: something\n${code} ${connect} ${times} 0.004000 [${ip}]:${ip === "" ? 0 : 443} ${message}`;
const timings = { connectedMs: 1, tlsMs: 2.5, firstByteMs: 3.75, totalMs: 4 };
const noTimings = { connectedMs: 0, tlsMs: 0, firstByteMs: 0 };

async function outcomeOf(reply: Reply) {
  const processes = createScriptedProcesses([{ expect: ["curl", "-q", "--config", "-"], reply }]);
  const outcome = await createCurlHttps({ processes }).request(request);
  processes.done();
  return outcome;
}

describe("what a run of curl means", () => {
  it("is a reply with every byte", async () => {
    expect(await outcomeOf({ stdout: "\u00ff\u0000", stderr: report({ code: "401" }) })).toEqual({
      kind: "reply",
      status: 401,
      body: Buffer.from([255, 0]),
      timings,
      remote: "[::1]:443",
      certificates: [],
    });
  });

  it.each<[string, Reply, object]>([
    [
      "a refused CONNECT",
      { code: 56, stderr: report({ connect: "407", message: "CONNECT tunnel failed" }) },
      {
        kind: "failed",
        exitCode: 56,
        proxyStatus: 407,
        message: "CONNECT tunnel failed",
        timings,
        remote: "[::1]:443",
      },
    ],
    [
      "a failure of many lines",
      { code: 60, stderr: report({ code: "000", message: "SSL:\n  no such\n200 000 1.0\n" }) },
      {
        kind: "failed",
        exitCode: 60,
        proxyStatus: 0,
        message: "SSL: no such 200 000 1.0",
        timings,
        remote: "[::1]:443",
      },
    ],
    [
      "a failure with words of the far side that a terminal would obey",
      { code: 60, stderr: report({ code: "000", message: "SSL: subject name 'x\u001b[2J\u009b1m\u202e' is not" }) },
      {
        kind: "failed",
        exitCode: 60,
        proxyStatus: 0,
        message: "SSL: subject name 'x [2J 1m ' is not",
        timings,
        remote: "[::1]:443",
      },
    ],
    [
      "a failure without words",
      { code: 99, stderr: report() },
      { kind: "failed", exitCode: 99, proxyStatus: 0, message: "curl ended with 99", timings, remote: "[::1]:443" },
    ],
    [
      "a connection without TLS, of which curl 7.88 tells no time",
      { code: 28, stderr: report({ code: "000", message: "SSL connection timeout", times: "0.0 0.0 0.0" }) },
      {
        kind: "failed",
        exitCode: 28,
        proxyStatus: 0,
        message: "SSL connection timeout",
        timings: { ...noTimings, connectedMs: 0.001, totalMs: 4 },
        remote: "[::1]:443",
      },
    ],
    [
      "no connection",
      { code: 28, stderr: report({ code: "000", message: "Timeout", times: "0.0 0.0 0.0", ip: "" }) },
      {
        kind: "failed",
        exitCode: 28,
        proxyStatus: 0,
        message: "Timeout",
        timings: { ...noTimings, totalMs: 4 },
        remote: null,
      },
    ],
    ["a stated size that is too large", { code: 63, stderr: report() }, { kind: "tooLarge", maxReplyBytes: 10 }],
    ["too many chunks", { stdout: "x".repeat(11), stderr: report() }, { kind: "tooLarge", maxReplyBytes: 10 }],
    ["an endless reply", { kind: "tooMuchOutput", stdout: "", stderr: "" }, { kind: "tooLarge", maxReplyBytes: 10 }],
    ["an abort", { kind: "aborted", stdout: "", stderr: "" }, { kind: "aborted" }],
    [
      "a curl that hangs",
      { kind: "timeout", stdout: "", stderr: "" },
      {
        kind: "failed",
        exitCode: 28,
        proxyStatus: 0,
        message: "curl did not end by itself after 2000 ms",
        timings: { ...noTimings, totalMs: 2000 },
      },
    ],
    [
      "a missing curl",
      { kind: "notFound", program: "curl" },
      { kind: "unavailable", message: 'curl is missing or may not be run; install the package "curl"' },
    ],
  ])("%s", async (_, reply, expected) => {
    expect(await outcomeOf(reply)).toEqual(expected);
  });

  it.each(["", "curl: option --config: is unknown", "\n200 000 0.1 0.2 0.3", "\n2e2 000 0.1 0.2 0.3 0.4 [::1]:443 "])(
    "a program that reports %j is not curl as we know it, and its words are not repeated",
    async (stderr) => {
      const outcome = await outcomeOf({ code: 2, stderr });
      expect(outcome).toEqual({
        kind: "unavailable",
        message: 'curl ended with 2 and gave no report; its version may be too old, see "curl --version"',
      });
    },
  );

  it("a machine that can start no process", async () => {
    const run = () => Promise.reject(new HalError("busy", "curl", "spawn EAGAIN"));
    expect(await createCurlHttps({ processes: { run } }).request(request)).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("spawn EAGAIN"),
    });
  });
});

describe("probeCurl", () => {
  const probe = (reply: Reply) => probeCurl(createScriptedProcesses([{ expect: ["curl", "-q", "--version"], reply }]));
  const version = (number: string, features = "NTLM SSL", protocols = "http https") => ({
    stdout: `curl ${number} (x86_64) libcurl/1\nRelease-Date: x\nProtocols: ${protocols}\nFeatures: ${features}\n`,
  });

  it("a machine that can start no process", async () => {
    const run = () => Promise.reject(new HalError("busy", "curl", "spawn EAGAIN"));
    expect(await probeCurl({ run })).toMatchObject({ ok: false, error: expect.stringContaining("spawn EAGAIN") });
  });

  it.each<[string, Reply, object]>([
    ["Debian 12's curl", version("7.88.1"), { ok: true, value: { version: "7.88.1", ntlm: true } }],
    [
      "a curl without NTLM",
      version("8.20.0-DEV", "SSL NTLM_WB"),
      { ok: true, value: { version: "8.20.0-DEV", ntlm: false } },
    ],
    ["an old curl", version("7.74.0"), { ok: false, error: "curl 7.74.0 is too old; 7.75 or newer is needed" }],
    ["a very old curl", version("6.99.0"), { ok: false, error: "curl 6.99.0 is too old; 7.75 or newer is needed" }],
    [
      "a curl without TLS",
      version("8.0.0", "", "http file"),
      { ok: false, error: "curl 8.0.0 was built without https" },
    ],
    ["another program", { stdout: "hello" }, { ok: false, error: '"curl --version" does not answer as curl does' }],
    ["a broken curl", { code: 127 }, { ok: false, error: '"curl --version" does not answer as curl does' }],
    [
      "no curl",
      { kind: "notFound", program: "curl" },
      { ok: false, error: 'curl is missing or may not be run; install the package "curl"' },
    ],
  ])("%s", async (_, reply, expected) => {
    expect(await probe(reply)).toEqual(expected);
  });
});
