import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlatform } from "../../platform/platform.ts";
import { createProxy } from "../../sim/network/proxy.ts";
import type { ProxyState } from "../../sim/network/world.ts";
import { type CheckDocument, createCheckSchema } from "../../src/check/document.ts";
import { bundle } from "../support/bench-process.ts";
import { type Authority, type Credential, createAuthority } from "../support/certificates.ts";
import { listenHttps, listenTcp } from "../support/https-server.ts";
import { hasTool } from "../support/tools.ts";

const schema = createCheckSchema();

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program as a process of its own. */
async function bezel(
  args: readonly string[],
  {
    input = "",
    argv = [process.execPath, bundle],
    cwd = "/",
  }: { input?: string; argv?: readonly string[]; cwd?: string } = {},
): Promise<Ended> {
  const [program = "", ...rest] = argv;
  const child = spawn(program, [...rest, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part: Buffer) => {
    stdout += part;
  });
  child.stderr.on("data", (part: Buffer) => {
    stderr += part;
  });
  // One that needs no password ends without having read it.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

function document({ stdout, stderr }: Ended): CheckDocument {
  expect(stderr).toBe("");
  return schema.parse(JSON.parse(stdout));
}

/** What is to be seen of a host at once. */
const short = ({ ok, rungs, fault, warnings }: CheckDocument["hosts"][number]) => ({
  ok,
  rungs: rungs.map(({ rung, ok }) => (ok ? rung : `${rung}!`)).join(" "),
  code: fault?.code ?? null,
  message: fault?.message ?? null,
  rule: fault?.rule ?? null,
  warnings,
});

describe.skipIf(!hasTool("curl"))("bezel check (needs curl)", () => {
  let folder = "";
  let config = "";
  let authority: Authority;
  let stranger: Authority;
  let good: Credential;
  const open: { close(): Promise<void> }[] = [];

  const keep = async <T extends { close(): Promise<void> }>(listening: Promise<T>): Promise<T> => {
    open.push(await listening);
    return listening;
  };
  const serve = async (handle: RequestListener, credential: Credential = good) => {
    const { port } = await keep(listenHttps({ cert: credential.certificate, key: credential.key }, handle));
    return `127.0.0.1:${port}`;
  };
  const hello: RequestListener = (_, response) => response.end("hello");
  const configure = (name: string, lines: readonly string[]) => {
    const file = join(folder, name);
    writeFileSync(file, ["[platform]", ...lines, `ca_file = "${folder}/ca.pem"`, ""].join("\n"));
    return file;
  };

  let well = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bezel-check-"));
    chmodSync(folder, 0o755);
    [authority, stranger] = await Promise.all([createAuthority("Our Authority"), createAuthority("Nosy Gateway CA")]);
    writeFileSync(join(folder, "ca.pem"), authority.certificate);
    good = await authority.issue({ commonName: "platform", hosts: ["127.0.0.1"] });
    well = await serve(hello);
    config = configure("bezel.toml", [`url = "https://${well}"`]);
  });
  afterAll(async () => {
    for (const listening of open) await listening.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds all well: of a platform, with its bytes to measure with", async () => {
    const platform = createPlatform({ hostName: "127.0.0.1", now: () => 0 });
    const { url, caPem } = await platform.start();
    try {
      const file = join(folder, "platform.toml");
      writeFileSync(join(folder, "platform.pem"), caPem);
      writeFileSync(file, `[platform]\nurl = "${url}"\nca_file = "${folder}/platform.pem"\n`);
      const ended = await bezel(["check", "--json", "--config", file]);
      const told = document(ended);
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
    const closed = await keep(listenTcp(() => {}));
    await closed.close();
    const expired = await authority.issue({
      commonName: "platform",
      hosts: ["127.0.0.1"],
      notAfter: new Date("2021-01-01T00:00:00Z"),
    });
    const dated = (date: string): RequestListener => {
      return (_, response) => response.writeHead(200, { date }).end();
    };
    const cases = [
      [well, { ok: true, rungs: "dns connect tls http clock" }],
      [
        await serve((_, response) => response.writeHead(500).end()),
        { ok: true, rungs: "dns connect tls http clock", code: null },
      ],
      [
        await serve((_, response) =>
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
        await serve(hello, await stranger.issue({ commonName: "platform", hosts: ["127.0.0.1"] })),
        { rungs: "dns connect tls!", code: "tls-intercepted", message: "SSL peer cert was not OK" },
      ],
      [
        await serve(hello, await stranger.issue({ commonName: "login", hosts: ["login.example"] })),
        { rungs: "dns connect tls!", code: "tls-portal", message: "SSL peer cert was not OK" },
      ],
      [await serve(hello, expired), { rungs: "dns connect tls!", code: "tls-expired" }],
      [
        `127.0.0.1:${(await keep(listenTcp((socket) => socket.end("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")))).port}`,
        { rungs: "dns connect tls!", code: "tls-portal" },
      ],
      [
        `127.0.0.1:${(await keep(listenTcp((socket) => socket.once("data", () => socket.resetAndDestroy())))).port}`,
        { rungs: "dns connect tls!", code: "receive-failed", message: "Failed receiving peer data (56)" },
      ],
      [
        await serve(dated("Thu, 01 Jan 2026 00:00:00 GMT")),
        { rungs: "dns connect tls http clock!", code: "clock-wrong", message: "The clock is wrong", rule: null },
      ],
      [await serve(dated("any day now")), { ok: true, rungs: "dns connect tls http clock" }],
    ] as const;
    const hosts = cases.flatMap(([host]) => ["--host", host]);
    const ended = await bezel(["check", "--json", "--config", config, ...hosts]);
    const told = document(ended);
    expect([ended.code, told.ok]).toEqual([1, false]);
    expect(told.hosts.map(({ host }) => host)).toEqual(cases.map(([host]) => host));
    expect(told.hosts.map(short)).toMatchObject(cases.map(([, expected]) => expected));
    expect(told.hosts[4]?.issuer).toBe("Nosy Gateway CA");
    expect(told.hosts[4]?.fault?.rule).toMatch(/^Exempt 127\.0\.0\.1:\d+ from TLS inspection/);
    expect(told.hosts[2]?.rungs[3]?.detail).toBe("HTTP/302, sends on to https://filter.example/blocked");
  });

  it("shows a person a table, then what is broken and what to ask for", async () => {
    const page = await serve((_, response) => response.end("x".repeat(100_000)));
    const ended = await bezel([
      "check",
      "--config",
      configure("page.toml", [`url = "https://${page}"`]),
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

  describe("by a proxy", () => {
    const state: { now: ProxyState } = { now: { required: true, auth: "none", answer: "ok" } };
    let proxy = "";
    const check = async (change: Partial<ProxyState>, user = "", input = "") => {
      state.now = { required: true, auth: "none", answer: "ok", ...change };
      const ended = await bezel(["check", "--json", "--config", config, "--proxy", `http://${user}${proxy}`], {
        input,
      });
      const [host] = document(ended).hosts;
      return host === undefined ? null : { ...short(host), detail: host.rungs.at(-1)?.detail ?? "" };
    };
    beforeAll(async () => {
      const { port } = await keep(createProxy({ state: () => state.now, route: (target) => target }));
      proxy = `127.0.0.1:${port}`;
    });

    const whole = { ok: true, rungs: "dns proxy tls http clock" };
    it.each<[string, Partial<ProxyState>, string, string, object]>([
      ["nobody is asked", {}, "", "", whole],
      ["Basic is asked for and given", { auth: "basic" }, "bench@", "bench\n", whole],
      ["NTLM is asked for and given", { auth: "ntlm" }, "BENCH\\bench@", "bench\n", whole],
      [
        "the password is wrong",
        { auth: "basic" },
        "bench@",
        "wrong\n",
        { rungs: "dns proxy!", code: "proxy-http-407", message: "unexpected proxy HTTP/407", rule: null },
      ],
      ["nobody gave a user", { auth: "basic" }, "", "", { rungs: "dns proxy!", code: "proxy-http-407" }],
      [
        "the user may not",
        { answer: "403" },
        "",
        "",
        {
          rungs: "dns proxy!",
          code: "proxy-http-403",
          rule: expect.stringMatching(/^Let 127\.0\.0\.1 pass the proxy/),
        },
      ],
      [
        "the platform is out of its reach",
        { answer: "503" },
        "",
        "",
        {
          code: "proxy-http-503",
          rule: expect.stringMatching(/outbound from the proxy 127\.0\.0\.1 to 127\.0\.0\.1$/),
        },
      ],
      ["it hangs up", { answer: "reset" }, "", "", { rungs: "dns proxy!", code: "receive-failed" }],
    ])("%s", async (_, change, user, input, expected) => {
      expect(await check(change, user, input)).toMatchObject(expected);
    });

    it("never tells the password", async () => {
      state.now = { required: true, auth: "basic", answer: "ok" };
      const { stdout, stderr } = await bezel(["check", "--config", config, "--proxy", `http://bench@${proxy}`], {
        input: "CANARY-1957\n",
      });
      expect(stdout + stderr).toMatch(/HTTP\/407/);
      expect(stdout + stderr).not.toContain("CANARY");
    });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["nothing to check", [], /nothing to check: give --host HOST, --preset qualys-qg3/],
    ["an unknown preset", ["--preset", "other"], /other is none of qualys-qg3/],
    ["a host that is none", ["--host", "https://x"], /without http/],
    ["a SOCKS proxy", ["--host", "x", "--proxy", "socks5://127.0.0.1:1080"], /SOCKS proxies are not supported/],
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
    const silent = await keep(
      listenTcp((socket) => {
        socket.resume();
        hasArrived();
      }),
    );
    const args = ["check", "--json", "--config", config, "--host", `127.0.0.1:${silent.port}`];
    const child = spawn(process.execPath, [bundle, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.on("data", (part: Buffer) => {
      stdout += part;
    });
    const ended = once(child, "close");
    await arrived;
    child.kill("SIGINT");
    expect(await ended).toEqual([1, null]);
    const told = schema.parse(JSON.parse(stdout));
    expect([told.ok, told.interrupted, told.hosts.length]).toEqual([false, true, 2]);
    expect(short(told.hosts[1] as CheckDocument["hosts"][number])).toMatchObject({
      ok: false,
      rungs: "dns",
      code: null,
    });
  });

  it.skipIf(!hasTool("script"))(
    "asks for the password at a terminal without showing it, and shows how far it is (needs script)",
    async () => {
      const asking = await keep(
        createProxy({ state: () => ({ required: true, auth: "basic", answer: "ok" }), route: (target) => target }),
      );
      const proxy = `http://bench@127.0.0.1:${asking.port}`;
      const command = `${process.execPath} ${bundle} check --config ${config} --proxy ${proxy}`;
      // script(1) gives the program a terminal, and types there what comes by its own input.
      const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
      let shown = "";
      child.stdout.on("data", (part: Buffer) => {
        const wasAsked = shown.includes("Password of");
        shown += part;
        if (!wasAsked && shown.includes("Password of")) child.stdin.write("bench\r");
      });
      const [code] = await once(child, "close");
      const [before = "", after = ""] = shown.split(`Password of bench at proxy 127.0.0.1:${asking.port}: `);
      expect([code, before]).toEqual([0, ""]);
      expect(after.startsWith("\r\n")).toBe(true);
      expect(after).not.toContain("bench\r");
      expect(after).toContain("\r\x1b[Kchecked 0 of 1, 127.0.0.1:");
      expect(after).toContain("\r\x1b[Khost ");
      expect(after).toContain("1 of 1 host is well.");
    },
  );

  const asNobody = process.getuid?.() === 0 && hasTool("setpriv");
  it.skipIf(!asNobody)(
    "runs as nobody in an empty folder without a configuration (needs root and setpriv)",
    async () => {
      // The program's folder need not be one that others may enter.
      cpSync(dirname(bundle), join(folder, "program"), { recursive: true });
      const cwd = join(folder, "empty");
      mkdirSync(cwd, { mode: 0o755 });
      const setpriv = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--no-new-privs",
        "--inh-caps=-all",
      ];
      const argv = [...setpriv, process.execPath, join(folder, "program", "bezel.cjs")];
      const unknown = await bezel(["check", "--json", "--host", well], { argv, cwd });
      expect(unknown.code).toBe(1);
      expect(document(unknown).hosts.map(short)).toMatchObject([
        { rungs: "dns connect tls!", code: "tls-intercepted" },
      ]);
      const known = await bezel(["check", "--json", "--config", config], { argv, cwd });
      expect([known.code, document(known).ok]).toEqual([0, true]);
    },
  );
});
