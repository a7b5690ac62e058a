import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createProcesses } from "../../../hal/linux/processes.ts";
import type { Argv, Processes, RunOptions } from "../../../hal/processes.ts";
import { createCurlHttps, probeCurl } from "../../../src/https/curl.ts";
import type { HttpsOutcome, HttpsRequest } from "../../../src/https/https.ts";
import { type Authority, type Credential, createAuthority, createSelfSigned } from "../../support/certificates.ts";
import { type Listening, listenHttps, listenProxy, listenTcp } from "../../support/https-server.ts";
import { hasTool } from "../../support/tools.ts";

describe.skipIf(!hasTool("curl"))("requests by curl (needs curl)", () => {
  let folder: string;
  let authority: Authority;
  let server: Credential;
  let device: Credential;
  const open: Listening[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel:curl-"));
    authority = await createAuthority("Test Authority");
    server = await authority.issue({ commonName: "platform.example", hosts: ["platform.example"] });
    device = await createSelfSigned({ commonName: "device" });
    await writeFile(join(folder, "ca.pem"), authority.certificate);
    await writeFile(join(folder, "device.pem"), device.certificate);
    await writeFile(join(folder, "device.key"), device.key);
  });
  afterEach(async () => {
    for (const listening of open.splice(0)) await listening.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  const keep = async (listening: Promise<Listening>) => {
    open.push(await listening);
    return (await listening).port;
  };
  const platform = (handle: RequestListener, options = {}) =>
    keep(listenHttps({ cert: server.certificate, key: server.key, ...options }, handle));
  const request = (port: number, change: Partial<HttpsRequest> = {}): HttpsRequest => ({
    method: "GET",
    url: `https://platform.example:${port}/poll`,
    body: null,
    resolved: [{ host: "platform.example", port, addresses: ["127.0.0.1"] }],
    proxy: null,
    identity: null,
    authorityFile: join(folder, "ca.pem"),
    interface: null,
    connectTimeoutMs: 20_000,
    totalTimeoutMs: 20_000,
    maxReplyBytes: 1_000_000,
    ...change,
  });
  const ask = (port: number, change: Partial<HttpsRequest> = {}) =>
    createCurlHttps({ processes: createProcesses() }).request(request(port, change));
  const identity = () => ({ certificateFile: join(folder, "device.pem"), keyFile: join(folder, "device.key") });

  it("tells where the connection led to, and whose certificate was shown where that was asked for", async () => {
    const port = await platform((_, response) => response.end("body"));
    expect(await ask(port)).toMatchObject({ kind: "reply", remote: `127.0.0.1:${port}`, certificates: [] });
    const shown = await ask(port, { showsCertificates: true });
    const { certificates = [] } = shown.kind === "reply" ? shown : {};
    expect(new X509Certificate(certificates[0] ?? "").issuer).toBe(new X509Certificate(server.certificate).issuer);
  });

  it.each([200, 204, 302, 401, 403, 500])("returns status %i with its body and times", async (status) => {
    const port = await platform((_, response) => response.writeHead(status, { location: "/x" }).end("body"));
    const outcome = await ask(port);
    expect(outcome).toMatchObject({ kind: "reply", status });
    if (outcome.kind !== "reply") return;
    expect(Buffer.from(outcome.body).toString()).toBe(status === 204 ? "" : "body");
    const { connectedMs, tlsMs, firstByteMs, totalMs } = outcome.timings;
    expect([connectedMs, tlsMs, firstByteMs, totalMs].every((ms) => ms > 0)).toBe(true);
    expect(connectedMs < tlsMs && tlsMs < firstByteMs && firstByteMs <= totalMs).toBe(true);
  });

  it("returns every byte of a body", async () => {
    const body = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    const port = await platform((_, response) => response.end(body));
    const outcome = await ask(port);
    expect(outcome.kind === "reply" && Buffer.from(outcome.body).equals(body)).toBe(true);
  });

  it("posts a long body whole, as JSON", async () => {
    let seen: Buffer | null = null;
    let headers: IncomingMessage["headers"] = {};
    const port = await platform(async (incoming, response) => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part);
      seen = Buffer.concat(parts);
      headers = incoming.headers;
      response.end();
    });
    const body = Buffer.alloc(300_000, '"\r\n\0ä');
    expect(await ask(port, { method: "POST", body })).toMatchObject({ kind: "reply", status: 200 });
    expect(body.equals(seen ?? Buffer.alloc(0))).toBe(true);
    expect(headers).toMatchObject({ "content-type": "application/json", "content-length": "300000" });
    expect(headers.expect).toBeUndefined();
  });

  it.each<[string, RequestListener]>([
    ["of stated length", (_, response) => response.end(Buffer.alloc(200_000))],
    [
      "in chunks",
      (_, response) => {
        for (let chunk = 0; chunk < 20; chunk++) response.write(Buffer.alloc(10_000));
        response.end();
      },
    ],
    [
      "without end",
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on("drain", more);
        more();
      },
    ],
  ])("refuses a reply that is too large, %s", async (_, handle) => {
    const port = await platform(handle);
    expect(await ask(port, { maxReplyBytes: 100_000 })).toEqual({ kind: "tooLarge", maxReplyBytes: 100_000 });
    expect(await ask(port, { maxReplyBytes: 1000 })).toEqual({ kind: "tooLarge", maxReplyBytes: 1000 });
  });

  it("takes a reply that just fits", async () => {
    const port = await platform((_, response) => response.end(Buffer.alloc(1000)));
    expect(await ask(port, { maxReplyBytes: 1000 })).toMatchObject({ kind: "reply" });
    expect(await ask(port, { maxReplyBytes: 999 })).toMatchObject({ kind: "tooLarge" });
  });

  it("gives up on a server that hangs", async () => {
    const port = await platform(() => {});
    expect(await ask(port, { totalTimeoutMs: 300 })).toMatchObject({ kind: "failed", exitCode: 28, proxyStatus: 0 });
  });

  it("gives up on a handshake that hangs, by the limit for the connection", async () => {
    const port = await keep(listenTcp(() => {}));
    expect(await ask(port, { connectTimeoutMs: 200 })).toMatchObject({ kind: "failed", exitCode: 28 });
  });

  it("reports a refused port", async () => {
    const listening = await listenTcp(() => {});
    await listening.close();
    expect(await ask(listening.port)).toMatchObject({ kind: "failed", exitCode: 7 });
  });

  it("reports a connection that is reset after the request", async () => {
    const port = await platform((incoming) => (incoming.socket as TLSSocket).destroy());
    // An empty reply or a receive error, as the close or the reset is seen first.
    expect(await ask(port)).toMatchObject({
      kind: "failed",
      exitCode: expect.toSatisfy((code) => code === 52 || code === 56),
    });
  });

  it("reports a port that it cannot leave by", async () => {
    const port = await platform((_, response) => response.end());
    expect(await ask(port, { interface: "no-such-port" })).toMatchObject({ kind: "failed", exitCode: 45 });
    expect(await ask(port, { interface: "lo" })).toMatchObject({ kind: "reply" });
  });

  it("reports a certificate of another authority, though the system may know it", async () => {
    const other = await createAuthority("Other Authority");
    const credential = await other.issue({ commonName: "platform.example", hosts: ["platform.example"] });
    const port = await platform((_, response) => response.end(), { cert: credential.certificate, key: credential.key });
    expect(await ask(port)).toMatchObject({ kind: "failed", exitCode: 60 });
  });

  it("reports a certificate of another name", async () => {
    const credential = await authority.issue({ commonName: "other.example", hosts: ["other.example"] });
    const port = await platform((_, response) => response.end(), { cert: credential.certificate, key: credential.key });
    expect(await ask(port)).toMatchObject({ kind: "failed", exitCode: 60 });
  });

  it("refuses TLS 1.1", async () => {
    const port = await platform((_, response) => response.end(), {
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    expect(await ask(port)).toMatchObject({ kind: "failed", exitCode: 35 });
  });

  it("shows the device certificate to the server", async () => {
    let subject: unknown;
    const port = await platform(
      (incoming, response) => {
        subject = (incoming.socket as TLSSocket).getPeerCertificate().subject?.CN;
        response.end();
      },
      { requestCert: true, rejectUnauthorized: false },
    );
    expect(await ask(port, { identity: identity() })).toMatchObject({ kind: "reply" });
    expect(subject).toBe("device");
  });

  it("tells by its message that the server wants a certificate", async () => {
    const port = await platform((_, response) => response.end(), {
      requestCert: true,
      rejectUnauthorized: true,
      ca: [authority.certificate],
    });
    expect(await ask(port)).toMatchObject({
      kind: "failed",
      exitCode: 56,
      proxyStatus: 0,
      message: expect.stringContaining("certificate required"),
    });
  });

  it("asks no resolver for a name that is resolved, and reports one that is not", async () => {
    const outcome = await ask(1, { url: "https://name.invalid/", resolved: [] });
    expect(outcome).toMatchObject({ kind: "failed", exitCode: 6 });
  });

  it.each([407, 403, 503])("reports a proxy that answers %i", async (status) => {
    const header = status === 407 ? 'Proxy-Authenticate: Basic realm="x"\r\n' : "";
    const port = await keep(listenProxy({ status, header }));
    const outcome = await ask(443, { proxy: { host: "127.0.0.1", port, credentials: null } });
    expect(outcome).toMatchObject({ kind: "failed", proxyStatus: status });
  });

  it("goes through a proxy that it is known to, resolving only the proxy's name", async () => {
    const port = await platform((_, response) => response.end("through"));
    const seen: (string | undefined)[] = [];
    const proxy = await keep(listenProxy({ tunnel: port }, (...what) => seen.push(...what)));
    const outcome = await ask(port, {
      resolved: [{ host: "proxy.example", port: proxy, addresses: ["127.0.0.1"] }],
      proxy: { host: "proxy.example", port: proxy, credentials: { user: "ü", password: "a:b", scheme: "basic" } },
    });
    expect(outcome).toMatchObject({ kind: "reply", status: 200 });
    expect(seen).toEqual([`platform.example:${port}`, `Basic ${Buffer.from("ü:a:b").toString("base64")}`]);
  });

  it("asks no proxy of the environment, and heeds no exception of it", async () => {
    const proxy = await keep(listenProxy({ status: 503 }));
    const port = await platform((_, response) => response.end());
    const environment = {
      https_proxy: `http://127.0.0.1:${proxy}`,
      ALL_PROXY: `http://127.0.0.1:${proxy}`,
      no_proxy: "*",
    };
    const https = createCurlHttps({ processes: createProcesses({ environment }) });
    expect(await https.request(request(port))).toMatchObject({ kind: "reply" });
    const viaProxy = { proxy: { host: "127.0.0.1", port: proxy, credentials: null } };
    expect(await https.request(request(port, viaProxy))).toMatchObject({ kind: "failed", proxyStatus: 503 });
  });

  it("passes any user and password on as they are, or refuses them", async () => {
    const seen: (string | undefined)[] = [];
    const port = await keep(listenProxy({ status: 403 }, (_, authorization) => seen.push(authorization)));
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(..."\\\"'#=@ \t\n\r\0:%{}$äab") }),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (user, password) => {
        const credentials = { user, password, scheme: "basic" } as const;
        let outcome: HttpsOutcome | null = null;
        try {
          outcome = await ask(443, { proxy: { host: "127.0.0.1", port, credentials } });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        if (outcome === null) return;
        expect(outcome).toMatchObject({ kind: "failed", proxyStatus: 403 });
        expect(Buffer.from(seen.pop()?.replace("Basic ", "") ?? "", "base64").toString()).toBe(`${user}:${password}`);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("ends when it is aborted", async () => {
    const controller = new AbortController();
    const port = await platform(() => controller.abort());
    expect(await ask(port, { signal: controller.signal })).toEqual({ kind: "aborted" });
  });

  it("shows no secret to other users of the machine", async () => {
    const runs: { argv: Argv; options: RunOptions }[] = [];
    const processes: Processes = {
      run: async (argv, options) => {
        runs.push({ argv, options });
        return { kind: "notFound", program: "curl" };
      },
    };
    const credentials = { user: "user", password: "canary", scheme: "basic" } as const;
    const body = Buffer.from("canary");
    const outcome = await createCurlHttps({ processes }).request(
      request(443, { method: "POST", body, proxy: { host: "proxy", port: 1, credentials } }),
    );
    expect(runs.map(({ argv }) => argv)).toEqual([["curl", "-q", "--config", "-"]]);
    expect(runs[0]?.options.inputs?.[0]).toContain("canary");
    expect(runs[0]?.options.inputs?.[3]).toBe(body);
    expect(outcome).toMatchObject({ kind: "unavailable", message: expect.stringContaining("curl") });
  });

  it("knows this machine's curl", async () => {
    expect(await probeCurl(createProcesses())).toMatchObject({ ok: true, value: { version: expect.any(String) } });
  });
});
