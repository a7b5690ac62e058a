import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlatform } from "../../platform/platform.ts";
import type { CheckDocument } from "../../src/check/schema.ts";
import { bundle } from "../support/bench-process.ts";
import { bezel, type CheckRig, documentOf, openCheckRig, short } from "../support/check-rig.ts";
import { listenTcp } from "../support/https-server.ts";
import { hasTool } from "../support/tools.ts";

describe.skipIf(!hasTool("curl"))("bezel check (needs curl)", () => {
  let rig: CheckRig;
  beforeAll(async () => {
    rig = await openCheckRig();
  });
  afterAll(() => rig?.close());
  const hello: RequestListener = (_, response) => response.end("hello");

  it("finds all well: of a platform, with its bytes to measure with", async () => {
    const platform = createPlatform({ hostName: "127.0.0.1", now: () => 0 });
    const { url, caPem } = await platform.start();
    try {
      const file = join(rig.folder, "platform.toml");
      writeFileSync(join(rig.folder, "platform.pem"), caPem);
      writeFileSync(file, `[platform]\nurl = "${url}"\nca_file = "${rig.folder}/platform.pem"\n`);
      const ended = await bezel(["check", "--json", "--config", file]);
      const told = documentOf(ended);
      expect(told.hosts.map(short)).toEqual([
        { ok: true, rungs: "dns connect tls http clock", code: null, message: null, rule: null, warnings: [] },
      ]);
      expect([ended.code, told.ok, told.hosts[0]?.issuer]).toEqual([0, true, "Bezel reference platform authority"]);
      expect(told.bandwidth.detail).toMatch(/Mbit\/s: 1000000 bytes from 127\.0\.0\.1:\d+ in \d/);
      expect(told.bandwidthMbps).toBeGreaterThan(0);
    } finally {
      await platform.stop();
    }
  });

  it("names each fault of a host, side by side and in order", async () => {
    const closed = await rig.keep(listenTcp(() => {}));
    await closed.close();
    const expired = await rig.authority.issue({
      commonName: "platform",
      hosts: ["127.0.0.1"],
      notAfter: new Date("2021-01-01T00:00:00Z"),
    });
    const dated = (date: string): RequestListener => {
      return (_, response) => response.writeHead(200, { date }).end();
    };
    const cases = [
      [rig.well, { ok: true, rungs: "dns connect tls http clock" }],
      [
        await rig.serve((_, response) => response.writeHead(500).end()),
        { ok: true, rungs: "dns connect tls http clock", code: null },
      ],
      [
        await rig.serve((_, response) =>
          response.writeHead(302, { location: "https://filter.example/blocked?id=7" }).end(),
        ),
        { ok: true, code: null, warnings: ["127.0.0.1 sends on to another host: a block page, a log-in page?"] },
      ],
      [
        `127.0.0.1:${closed.port}`,
        {
          rungs: "dns connect!",
          code: "connect-failed",
          message: "Error connect to server (07)",
          rule: `Allow TCP ${closed.port} outbound from 127.0.0.1 to 127.0.0.1`,
        },
      ],
      [
        await rig.serve(hello, await rig.stranger.issue({ commonName: "platform", hosts: ["127.0.0.1"] })),
        { rungs: "dns connect tls!", code: "tls-intercepted", message: "SSL peer cert was not OK" },
      ],
      [
        await rig.serve(hello, await rig.stranger.issue({ commonName: "login", hosts: ["login.example"] })),
        { rungs: "dns connect tls!", code: "tls-portal", message: "SSL peer cert was not OK" },
      ],
      [await rig.serve(hello, expired), { rungs: "dns connect tls!", code: "tls-expired" }],
      [
        `127.0.0.1:${(await rig.keep(listenTcp((socket) => socket.end("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")))).port}`,
        { rungs: "dns connect tls!", code: "tls-portal" },
      ],
      [
        `127.0.0.1:${(await rig.keep(listenTcp((socket) => socket.once("data", () => socket.resetAndDestroy())))).port}`,
        { rungs: "dns connect tls!", code: "receive-failed", message: "Failed receiving peer data (56)" },
      ],
      [
        await rig.serve(dated("Thu, 01 Jan 2026 00:00:00 GMT")),
        { rungs: "dns connect tls http clock!", code: "clock-wrong", message: "The clock is wrong", rule: null },
      ],
      [await rig.serve(dated("any day now")), { ok: true, rungs: "dns connect tls http clock" }],
    ] as const;
    const hosts = cases.flatMap(([host]) => ["--host", host]);
    const ended = await bezel(["check", "--json", "--config", rig.config, ...hosts]);
    const told = documentOf(ended);
    expect([ended.code, told.ok]).toEqual([1, false]);
    expect(told.hosts.map(({ host }) => host)).toEqual(cases.map(([host]) => host));
    expect(told.hosts.map(short)).toMatchObject(cases.map(([, expected]) => expected));
    expect(told.hosts[4]?.issuer).toBe("Nosy Gateway CA");
    expect(told.hosts[4]?.fault?.rule).toMatch(/^Exempt 127\.0\.0\.1:\d+ from TLS inspection/);
    expect(told.hosts[2]?.rungs[3]?.detail).toBe("HTTP/302, sends on to https://filter.example/blocked");
  });

  it("shows a person a table, then what is broken and what to ask for", async () => {
    const page = await rig.serve((_, response) => response.end("x".repeat(100_000)));
    const ended = await bezel([
      "check",
      "--config",
      rig.configure("page.toml", `https://${page}`),
      "--host",
      "127.0.0.1:1",
    ]);
    expect([ended.code, ended.stderr]).toEqual([1, ""]);
    const lines = ended.stdout.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^host +dns +connect +tls +http +clock +certificate issued by$/),
      expect.stringMatching(/^127\.0\.0\.1:\d+ +✓ +✓ \d+ ms +✓ \d+ ms +✓ \d+ ms +✓ +Our Authority$/),
      expect.stringMatching(/^127\.0\.0\.1:1 +✓ +✗ \d+ ms +· +· +·$/),
    ]);
    expect(ended.stdout).toMatch(/^bandwidth +[\d.]+ Mbit\/s: 100000 bytes from /m);
    expect(ended.stdout).toMatch(/^✗ 127\.0\.0\.1:1: Error connect to server \(07\) \(E06\)$/m);
    expect(ended.stdout).toMatch(/^ {2}ask for +Allow TCP 1 outbound from 127\.0\.0\.1 to 127\.0\.0\.1$/m);
    expect(lines.at(-2)).toBe("1 of 2 hosts are well.");
    expect(ended.stdout.includes("\x1b")).toBe(false);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["nothing to check", [], /nothing to check: give --host HOST, --preset qualys-qg3/],
    ["an unknown preset", ["--preset", "other"], /other is none of qualys-qg3/],
    [
      "a password in the address",
      ["--host", "x", "--proxy", "http://a:CANARY@127.0.0.1:1"],
      /no password on the command line/,
    ],
    ["no password", ["--host", "x", "--proxy", "http://bob@127.0.0.1:1"], /no password came for bob/],
    ["a configuration that is missing", ["--host", "x", "--config", "/nowhere/bezel.toml"], /no such file/],
  ])("refuses %s", async (_, args, message) => {
    const { code, stdout, stderr } = await bezel(["check", "--json", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("CANARY");
  });

  it("is ended at once by Ctrl-C, with what is known", async () => {
    let hasArrived = () => {};
    const arrived = new Promise<void>((resolve) => {
      hasArrived = resolve;
    });
    const silent = await rig.keep(
      listenTcp((socket) => {
        socket.resume();
        hasArrived();
      }),
    );
    const args = ["check", "--json", "--config", rig.config, "--host", `127.0.0.1:${silent.port}`];
    const child = spawn(process.execPath, [bundle, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.on("data", (part: Buffer) => {
      stdout += part;
    });
    const ended = once(child, "close");
    await arrived;
    child.kill("SIGINT");
    expect(await ended).toEqual([1, null]);
    const told = documentOf({ code: 1, stdout, stderr: "" });
    expect([told.ok, told.interrupted, told.hosts.length]).toEqual([false, true, 2]);
    expect(short(told.hosts[1] as CheckDocument["hosts"][number])).toMatchObject({
      ok: false,
      rungs: "dns",
      code: null,
    });
  });

  const asNobody = process.getuid?.() === 0 && hasTool("setpriv");
  it.skipIf(!asNobody)(
    "runs as nobody in an empty folder without a configuration (needs root and setpriv)",
    async () => {
      // Neither the program's folder nor Node's need be one that others may enter.
      cpSync(dirname(bundle), join(rig.folder, "program"), { recursive: true });
      cpSync(process.execPath, join(rig.folder, "node"), { dereference: true });
      const cwd = join(rig.folder, "empty");
      mkdirSync(cwd, { mode: 0o755 });
      const setpriv = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--no-new-privs",
        "--inh-caps=-all",
      ];
      const argv = [...setpriv, join(rig.folder, "node"), join(rig.folder, "program", "bezel.cjs")];
      const unknown = await bezel(["check", "--json", "--host", rig.well], { argv, cwd });
      expect(unknown.code).toBe(1);
      expect(documentOf(unknown).hosts.map(short)).toMatchObject([
        { rungs: "dns connect tls!", code: "tls-intercepted" },
      ]);
      const known = await bezel(["check", "--json", "--config", rig.config], { argv, cwd });
      expect([known.code, documentOf(known).ok]).toEqual([0, true]);
    },
  );
});
