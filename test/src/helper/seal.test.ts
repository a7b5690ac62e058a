import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Exited, Processes } from "../../../hal/processes.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { createChildSealer, createSocketSealer, sealSocket } from "../../../src/helper/seal/client.ts";
import { sealVerbs } from "../../../src/helper/seal/verbs.ts";
import { answerOnce, serveHelper } from "../../../src/helper/server.ts";
import { createModelCredentials, type MachineKey } from "../../support/model-credentials.ts";
import { createSomeLog } from "../../support/some-log.ts";
import { createRecordingMachine } from "./recording-machine.ts";

const never = new AbortController().signal;
const reference = "0123456789abcdef".repeat(2);
const other = "f".repeat(32);
const canary = 'canary-"pass\\word';

function helper(machine: { key: MachineKey } = { key: "host" }) {
  const credentials = createModelCredentials(machine);
  const { log, records } = createSomeLog();
  const parts = { ...createRecordingMachine(), processes: credentials.processes };
  const answer = createAnswer({ machine: parts, log, verbs: sealVerbs });
  const ask = async (request: unknown) => JSON.parse(await answer(JSON.stringify(request), () => true, never));
  return { ...credentials, answer, ask, records };
}

describe("the helper of the secrets", () => {
  it("seals and opens, each by the name of its reference, and has looked at what it hands over", async () => {
    const { ask, runs } = helper();
    const sealed = await ask({ verb: "seal", reference, secret: canary });
    expect(sealed).toEqual({ ok: true, value: expect.stringMatching(/^[A-Za-z0-9+/]+={0,2}$/) });
    expect(await ask({ verb: "open", reference, sealed: sealed.value })).toEqual({ ok: true, value: canary });
    expect(runs.map((argv) => argv.join(" "))).toEqual([
      `systemd-creds --name=bezel-${reference} --with-key=auto --tpm2-pcrs= encrypt - -`,
      `systemd-creds --name=bezel-${reference} decrypt - -`,
      `systemd-creds --name=bezel-${reference} decrypt - -`,
    ]);
  });

  it("opens nothing under another reference, and nothing that another machine has sealed", async () => {
    const machine = { key: "host" };
    const { ask } = helper(machine);
    const { value: sealed } = await ask({ verb: "seal", reference, secret: canary });
    const refused = (detail: string) => ({
      ok: false,
      error: { kind: "refused", detail: expect.stringContaining(detail) },
    });
    expect(await ask({ verb: "open", reference: other, sealed })).toEqual(refused("does not match filename"));
    machine.key = "another";
    expect(await ask({ verb: "open", reference, sealed })).toEqual(refused("Bad message"));
  });

  it("does not hand over what it cannot open again", async () => {
    const encrypted = helper();
    const processes: Processes = {
      run: async (argv, options): Promise<Exited> => {
        const ended = await encrypted.processes.run(argv, options);
        return argv.includes("decrypt") ? { ...ended, kind: "exited", code: 0, stdout: "other", stderr: "" } : ended;
      },
    };
    const { log } = createSomeLog();
    const answer = createAnswer({ machine: { ...createRecordingMachine(), processes }, log, verbs: sealVerbs });
    expect(await answer(JSON.stringify({ verb: "seal", reference, secret: canary }), () => true, never)).toContain(
      "what was sealed opens as something else",
    );
  });

  it("tells the complaint of systemd-creds and not its warning, where there is no key", async () => {
    const { ask } = helper({ key: null });
    expect(await ask({ verb: "seal", reference, secret: canary })).toEqual({
      ok: false,
      error: {
        kind: "refused",
        detail: "systemd-creds ended with 1: TPM2 not available and host key located on temporary file system.",
      },
    });
  });

  it.each<[unknown, string]>([
    [{ verb: "link", port: "lan", mode: "auto" }, "verb: must be one of seal, open"],
    [{ verb: "seal", reference }, "secret: must be a text"],
    [{ verb: "seal", reference, secret: "" }, "secret: must not be empty"],
    [{ verb: "seal", reference, secret: canary.repeat(20) }, "secret: must be at most 256 characters"],
    [{ verb: "seal", reference, secret: [canary] }, "secret: must be a text"],
    [{ verb: "seal", reference: "", secret: canary }, "reference: must be 32 hexadecimal digits"],
    [{ verb: "seal", reference: `${reference} -H`, secret: canary }, "reference: must be 32 hexadecimal digits"],
    [{ verb: "seal", reference: canary, secret: canary }, "reference: must be 32 hexadecimal digits"],
    [{ verb: "seal", reference, secret: canary, key: canary }, "takes reference, secret and nothing else"],
    [{ verb: canary, reference, secret: canary }, "verb: must be one of seal, open"],
    [{ verb: "open", reference, sealed: "" }, "sealed: must be base64"],
    [{ verb: "open", reference, sealed: "QUJD\n" }, "sealed: must be base64"],
    [{ verb: "open", reference, sealed: "A".repeat(3001) }, "sealed: must be at most 3000 characters"],
    [{ verb: "open", reference, secret: canary }, "sealed: must be base64"],
  ])("%j is refused, nothing is run, and the log has nothing of it", async (request, reason) => {
    const { ask, runs, records } = helper();
    const reply = await ask(request);
    expect(reply).toMatchObject({ ok: false, error: { kind: "refused", detail: expect.stringContaining(reason) } });
    expect(runs).toEqual([]);
    expect(JSON.stringify(reply)).not.toContain("canary");
    expect(records.join("\n")).not.toContain("canary");
  });

  it("says no secret in its log, nor to programs but by their input", async () => {
    const printable = fc.string({ minLength: 8, maxLength: 256, unit: "binary" });
    await fc.assert(
      fc.asyncProperty(printable, async (secret) => {
        const { ask, records, runs } = helper();
        const { value: sealed } = await ask({ verb: "seal", reference, secret });
        expect(await ask({ verb: "open", reference, sealed })).toEqual({ ok: true, value: secret });
        await ask({ verb: "open", reference: other, sealed });
        const said = records.join("\n") + JSON.stringify(runs);
        for (const text of [secret, JSON.stringify(secret).slice(1, -1), sealed]) expect(said).not.toContain(text);
        expect(records.length).toBe(3);
      }),
      { numRuns: 100 },
    );
  });
});

describe("the way to it", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-seal-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is a socket", async () => {
    const path = join(folder, "seal.sock");
    const controller = new AbortController();
    const { answer } = helper();
    let ended: Promise<void> = Promise.resolve();
    await new Promise<void>((listening) => {
      ended = serveHelper({ listen: { path }, answer, clock: createFakeClock(), signal: controller.signal, listening });
    });
    const sealer = createSocketSealer({ clock: createFakeClock(), path });
    // The longest that there can be, as JSON writes it: it fits into a line.
    const longest = "\u0001".repeat(256);
    const sealed = await sealer.seal(reference, longest);
    expect(sealed.ok && (await sealer.open(reference, sealed.value))).toEqual({ ok: true, value: longest });
    controller.abort();
    await ended;
  });

  it("says what is missing where nobody listens", async () => {
    const sealer = createSocketSealer({ clock: createFakeClock(), path: join(folder, "none.sock") });
    expect(await sealer.seal(reference, canary)).toEqual({
      ok: false,
      error: { kind: "unavailable", detail: expect.stringContaining("systemctl start bezel-seal.socket") },
    });
    expect(sealSocket).toBe("/run/bezel-seal.sock");
  });

  it("takes ten seconds at most where nobody answers", async () => {
    const path = join(folder, "hangs.sock");
    const clock = createFakeClock();
    const controller = new AbortController();
    const answer = () => new Promise<string>(() => {});
    let ended: Promise<void> = Promise.resolve();
    await new Promise<void>((listening) => {
      ended = serveHelper({ listen: { path }, answer, clock: createFakeClock(), signal: controller.signal, listening });
    });
    const opened = createSocketSealer({ clock, path }).open(reference, "QUJD");
    await clock.advance(10_000);
    expect(await opened).toEqual({
      ok: false,
      error: { kind: "timeout", detail: `${path}: no answer within 10000 ms` },
    });
    controller.abort();
    await ended;
  });

  it("is a child for root, which is told the secret by its input", async () => {
    const asked: unknown[] = [];
    const { answer } = helper();
    const processes: Processes = {
      run: async (argv, { inputs, timeoutMs }) => {
        asked.push([argv.join(" "), timeoutMs]);
        const { PassThrough } = await import("node:stream");
        const [input, output] = [new PassThrough(), new PassThrough()];
        input.end(inputs?.[0]);
        await answerOnce({ input, output, answer, clock: createFakeClock(), signal: never });
        return { kind: "exited", code: 0, stdout: String(output.read()), stderr: "" };
      },
    };
    const sealer = createChildSealer({ processes, argv: ["node", "bezel.cjs", "helper"] });
    const sealed = await sealer.seal(reference, canary);
    expect(sealed.ok && (await sealer.open(reference, sealed.value))).toEqual({ ok: true, value: canary });
    expect(asked).toEqual(Array(2).fill(["node bezel.cjs helper --seal", 10_000]));
  });
});
