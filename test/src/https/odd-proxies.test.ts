import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../hal/linux/clock.ts";
import { createProcesses } from "../../../hal/linux/processes.ts";
import type { Processes } from "../../../hal/processes.ts";
import { nameCurlFailure } from "../../../src/connectivity/curl-failure.ts";
import { createCurlHttps } from "../../../src/https/curl.ts";
import type { Https } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import type { ProxyPlace } from "../../../src/https/proxy-scheme.ts";
import { type ProxiedOutcome, type ProxyAsked, requestByProxy } from "../../../src/https/request-by-proxy.ts";
import { createAuthority } from "../../support/certificates.ts";
import { type Listening, listenHttps } from "../../support/https-server.ts";
import { type OddAnswer, type OddCredential, type OddProxy, openOddProxy } from "../../support/odd-proxy.ts";
import { hasTool } from "../../support/tools.ts";

/** What a curl that went on beyond its own limits would be said to have done. */
const killed = /did not end by itself|could not be started/;

/** In the place of the 30 seconds that a connection may take: for a proxy that ends it, and for one that does not. */
const patienceMs = { long: 30_000, short: 600 } as const;

const lacks = ["curl", "prlimit"].filter((tool) => !hasTool(tool));
describe.skipIf(lacks.length > 0)("odd proxies, asked by a real curl (needs curl and prlimit)", () => {
  let folder: string;
  let proxy: OddProxy;
  let platform: Listening;
  let inspector: OddCredential;
  const { run } = createProcesses();
  // What a far side sends must not fill the memory: all of curl has to do with so much of addresses.
  const bounded: Processes = { run: (argv, options) => run(["prlimit", "--as=200000000", ...argv], options) };
  const https: Https = createCurlHttps({ processes: bounded });
  const offers = createProxyOffers({ curlHasNtlm: () => true, clock: createSystemClock() });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-proxies-"));
    const authority = await createAuthority("Test Authority");
    const credential = await authority.issue({ commonName: "platform.example", hosts: ["platform.example"] });
    inspector = await (await createAuthority("Inspector")).issue({ commonName: "x", hosts: ["platform.example"] });
    await writeFile(join(folder, "ca.pem"), authority.certificate);
    platform = await listenHttps({ cert: credential.certificate, key: credential.key }, (_, response) =>
      response.end("{}"),
    );
    proxy = await openOddProxy({ answer: { kind: "hang" } });
  });
  afterAll(async () => {
    await proxy.close();
    await platform.close();
    await rm(folder, { recursive: true });
  });

  const ask = (account: ProxyPlace["account"], limitMs: number, port = proxy.port): Promise<ProxiedOutcome> =>
    requestByProxy(
      { https, offers },
      {
        method: "POST",
        url: "https://platform.example/poll",
        body: Buffer.from("{}"),
        resolved: [],
        proxy: { host: "127.0.0.1", port, account },
        identity: null,
        authorityFile: join(folder, "ca.pem"),
        interface: null,
        maxReplyBytes: 10_000,
        connectTimeoutMs: limitMs,
        totalTimeoutMs: 2 * limitMs,
      },
    );
  const askedBy = async (
    answer: OddAnswer,
    account: ProxyPlace["account"] = null,
    limitMs: number = patienceMs.long,
  ) => {
    offers.forget();
    proxy.answer(answer);
    const from = proxy.asked().length;
    const { outcome, asked } = await ask(account, limitMs);
    const authorizations = proxy
      .asked()
      .slice(from)
      .map(({ authorization }) => authorization);
    return { outcome, asked, authorizations };
  };
  const summary = ({ outcome }: ProxiedOutcome) =>
    outcome.kind === "failed"
      ? `${nameCurlFailure(outcome, true).rung} ${nameCurlFailure(outcome, true).code}`
      : outcome;
  const tunnel = (): OddAnswer => ({ kind: "tunnel", to: { host: "127.0.0.1", port: platform.port } });
  const anna = { user: "anna", password: "a:b\"c\\d'%{e}" };

  it.each<[string, OddAnswer, string, ProxyAsked["speaks"]]>([
    ["redirects", { kind: "status", status: 302, headers: ["Location: http://x/"] }, "proxy proxy-http", null],
    ["says 400", { kind: "status", status: 400 }, "proxy proxy-http", null],
    ["forbids", { kind: "status", status: 403 }, "proxy proxy-http-403", null],
    ["has no CONNECT", { kind: "status", status: 405 }, "proxy proxy-http", null],
    ["wants to know who we are", { kind: "status", status: 407 }, "proxy proxy-http-407", null],
    ["says 501", { kind: "status", status: 501 }, "proxy proxy-http", null],
    ["has no upstream", { kind: "status", status: 502 }, "proxy proxy-http-503", null],
    ["says 503", { kind: "status", status: 503 }, "proxy proxy-http-503", null],
    ["gives up", { kind: "status", status: 504 }, "proxy proxy-http-503", null],
    ["hangs", { kind: "hang" }, "proxy timeout", null],
    ["closes", { kind: "close" }, "proxy receive-failed", null],
    ["resets", { kind: "reset" }, "proxy receive-failed", null],
    ["speaks SOCKS", { kind: "socks" }, "proxy receive-failed", "socks"],
    ["opens a way that hangs", { kind: "established", end: "hang" }, "tls timeout", null],
    ["opens a way and closes it", { kind: "established", end: "close" }, "tls receive-failed", null],
    ["opens a way and resets it", { kind: "established", end: "reset" }, "tls receive-failed", null],
    // Garbage from here on.
    ["is no HTTP", { kind: "bytes", bytes: "SSH-2.0-x\r\n\r\n", end: "close" }, "proxy receive-failed", null],
    ["is half a line", { kind: "bytes", bytes: "HTTP/1.1 2", end: "close" }, "proxy receive-failed", null],
    ["stops in the line", { kind: "bytes", bytes: "HTTP/1.1 2", end: "hang" }, "proxy timeout", null],
    [
      "stops within the headers",
      { kind: "bytes", bytes: "HTTP/1.1 200 OK\r\nX: ", end: "hang" },
      "proxy timeout",
      null,
    ],
    [
      "sends what is no header",
      { kind: "bytes", bytes: "HTTP/1.1 200 OK\r\nICY\r\n\r\n", end: "close" },
      "proxy receive-failed",
      null,
    ],
    [
      "ends within the headers",
      { kind: "bytes", bytes: "HTTP/1.1 200 OK\r\nX: ", end: "close" },
      "proxy receive-failed",
      null,
    ],
    [
      "sends NULs",
      { kind: "bytes", bytes: "HTTP/1.1 200 OK\r\n\0\0\0\r\n", end: "close" },
      "proxy receive-failed",
      null,
    ],
  ])("one that %s is named", async (_, answer, named, speaks) => {
    // One that opens a way has to have had the time for it, on a machine that is busy with others.
    const limitMs = named === "tls timeout" ? 5000 : named === "proxy timeout" ? patienceMs.short : patienceMs.long;
    const told = await askedBy(answer, null, limitMs);
    expect(summary(told)).toBe(named);
    expect(told.asked?.speaks).toBe(speaks);
  });

  it("one behind which somebody signs in the platform's name is named", async () => {
    expect(summary(await askedBy({ kind: "intercept", credential: inspector }))).toBe("tls tls-certificate");
  });

  it("a port that speaks TLS is named, and one where nobody listens", async () => {
    const told = await askedBy({ kind: "https", credential: inspector });
    expect(summary(told)).toBe("proxy receive-failed");
    expect(told.asked?.speaks).toBe("tls");
    const nobody = await openOddProxy({ answer: { kind: "hang" } });
    await nobody.close();
    expect(summary(await ask(null, patienceMs.long, nobody.port))).toBe("proxy connect-failed");
  });

  it("gets credentials only where it has asked for them by a scheme that is spoken", async () => {
    const basic = `Basic ${Buffer.from(`anna:${anna.password}`).toString("base64")}`;
    const asks = (...schemes: readonly string[]): OddAnswer => ({ kind: "asks", offers: schemes, answer: tunnel() });
    const good = { outcome: { kind: "reply", status: 200 } };
    expect(await askedBy(asks('Basic realm="x"'), anna)).toMatchObject({ ...good, authorizations: [null, basic] });
    expect(await askedBy(asks("Negotiate", 'Digest realm="r", nonce="n"'), anna)).toMatchObject({
      outcome: { kind: "failed", proxyStatus: 407 },
      asked: { by: "unspoken", offers: ["negotiate", "digest"] },
      authorizations: [null],
    });
    expect(await askedBy(tunnel(), anna)).toMatchObject({ ...good, authorizations: [null, null] });
    const forbids: OddAnswer = { kind: "asks", offers: ["Basic"], answer: { kind: "status", status: 403 } };
    expect(await askedBy(forbids, anna)).toMatchObject({ outcome: { proxyStatus: 403 }, asked: { by: "basic" } });
  });

  it.each([
    "",
    "!!!!",
    "TlRMTVNTUAAC",
    Buffer.from("NTLMSSP\0\x02\0\0\0".padEnd(48, "\xff"), "latin1").toString("base64"),
    "A".repeat(60_000),
  ])("a challenge of NTLM that is garbage ends the contact, and no more", async (challenge) => {
    const head = `HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM ${challenge}\r\nContent-Length: 0\r\n\r\n`;
    const answer: OddAnswer = { kind: "bytes", bytes: head, end: "close" };
    const { outcome, asked } = await askedBy({ kind: "asks", offers: ["NTLM"], answer }, anna);
    expect(asked?.by).toBe("ntlm");
    expect(outcome.kind).toBe("failed");
  });

  /** Pieces of answers, in any order, cut anywhere. */
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 407 No\r\n",
        "HTTP/1.0 200\r\n",
        "HTTP/2 200\r\n",
        "HTTP/1.1 100 Go on\r\n\r\n",
      ],
      ...["Proxy-Authenticate: NTLM\r\n", 'Proxy-Authenticate: Basic realm="', "proxy-authenticate: ,,=,\r\n"],
      ...["Content-Length: 99999999999999999999\r\n", "Content-Length: -1\r\n", "Content-Length: 5\r\n"],
      ...["Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n", "0\r\n\r\n", "\r\n\r\n", "\r\n", "\n\n", ": x\r\n"],
      ...["\x16\x03\x01\x02\x00\x01", "\x15\x03\x03\x00\x02\x02\x28", "Connection: close\r\n", "<html>"],
    ),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
    fc.integer({ min: 100, max: 999 }).map((status) => `HTTP/1.1 ${status} x\r\n`),
  );

  it("whatever it answers, with an account or without, ends within the limits and is one fault of the proxy, TLS or nothing", async () => {
    const ending = fc.constantFrom("close" as const, "reset" as const, "hang" as const);
    const parts = fc.array(piece, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(parts, ending, fc.option(fc.constant(anna)), async (pieces, end, account) => {
        const { outcome } = await askedBy({ kind: "bytes", bytes: pieces.join(""), end }, account, patienceMs.short);
        expect(outcome.kind).toBe("failed");
        if (outcome.kind !== "failed") return;
        expect(["dns", "proxy", "tls"]).toContain(nameCurlFailure(outcome, true).rung);
        expect(outcome.message.length).toBeLessThan(1000);
        expect(outcome.message).not.toMatch(killed);
      }),
      { numRuns: process.env.CI === undefined ? 15 : 40, interruptAfterTimeLimit: 30_000 },
    );
  });

  it.each<[string, string, string]>([
    ["headers", "HTTP/1.1 200 OK\r\n", `X-More: ${"x".repeat(990)}\r\n`],
    ["one header", "HTTP/1.1 200 OK\r\nX-More: ", "x".repeat(1000)],
    ["offers", "HTTP/1.1 407 No\r\n", `Proxy-Authenticate: ${"x".repeat(990)}\r\n`],
    ["a body", "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n", "x".repeat(1000)],
    ["chunks", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nxxxxx\r\n"],
    ["answers", "", "HTTP/1.1 100 Go on\r\n\r\n"],
    ["nothing that is HTTP", "", "x".repeat(1000)],
  ])("one that sends %s without end is left", async (_, head, more) => {
    const { outcome } = await askedBy({ kind: "endless", head, more, everyMs: 0 }, anna, patienceMs.short);
    expect(outcome.kind).toBe("failed");
    expect(outcome.kind === "failed" && outcome.message.length).toBeLessThan(1000);
    expect(outcome.kind === "failed" && outcome.message).not.toMatch(killed);
  });

  it("one that sends a byte now and then is left", async () => {
    const { outcome } = await askedBy(
      { kind: "endless", head: "HTTP/1.1 200 OK\r\nX: ", more: "x", everyMs: 50 },
      null,
      patienceMs.short,
    );
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 28 });
  });
});
