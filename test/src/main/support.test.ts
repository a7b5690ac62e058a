import { Writable } from "node:stream";
import { parseTarGzip } from "nanotar";
import { describe, expect, it } from "vitest";
import type { HalErrorKind } from "../../../hal/errors.ts";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Exited, Processes } from "../../../hal/processes.ts";
import { createFaultFile } from "../../../src/appliance/fault-file.ts";
import { createOutput, runSupport, type SupportParts } from "../../../src/main/support.ts";
import { silentLog } from "../../../src/model/log.ts";
import { maskText } from "../../../src/model/mask.ts";
import { ok } from "../../../src/model/result.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { createDurableFolder } from "../../../src/settings/durable.ts";
import { encodeSecret, secretFile } from "../../../src/settings/secret-file.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";

const canary = "canary-password-1";
const configFile = "/etc/bezel/bezel.toml";
const config = `[appliance]
serial = "29001"
[control]
socket = "/nobody/answers"
[panel]
pin = "271828"
[state]
directory = "/state"
`;
const bundlePath = "/home/bezel-support-29001-20260101T000000Z.tar.gz";

/** A machine with stored settings, whose programs all print the same. */
async function machine({ configText = config, printed = "printed\n" } = {}) {
  const files = createMemoryFiles();
  files.put(configFile, configText);
  await files.makeDirectory("/home", 0o755);
  const clock = createFakeClock();
  const store = await openSettingsStore({ files, directory: "/state/settings", clock, log: silentLog });
  const proxy = { host: "proxy.example", port: 3128, user: "anna", passwordRef: null };
  const begun = await store.begin({ ...factorySettings(), proxy }, { proxyPassword: canary });
  if (begun.ok) await begun.value.commit();
  const processes: Processes = {
    run: async () => ({ kind: "exited", code: 0, stdout: printed, stderr: "" }),
  };
  return { files, clock, processes };
}

async function support(
  on: Awaited<ReturnType<typeof machine>>,
  { output = null, ...change }: Partial<SupportParts> & { readonly output?: string | null } = {},
) {
  let stderr = "";
  const written: (string | Uint8Array)[] = [];
  const stdout = {
    isTerminal: false,
    write: async (content: string | Uint8Array) => void written.push(content),
  };
  const code = await runSupport(
    { name: "support", output, place: { url: null, config: configFile } },
    {
      ...on,
      version: "0.1.0",
      bezel: ["node", "bezel.cjs"],
      isRoot: true,
      directory: "/home",
      stdout,
      stderr: (text) => {
        stderr += text;
      },
      planChange: async () => ok("nothing to do\n"),
      signal: new AbortController().signal,
      ...change,
    },
  );
  return { code, stderr, written };
}

async function unpack(packed: Uint8Array | undefined): Promise<Readonly<Record<string, string>>> {
  if (packed === undefined) throw new Error("there is no bundle");
  const entries = await parseTarGzip(packed);
  return Object.fromEntries(entries.map(({ name, text }) => [name.split("/").slice(1).join("/"), text]));
}

describe("bezel support", () => {
  it("writes the bundle for its owner alone, and prints where", async () => {
    const on = await machine();
    const { code, stderr, written } = await support(on);
    expect([code, written]).toEqual([0, [`${bundlePath}\n`]]);
    expect(on.files.mode(bundlePath)).toBe(0o600);
    const files = await unpack(await on.files.read(bundlePath, 2 ** 20));
    expect(files["status.json.missing"]).toBe("/nobody/answers: nobody answers; is the daemon running?\n");
    expect(files["plan.txt"]).toBe("nothing to do\n");
    expect(files["config.toml"]).toMatch(/^pin = "\*+"$/m);
    expect(JSON.parse(files["settings.json"] ?? "")).toMatchObject({
      proxy: { host: "proxy.example", user: "anna", passwordRef: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(files["network/sockets.txt"]).toBe("printed\n");
    expect(files["index.txt"]).toContain("Secrets: 2 stored ones were looked for");
    expect(stderr).toContain("status.json, screen.json, faults.json: /nobody/answers: nobody answers");
  });

  it("holds no stored secret, whatever programs print", async () => {
    const on = await machine({ printed: `{"MESSAGE":"${canary} and 271828"}\n` });
    await support(on);
    const files = await unpack(await on.files.read(bundlePath, 2 ** 20));
    expect(files["log.jsonl"]).toBe(`{"MESSAGE":"${maskText} and ${maskText}"}\n`);
    expect(Object.values(files).filter((text) => text.includes(canary) || text.includes("271828"))).toEqual([]);
  });

  it("says of sealed secrets which nothing opens that they were not looked for", async () => {
    const on = await machine();
    const reference = "0".repeat(32);
    on.files.put(`/state/settings/${secretFile(reference)}`, encodeSecret(reference, { sealed: "c2VhbGVk" }));
    await support(on);
    const files = await unpack(await on.files.read(bundlePath, 2 ** 20));
    expect(files["index.txt"]).toMatch(/^Secrets: 2 stored ones were .*; 1 more cannot be .* not looked for$/m);
  });

  it("tells the faults that are stored where the daemon does not answer", async () => {
    const on = await machine();
    const fault = {
      ...{ number: 1, code: "timeout", message: "Timeout was reached (28)", legacyCode: "E06" as const },
      ...{ detail: "nothing came", next: "Check the firewall.", since: "2026-01-01T00:00:00.000Z", until: null },
    };
    const folder = createDurableFolder(on.files, "/state/faults");
    const file = createFaultFile({ folder, clock: on.clock, log: silentLog });
    file.keep({ faults: [fault], told: { through: 0, standing: [] } });
    await file.close();
    await support(on);
    const files = await unpack(await on.files.read(bundlePath, 2 ** 20));
    expect(JSON.parse(files["faults.json"] ?? "")).toEqual({
      from: "the state directory: the daemon does not answer",
      faults: [fault],
    });

    on.files.put("/state/faults/history.json", "damaged");
    await support(on, { output: "again.tar.gz" });
    const again = await unpack(await on.files.read("/home/again.tar.gz", 2 ** 20));
    expect(again["faults.json.missing"]).toMatch(/nobody answers.*\nthe history of faults cannot be read/);
  });

  it("says that it could not look for secrets which it may not read", async () => {
    const on = await machine();
    on.files.fail({ kind: "denied", path: /^\/state/ });
    const { code, stderr } = await support(on, { isRoot: false });
    expect(code).toBe(0);
    expect(stderr).toMatch(/as root it would hold more of .*settings\.json/);
    const files = await unpack(await on.files.read(bundlePath, 2 ** 20));
    expect(files["index.txt"]).toContain("Secrets: the stored ones cannot be read and were not looked for");
    expect(files["settings.json.missing"]).toContain("/state/settings");
  });

  it("takes a wrong configuration as one more thing to tell", async () => {
    const on = await machine({ configText: '[panel]\npin = "secret-pin"\nfrob = 1\n' });
    const { code, written } = await support(on);
    expect(code).toBe(0);
    const files = await unpack(await on.files.read(String(written[0]).trim(), 2 ** 20));
    expect(files["config.toml.missing"]).toMatch(/bezel\.toml:3: panel\.frob: unknown/);
    expect(JSON.stringify(files)).not.toContain("secret-pin");
  });

  it("goes to standard output, but to no terminal", async () => {
    const on = await machine();
    const { code, written } = await support(on, { output: "-" });
    expect(code).toBe(0);
    expect(Object.keys(await unpack(written[0] as Uint8Array))).toContain("index.txt");
    const toTerminal = { isTerminal: true, write: () => Promise.reject(new Error("written to a terminal")) };
    expect(await support(on, { output: "-", stdout: toTerminal })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("send it to a file"),
    });
    const closed = {
      isTerminal: false,
      write: () => Promise.reject(new HalError("closed", "standard output", "EPIPE")),
    };
    expect((await support(on, { output: "-", stdout: closed })).code).toBe(1);
  });

  it("does not count as given away where standard output does not take it", async () => {
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("no space"), { code: "ENOSPC" })),
    });
    const ended = await support(await machine(), { output: "-", stdout: createOutput(full) });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no bundle") });
  });

  it("never writes over a file", async () => {
    const on = await machine();
    on.files.put("/home/box.tar.gz", "dear");
    const { code, stderr } = await support(on, { output: "box.tar.gz" });
    expect([code, on.files.text("/home/box.tar.gz")]).toEqual([2, "dear"]);
    expect(stderr).toContain("/home/box.tar.gz exists already");
  });

  it.each<[HalErrorKind, number]>([
    ["denied", 4],
    ["full", 1],
    ["absent", 1],
  ])("that cannot be written (%s) ends with %d", async (kind, code) => {
    const on = await machine();
    on.files.fail({ kind, names: ["create", "sync"], path: bundlePath });
    const ended = await support(on);
    expect([ended.code, ended.written]).toEqual([code, []]);
    expect(ended.stderr).toContain("--output");
  });

  it("leaves no file where the disk takes it and loses it", async () => {
    const on = await machine();
    on.files.fail({ kind: "io", names: ["sync"], path: bundlePath });
    expect((await support(on)).code).toBe(1);
    expect(on.files.text(bundlePath)).toBeNull();
  });

  it("leaves no file when it is interrupted, while it gathers and while it writes", async () => {
    const hangs = await machine();
    const interruption = new AbortController();
    const processes: Processes = {
      run: (_, { signal }) =>
        new Promise<Exited>((resolve) => {
          if (signal?.aborted) resolve({ kind: "aborted", stdout: "", stderr: "" });
          signal?.addEventListener("abort", () => resolve({ kind: "aborted", stdout: "", stderr: "" }));
          setImmediate(() => interruption.abort());
        }),
    };
    const gathering = await support(hangs, { processes, signal: interruption.signal });
    expect(gathering).toMatchObject({ code: 1, stderr: expect.stringContaining("interrupted; there is no bundle") });
    expect(hangs.files.text(bundlePath)).toBeNull();

    const writes = await machine();
    const late = new AbortController();
    const files = {
      ...writes.files,
      create: async (...args: Parameters<typeof writes.files.create>) => {
        await writes.files.create(...args);
        late.abort();
      },
    };
    const writing = await support({ ...writes, files }, { signal: late.signal });
    expect([writing.code, writing.written, writes.files.text(bundlePath)]).toEqual([1, [], null]);
  });
});
