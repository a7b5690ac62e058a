import { X509Certificate } from "node:crypto";
import type { RequestListener } from "node:http";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import type { Exited } from "../../../hal/processes.ts";
import { createCurlHttps } from "../../../src/https/curl.ts";
import { lookOutcome } from "../../../src/https/curl-look.ts";
import type { LookOutcome, LookRequest } from "../../../src/https/https.ts";
import { type Authority, type Credential, createAuthority } from "../../support/certificates.ts";
import { type Listening, listenHttps, listenProxy, listenTcp } from "../../support/https-server.ts";
import { hasTool } from "../../support/tools.ts";

describe.skipIf(!hasTool("curl"))("a look by curl (needs curl)", () => {
  let authority: Authority;
  let server: Credential;
  const open: Listening[] = [];

  beforeAll(async () => {
    authority = await createAuthority("Nobody's Authority");
    server = await authority.issue({ commonName: "other.example", hosts: ["other.example"] });
  });
  afterEach(async () => {
    for (const listening of open.splice(0)) await listening.close();
  });

  const keep = async (listening: Promise<Listening>) => {
    open.push(await listening);
    return (await listening).port;
  };
  const far = (handle: RequestListener, options = {}) =>
    keep(listenHttps({ cert: server.certificate, key: server.key, ...options }, handle));
  const look = (port: number, change: Partial<LookRequest> = {}): Promise<LookOutcome> =>
    createCurlHttps({ processes: createProcesses() }).look({
      url: `https://platform.example:${port}/`,
      resolved: [{ host: "platform.example", port, addresses: ["127.0.0.1"] }],
      proxy: null,
      interface: null,
      connectTimeoutMs: 20_000,
      totalTimeoutMs: 20_000,
      ...change,
    });

  it("sees the certificate that nobody trusts, the clock and where it is sent to, and asks by HEAD for no more", async () => {
    const seen: string[] = [];
    const port = await far(({ method, url, headers }, response) => {
      seen.push(`${method} ${url} ${headers["content-type"] ?? ""}`);
      response
        .writeHead(302, { location: "https://portal.example/login", date: "Sat, 28 Nov 2026 05:00:00 GMT" })
        .end();
    });
    const outcome = await look(port);
    expect(outcome).toMatchObject({
      kind: "seen",
      exitCode: 0,
      status: 302,
      proxyStatus: 0,
      message: "",
      proxySchemes: [],
      date: "Sat, 28 Nov 2026 05:00:00 GMT",
      location: "https://portal.example/login",
    });
    expect(seen).toEqual(["HEAD / "]);
    const [leaf = ""] = outcome.kind === "seen" ? outcome.certificates : [];
    expect(new X509Certificate(leaf)).toMatchObject({
      subject: expect.stringContaining("other.example"),
      issuer: expect.stringContaining("Nobody's Authority"),
    });
  });

  it("sees the certificate of a server that wants one of ours", async () => {
    const port = await far((_, response) => response.end(), { requestCert: true, rejectUnauthorized: true });
    const outcome = await look(port);
    expect(outcome).toMatchObject({ kind: "seen", status: 0 });
    expect(outcome.kind === "seen" && outcome.exitCode).not.toBe(0);
    expect(outcome.kind === "seen" && outcome.certificates.length).toBe(1);
  });

  it.each([
    ['Proxy-Authenticate: Basic realm="a, b"\r\n', ["basic"]],
    [
      "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Basic realm=x\r\n",
      ["negotiate", "ntlm", "basic"],
    ],
    ['Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth", Basic realm="r"\r\n', ["digest", "basic"]],
    ["", []],
  ])("reads what a proxy offers: %j", async (header, proxySchemes) => {
    const authorizations: (string | undefined)[] = [];
    const port = await keep(listenProxy({ status: 407, header }, (_, sent) => authorizations.push(sent)));
    const outcome = await look(443, { proxy: { host: "127.0.0.1", port, credentials: null } });
    expect(outcome).toMatchObject({ kind: "seen", status: 0, proxyStatus: 407, proxySchemes, date: null });
    expect(authorizations).toEqual([undefined]);
  });

  it("sees the certificate behind a proxy", async () => {
    const behind = await far((_, response) => response.end());
    const port = await keep(listenProxy({ tunnel: behind }));
    const outcome = await look(443, { resolved: [], proxy: { host: "127.0.0.1", port, credentials: null } });
    expect(outcome).toMatchObject({ kind: "seen", exitCode: 0, proxyStatus: 200, status: 200 });
    expect(outcome.kind === "seen" && outcome.certificates.length).toBe(1);
  });

  it("tells plain HTTP, a refused connection and headers without end", async () => {
    const plain = await keep(listenTcp((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n")));
    expect(await look(plain)).toMatchObject({ kind: "seen", exitCode: 35, certificates: [] });
    expect(await look(1)).toMatchObject({ kind: "seen", exitCode: 7 });
    const endless = await far((_, response) => {
      const socket = response.socket;
      socket?.write("HTTP/1.1 200 OK\r\n");
      const more = () => {
        while (socket?.writable && socket.write(`X-More: ${"x".repeat(1000)}\r\n`));
        socket?.once("drain", more);
      };
      more();
    });
    const outcome = await look(endless);
    expect(outcome.kind === "seen" && outcome.exitCode).not.toBe(0);
  });
});

describe("what a look means", () => {
  const exited = (stdout: string, stderr: string, code = 0): Exited => ({ kind: "exited", code, stdout, stderr });

  it("holds for anything that a far side sends", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom("HTTP/1.1 407 x\r\nProxy-Authenticate: ,=\r\n\r\n"),
    );
    fc.assert(
      fc.property(text, text, fc.nat(99), (stdout, fields, code) => {
        const report = `\n000 407 0.1 0.2 0.3 0.4 [::1]:443 \n${fields}`;
        const outcome = lookOutcome(exited(stdout, report, code), 1000);
        expect(outcome).toMatchObject({ kind: "seen", exitCode: code, proxyStatus: 407, status: 0 });
      }),
    );
  });

  it("has no words that a terminal would obey", () => {
    const headers = "HTTP/1.1 302 x\r\nLocation: http://[x\u001b[2J\rhidden\u009b1m\r\n\r\n";
    const report = "\n302 000 0.1 0.2 0.3 0.4 [::1]:443 \n";
    expect(lookOutcome(exited(headers, report), 1000)).toMatchObject({ location: "http://[x [2J hidden 1m" });
  });

  it("is not misled by a certificate whose fields look like a report", () => {
    const stderr = "\n000 200 0.1 0.2 0.3 0.4 [::1]:443 SSL\nSubject:CN = x\n200 200 0.1 0.1 0.1 0.1 [::1]:443 \n";
    expect(lookOutcome(exited("", stderr, 60), 1000)).toMatchObject({ status: 0, message: "SSL", exitCode: 60 });
  });

  it.each([
    [{ kind: "aborted", stdout: "", stderr: "" }, { kind: "aborted" }],
    [{ kind: "notFound", program: "curl" }, { kind: "unavailable" }],
    [
      { kind: "timeout", stdout: "", stderr: "" },
      { kind: "seen", exitCode: 28 },
    ],
    [
      { kind: "tooMuchOutput", stdout: "", stderr: "" },
      { kind: "seen", exitCode: 56 },
    ],
    [exited("", "curl: bad option", 2), { kind: "unavailable" }],
  ] as const)("%j", (ended, expected) => {
    expect(lookOutcome(ended, 1000)).toMatchObject(expected);
  });
});
