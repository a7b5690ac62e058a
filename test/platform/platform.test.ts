import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../hal/linux/clock.ts";
import { createFiles } from "../../hal/linux/files.ts";
import { createProcesses } from "../../hal/linux/processes.ts";
import { refusalMessages } from "../../platform/answer.ts";
import { createFolderStore, createPlatform, type Platform, type PlatformAnswer } from "../../platform/platform.ts";
import { createCurlHttps } from "../../src/https/curl.ts";
import type { HttpsOutcome } from "../../src/https/https.ts";
import { createProxyOffers } from "../../src/https/proxy-offers.ts";
import { silentLog } from "../../src/model/log.ts";
import { exchange, type PollOutcome, type PollReport, type Way } from "../../src/uplink/exchange.ts";
import { ensureIdentity } from "../../src/uplink/identity.ts";
import { bandwidthBytes, bandwidthUrl, pollPath } from "../../src/uplink/protocol.ts";
import { describeByApi } from "../support/platform-api.ts";
import { emptyReport } from "../support/some-report.ts";
import { hasTool } from "../support/tools.ts";

const now = () => Date.UTC(2026, 0, 1);
const report: PollReport = { ...emptyReport, model: "Bezel 1" };
const way: Way = { family: 4, servers: ["198.51.100.53"], source: null, interface: null, proxy: null };
const curl = createCurlHttps({ processes: createProcesses() });
const judgeByApi = describeByApi();

let directory: string;
let platform: Platform;
let platformUrl: string;
/** One poll of the appliance that lives in this folder, by real curl. */
let poll: (change?: Partial<PollReport>, box?: string) => Promise<PollOutcome | null>;

async function start(): Promise<void> {
  platform = createPlatform({
    hostName: "platform.example",
    store: createFolderStore(join(directory, "platform")),
    now,
  });
  const { url, caPem } = await platform.start();
  platformUrl = url;
  const authorityFile = join(directory, "ca.pem");
  await writeFile(authorityFile, caPem);
  poll = (change = {}, box = "box") => {
    const state = { files: createFiles(), directory: join(directory, box), serial: "29001", log: silentLog };
    const options = {
      platformUrl,
      authorityFile,
      identity: () => ensureIdentity(state),
      resolver: {
        resolve: async () => ({ kind: "addresses" as const, addresses: ["127.0.0.1"], server: "198.51.100.53" }),
      },
      offers: createProxyOffers({ curlHasNtlm: () => true, clock: createSystemClock() }),
      https: {
        request: async (request: Parameters<typeof curl.request>[0]) => {
          // Silence lasts as long as one waits for it.
          const short = platform.control.answer() === "hang" ? { connectTimeoutMs: 300, totalTimeoutMs: 300 } : {};
          const outcome = await curl.request({ ...request, ...short });
          expect(judgeByApi(Buffer.from(request.body ?? []), outcome)).toEqual([]);
          return outcome;
        },
        look: curl.look,
      },
    };
    return exchange(options, way, { ...report, ...change }, new AbortController().signal);
  };
}

const state = (outcome: PollOutcome | null) => (outcome?.kind === "ok" ? outcome.reply.registration : outcome);
const box = () => platform.control.appliances()[0]?.fingerprint ?? "";

describe.skipIf(!hasTool("curl"))("the platform, asked by a real curl (needs curl)", () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "bezel-platform-"));
    await start();
  });
  afterEach(async () => {
    await platform.stop();
    await rm(directory, { recursive: true });
  });

  it("shows one code until it is used, also over restarts of both, then the name that it is given", async () => {
    const first = state(await poll());
    expect(first).toMatchObject({ state: "unactivated" });
    expect(state(await poll())).toEqual(first);
    await platform.stop();
    await start();
    expect(state(await poll())).toEqual(first);

    const code = first !== null && "code" in first ? first.code : "";
    expect(platform.control.activate("AAAA-AAAA-AAAA").ok).toBe(false);
    expect(platform.control.activate(code.toLowerCase(), { name: "is_quays_ab" })).toEqual({ ok: true, value: box() });
    expect(state(await poll())).toMatchObject({ state: "active", name: "is_quays_ab", indicator: "P" });

    expect(platform.control.change(box(), { name: "rack 7" }).ok).toBe(false);
    expect(platform.control.change(box(), { name: "rack-7", indicator: "E", pollIntervalSeconds: 60 }).ok).toBe(true);
    const renamed = { state: "active", name: "rack-7", indicator: "E", pollIntervalSeconds: 60 };
    expect(state(await poll())).toEqual(renamed);
    await platform.stop();
    await start();
    expect(state(await poll())).toEqual(renamed);
  });

  it("knows two appliances with one serial number by their keys", async () => {
    const [first, second] = [state(await poll({}, "one")), state(await poll({}, "two"))];
    expect(first).not.toEqual(second);
    expect(platform.control.appliances().map(({ serial }) => serial)).toEqual(["29001", "29001"]);
  });

  it("activates on sight when it is told to, orders a job once, and cancels it", async () => {
    platform.control.activateOnSight({ name: "bench" });
    expect(state(await poll())).toMatchObject({ state: "active", name: "bench" });
    const queued = platform.control.queueJob(box(), { kind: "scan", parameters: { seconds: 60 } });
    const id = queued.ok ? queued.value : "";
    const order = { id, kind: "scan", parameters: { seconds: 60 } };
    // A reply may be lost: the order is repeated until the job is seen.
    expect(await poll()).toMatchObject({ kind: "ok", reply: { jobs: [order] } });
    expect(await poll()).toMatchObject({ kind: "ok", reply: { jobs: [order] } });
    const running = { jobs: [{ id, state: "running" as const, percent: 5 }] };
    expect(await poll(running)).toMatchObject({ kind: "ok", reply: { jobs: [], cancellations: [] } });
    platform.control.cancelJob(box(), id);
    expect(await poll(running)).toMatchObject({ kind: "ok", reply: { jobs: [], cancellations: [id] } });
  });

  it("pushes settings until the appliance reports their revision", async () => {
    platform.control.activateOnSight({});
    await poll();
    const items = [{ id: "vlan-20", kind: "vlan", value: { tag: 20 } }];
    expect(platform.control.pushSettings(box(), items)).toEqual({ ok: true, value: 1 });
    expect(await poll()).toMatchObject({ kind: "ok", reply: { settings: { revision: 1, items } } });
    const applied = { settings: { revision: 1, results: [{ id: "vlan-20", ok: true, message: "" }] } };
    expect(await poll(applied)).toMatchObject({ kind: "ok", reply: { settings: null } });
    expect(platform.control.appliances()[0]?.lastPoll?.request.settings).toEqual(applied.settings);
  });

  it("takes a report and gives settings of 4094 VLANs", async () => {
    platform.control.activateOnSight({});
    const ids = Array.from({ length: 4094 }, (_, index) => `vlan-${index + 1}`);
    const results = ids.map((id) => ({ id, ok: false, message: "x".repeat(120) }));
    await poll({ settings: { revision: 1, results } });
    const value = { tag: 4094, address: "192.168.100.100", prefixLength: 24, gateway: "192.168.100.254", name: "n" };
    platform.control.pushSettings(
      box(),
      ids.map((id) => ({ id, kind: "vlan", value })),
    );
    expect(await poll()).toMatchObject({ kind: "ok", reply: { settings: { items: { length: 4094 } } } });
  });

  const failed = (exitCode: number) => ({ kind: "transport", outcome: { kind: "failed", exitCode } });
  it.each<[PlatformAnswer, object]>([
    ["401", { kind: "refused", status: 401, reason: null }],
    ["500", { kind: "refused", status: 500, reason: null }],
    ["hang", failed(28)],
    ["reset", failed(35)],
    ["refused", failed(7)],
    ["other-certificate", failed(60)],
    ["unknown-appliance", { kind: "refused", status: 403, reason: "unknown-appliance" }],
    ["disabled", { kind: "refused", status: 403, reason: "disabled" }],
    ["expired", { kind: "refused", status: 403, reason: "account-expired" }],
    ["unknown-scan", { kind: "refused", status: 403, reason: "unknown-scan" }],
  ])("answers %s as asked, and well again after it", async (answer, outcome) => {
    platform.control.activateOnSight({});
    await platform.control.setAnswer(answer);
    expect(platform.control.answer()).toBe(answer);
    expect(await poll()).toMatchObject(outcome);
    await platform.control.setAnswer("ok");
    expect(await poll()).toMatchObject({ kind: "ok" });
  });

  it("goes from each answer to each other", async () => {
    for (const answer of ["refused", "hang", "refused", "other-certificate", "reset", "refused"] as const) {
      await platform.control.setAnswer(answer);
      expect((await poll())?.kind).toBe("transport");
    }
    await platform.control.setAnswer("ok");
    expect((await poll())?.kind).toBe("ok");
  });

  it.each([
    ["removed", "unknown-appliance"],
    ["disabled", "disabled"],
    ["expired", "account-expired"],
  ] as const)("refuses an appliance that is %s, and only that one", async (change, reason) => {
    await poll();
    const first = box();
    await poll({}, "other");
    platform.control.change(first, { state: change });
    const message = refusalMessages[reason];
    expect(await poll()).toEqual({ kind: "refused", status: 403, reason, message });
    expect(await poll({}, "other")).toMatchObject({ kind: "ok" });
    platform.control.change(first, { state: "active" });
    expect(state(await poll())).toMatchObject({ state: "active" });
  });

  describe("refuses what is not a poll:", () => {
    const send = (change: { path?: string; body?: string; anonymous?: boolean }) => async (): Promise<HttpsOutcome> => {
      const box = { files: createFiles(), directory: join(directory, "box"), serial: "", log: silentLog };
      const identity = await ensureIdentity(box);
      const { port } = new URL(platformUrl);
      return curl.request({
        method: "POST",
        url: `${platformUrl}${change.path ?? pollPath}`,
        body: Buffer.from(change.body ?? "{}"),
        resolved: [{ host: "platform.example", port: Number(port), addresses: ["127.0.0.1"] }],
        proxy: null,
        identity: identity.ok && change.anonymous !== true ? identity.value : null,
        authorityFile: join(directory, "ca.pem"),
        interface: null,
        connectTimeoutMs: 5000,
        totalTimeoutMs: 5000,
        maxReplyBytes: 10_000,
      });
    };
    it.each<[string, number, ReturnType<typeof send>]>([
      ["no certificate", 401, send({ anonymous: true })],
      ["another path", 404, send({ path: "/" })],
      ["no JSON", 400, send({ body: "hello" })],
      ["another shape", 400, send({ body: '{"nonce": 1}' })],
      ["too much", 413, send({ body: "x".repeat(1024 * 1024 + 1) })],
    ])("%s is %d", async (_what, status, request) => {
      const outcome = await request();
      expect(outcome).toMatchObject({ kind: "reply", status });
      expect(judgeByApi(null, outcome)).toEqual([]);
      expect(platform.control.appliances()).toEqual([]);
    });
  });

  it("gives whoever asks random bytes to measure with", async () => {
    const { port } = new URL(platformUrl);
    const get = () =>
      curl.request({
        method: "GET",
        url: bandwidthUrl(platformUrl),
        body: null,
        resolved: [{ host: "platform.example", port: Number(port), addresses: ["127.0.0.1"] }],
        proxy: null,
        identity: null,
        authorityFile: join(directory, "ca.pem"),
        interface: null,
        connectTimeoutMs: 5000,
        totalTimeoutMs: 5000,
        maxReplyBytes: bandwidthBytes,
      });
    const [first, second] = [await get(), await get()];
    const bodies = [first, second].map((outcome) => (outcome.kind === "reply" ? outcome.body : new Uint8Array()));
    expect(bodies.map(({ length }) => length)).toEqual([bandwidthBytes, bandwidthBytes]);
    expect(bodies[0]).not.toEqual(bodies[1]);
    await platform.control.setAnswer("500");
    expect(await get()).toMatchObject({ kind: "reply", status: 500 });
    expect(platform.control.appliances()).toEqual([]);
  });

  it("tells its listeners of polls and changes", async () => {
    const seen: string[] = [];
    const stop = platform.control.subscribe(({ state, lastPoll }) => seen.push(`${state} ${lastPoll?.at}`));
    await poll();
    platform.control.change(box(), { state: "active" });
    stop();
    await poll();
    expect(seen).toEqual(["unactivated 2026-01-01T00:00:00.000Z", "active 2026-01-01T00:00:00.000Z"]);
  });

  it("says which file is damaged", async () => {
    await platform.stop();
    const file = join(directory, "platform", "appliances.json");
    await writeFile(file, "[{");
    await expect(start()).rejects.toThrow(`${file} is damaged`);
    await rm(file);
    await start();
  });
});
