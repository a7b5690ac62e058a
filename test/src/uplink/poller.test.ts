import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Question, Resolved } from "../../../hal/resolver.ts";
import type { HttpsOutcome, HttpsRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import type { PollFacts } from "../../../src/model/facts.ts";
import { silentLog } from "../../../src/model/log.ts";
import { failed, ok, type Result } from "../../../src/model/result.ts";
import type { Identity, IdentityProblem } from "../../../src/uplink/identity.ts";
import {
  createPoller,
  type PollerOptions,
  type PollOutcome,
  type TimeSample,
  type Way,
} from "../../../src/uplink/poller.ts";
import { type PollReply, pollRequestSchema } from "../../../src/uplink/protocol.ts";
import { nothingSeen } from "../../support/scripted-platform.ts";
import { emptyReport } from "../../support/some-report.ts";

const identity: Identity = { certificateFile: "/s/c.pem", keyFile: "/s/k.pem", fingerprint: "00" };
const timings = { connectedMs: 1, tlsMs: 2, firstByteMs: 3, totalMs: 4 };
const direct: Way = { family: 4, servers: ["10.0.0.1"], source: "10.0.0.2", interface: "lan0", proxy: null };
const proxy = { host: "proxy.example", port: 3128, account: null };

/** What the far side answers, given the request's nonce; `hangs` until it is given up. */
type Answer = HttpsOutcome | "hangs" | ((nonce: string) => HttpsOutcome);

function replyWith(body: unknown, status = 200): HttpsOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "reply", status, body: Buffer.from(text), timings };
}
const active = { state: "active" as const, name: "is_quays_ab", indicator: "P", pollIntervalSeconds: 180 };
function goodBody(nonce: string, change: Partial<PollReply> = {}): PollReply {
  const time = "2026-01-01T00:00:00Z";
  return { nonce, time, registration: active, settings: null, jobs: [], cancellations: [], update: null, ...change };
}
const good =
  (change: Partial<PollReply> = {}) =>
  (nonce: string) =>
    replyWith(goodBody(nonce, change));
const refused: HttpsOutcome = { kind: "failed", exitCode: 7, proxyStatus: 0, message: "refused", timings };

function setUp(answers: Answer[], change: Partial<PollerOptions> & { answerMs?: number; resolved?: Resolved } = {}) {
  const clock = createFakeClock();
  const requests: HttpsRequest[] = [];
  const questions: Question[] = [];
  const outcomes: PollOutcome[] = [];
  const samples: TimeSample[] = [];
  const startedAt: number[] = [];
  let facts: PollFacts | null = null;
  let running = 0;
  const { answerMs = 0, resolved = { kind: "addresses", addresses: ["203.0.113.1"], server: "10.0.0.1" } } = change;
  const poller = createPoller({
    clock,
    random: () => 0.5,
    log: silentLog,
    platformUrl: "https://platform.example",
    authorityFile: null,
    offers: createProxyOffers({ curlHasNtlm: () => true, clock }),
    identity: async () => ok(identity),
    resolver: {
      resolve: async (question) => {
        questions.push(question);
        return resolved;
      },
    },
    https: {
      look: async () => nothingSeen,
      request: async (request) => {
        expect(++running).toBe(1);
        startedAt.push(clock.monotonic());
        requests.push(request);
        const { nonce } = pollRequestSchema.parse(JSON.parse(Buffer.from(request.body ?? []).toString()));
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        const signal = request.signal;
        const outcome = await new Promise<HttpsOutcome>((resolve) => {
          signal?.addEventListener("abort", () => resolve({ kind: "aborted" }));
          if (answer === undefined || answer === "hangs") return;
          clock.after("answer", answerMs, () => resolve(typeof answer === "function" ? answer(nonce) : answer));
        });
        running--;
        return outcome;
      },
    },
    way: () => direct,
    report: () => emptyReport,
    publish: (poll) => {
      facts = poll;
    },
    ended: (outcome) => outcomes.push(outcome),
    timeSample: (sample) => samples.push(sample),
    ...change,
  });
  const stop = new AbortController();
  const done = poller.run(stop.signal);
  const end = async () => {
    stop.abort();
    await done;
    expect(clock.pending().filter((name) => name !== "answer")).toEqual([]);
  };
  return { clock, poller, requests, questions, outcomes, samples, startedAt, facts: () => facts, end };
}

describe("a poll", () => {
  it("is one question to the management port's servers and one request over the device's certificate", async () => {
    const { clock, requests, questions, outcomes, end } = setUp([good()], { authorityFile: "/etc/ca.pem" });
    await clock.advance(0);
    expect(questions).toMatchObject([
      { name: "platform.example", family: 4, servers: ["10.0.0.1"], source: "10.0.0.2", timeoutMs: 6000 },
    ]);
    expect(requests).toMatchObject([
      {
        method: "POST",
        url: "https://platform.example/appliance/v1/poll",
        resolved: [{ host: "platform.example", port: 443, addresses: ["203.0.113.1"] }],
        identity,
        authorityFile: "/etc/ca.pem",
        interface: "lan0",
        proxy: null,
        connectTimeoutMs: 30_000,
      },
    ]);
    expect(outcomes).toMatchObject([{ kind: "ok", reply: { registration: active } }]);
    await end();
  });

  it.each<[string, string, Way, string[]]>([
    ["a literal platform", "https://203.0.113.9:8443", direct, []],
    ["a literal IPv6 platform", "https://[2001:db8::1]", { ...direct, servers: [] }, []],
    ["a platform behind a proxy", "https://platform.example", { ...direct, proxy }, ["proxy.example:3128"]],
    [
      "a platform behind a literal proxy",
      "https://platform.example",
      { ...direct, servers: [], proxy: { ...proxy, host: "10.0.0.9" } },
      [],
    ],
    ["a platform on another port", "https://platform.example:444", direct, ["platform.example:444"]],
  ])("resolves what it must for %s", async (_what, platformUrl, way, names) => {
    const { clock, requests, questions, end } = setUp([good()], { platformUrl, way: () => way });
    await clock.advance(0);
    expect(requests.map(({ resolved }) => resolved.map(({ host, port }) => `${host}:${port}`))).toEqual([names]);
    expect(questions.length).toBe(names.length);
    const { proxy: by } = way;
    expect(requests[0]?.proxy).toEqual(by === null ? null : { host: by.host, port: by.port, credentials: null });
    await end();
  });

  it.each<[string, Partial<Parameters<typeof setUp>[1] & object>, PollOutcome]>([
    [
      "no DNS servers",
      { way: () => ({ ...direct, servers: [] }) },
      { kind: "noServers", target: "platform", name: "platform.example" },
    ],
    [
      "no DNS servers for the proxy's name",
      { way: () => ({ ...direct, servers: [], proxy }) },
      { kind: "noServers", target: "proxy", name: "proxy.example" },
    ],
    [
      "a name nobody knows",
      { resolved: { kind: "noAnswer", server: "10.0.0.1", code: "ENOTFOUND" } },
      {
        kind: "unresolved",
        target: "platform",
        name: "platform.example",
        answer: { kind: "noAnswer", server: "10.0.0.1", code: "ENOTFOUND" },
      },
    ],
    [
      "no identity",
      { identity: async () => failed({ kind: "full", message: "full" }) },
      { kind: "noIdentity", problem: { kind: "full", message: "full" } },
    ],
  ])("with %s sends nothing", async (_what, change, outcome) => {
    const { clock, requests, outcomes, end } = setUp([good()], change);
    await clock.advance(0);
    expect(outcomes).toEqual([outcome]);
    expect(requests).toEqual([]);
    await end();
  });

  it("without a way asks nobody anything, and goes when there is one", async () => {
    let way: Way | null = null;
    const { clock, poller, requests, questions, outcomes, end } = setUp([good()], { way: () => way });
    await clock.advance(0);
    expect(outcomes).toEqual([{ kind: "noWay" }]);
    expect([questions, requests]).toEqual([[], []]);
    way = direct;
    poller.kick("there is a way");
    await clock.advance(1000);
    expect(outcomes).toMatchObject([{ kind: "noWay" }, { kind: "ok" }]);
    await end();
  });

  const otherNonce = "AAAAAAAAAAAAAAAAAAAAAA";
  it.each<[string, Answer, PollOutcome]>([
    ["nobody there", refused, { kind: "transport", outcome: refused, asked: null }],
    [
      "no curl",
      { kind: "unavailable", message: "no curl" },
      { kind: "transport", outcome: { kind: "unavailable", message: "no curl" }, asked: null },
    ],
    ["401", replyWith({ message: "who?" }, 401), { kind: "refused", status: 401, reason: null, message: "who?" }],
    ["500 in HTML", replyWith("<h1>", 500), { kind: "refused", status: 500, reason: null, message: null }],
    [
      "403 with a reason",
      replyWith({ reason: "disabled", message: "Since May" }, 403),
      { kind: "refused", status: 403, reason: "disabled", message: "Since May" },
    ],
    [
      "403 with a reason and no word more",
      replyWith({ reason: "disabled", message: "" }, 403),
      { kind: "refused", status: 403, reason: "disabled", message: null },
    ],
    [
      "403 with a reason of its own",
      replyWith({ reason: "because", message: "" }, 403),
      { kind: "refused", status: 403, reason: null, message: null },
    ],
    [
      "403 of something between",
      replyWith("<h1>no</h1>", 403),
      { kind: "refused", status: 403, reason: null, message: null },
    ],
    [
      "a reason with a 500",
      replyWith({ reason: "disabled", message: "" }, 500),
      { kind: "refused", status: 500, reason: null, message: null },
    ],
    ["a portal", replyWith("<html>Log in</html>"), { kind: "badReply", problem: "not JSON" }],
    ["an empty body", replyWith(""), { kind: "badReply", problem: "not JSON" }],
    [
      "broken UTF-8",
      { kind: "reply", status: 200, body: Buffer.from([0x22, 0xff, 0x22]), timings },
      { kind: "badReply", problem: "not JSON" },
    ],
    [
      "too much",
      { kind: "tooLarge", maxReplyBytes: 1_048_576 },
      { kind: "badReply", problem: "longer than 1048576 bytes" },
    ],
    [
      "somebody else's reply",
      replyWith(goodBody(otherNonce)),
      { kind: "badReply", problem: "nonce: not the one of the request" },
    ],
    [
      "a field of a later version",
      good({ ["caf\u00e9\n" as "jobs"]: [] }),
      { kind: "badReply", problem: 'Unrecognized key: "caf??"' },
    ],
    [
      "a name that does not fit",
      good({ registration: { ...active, name: "x".repeat(16) } }),
      { kind: "badReply", problem: "registration.name: Invalid string: must match pattern /^[!-~]{1,15}$/" },
    ],
  ])("answered by %s", async (_what, answer, outcome) => {
    const { clock, outcomes, samples, facts, end } = setUp([answer]);
    await clock.advance(0);
    expect(outcomes).toEqual([outcome]);
    expect(samples).toEqual([]);
    expect(facts()).toMatchObject({ lastSuccess: null, intervalSeconds: 180 });
    await end();
  });
});

describe("the poller", () => {
  it("publishes its times and the platform's clock", async () => {
    const { clock, samples, facts, end } = setUp([good({ time: "2026-01-01T01:00:00Z" })], { answerMs: 2000 });
    await clock.advance(1000);
    expect(facts()).toMatchObject({ lastAttempt: "2026-01-01T00:00:00.000Z", lastSuccess: null, next: null });
    await clock.advance(1000);
    expect(facts()).toEqual({
      intervalSeconds: 180,
      lastAttempt: "2026-01-01T00:00:00.000Z",
      lastSuccess: "2026-01-01T00:00:02.000Z",
      next: "2026-01-01T00:01:50.000Z",
    });
    expect(samples).toEqual([{ offsetMs: 3_599_000, uncertaintyMs: 1000 }]);
    await end();
    expect(facts()?.next).toBeNull();
  });

  it("asks as often as the platform wishes, and backs off when it fails", async () => {
    const waiting = { state: "unactivated" as const, code: "KTPW-HRXN-CDMF", pollAfterSeconds: 20 };
    const { clock, startedAt, end } = setUp([
      good({ registration: waiting }),
      good({ registration: { ...active, pollIntervalSeconds: 60 } }),
      good(),
      refused,
      refused,
      refused,
      good(),
    ]);
    await clock.advance(700_000);
    const waits = startedAt.slice(1).map((atMs, index) => atMs - (startedAt[index] ?? 0));
    expect(waits).toEqual([12_000, 60_000, 180_000, 3750, 30_000, 135_000, 180_000]);
    await end();
  });

  it("asks for its identity again at each poll until there is one", async () => {
    const results: Result<Identity, IdentityProblem>[] = [failed({ kind: "full", message: "full" }), ok(identity)];
    const { clock, outcomes, end } = setUp([good()], {
      identity: async () => results.shift() ?? failed({ kind: "io", message: "asked once more" }),
    });
    await clock.advance(200_000);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["noIdentity", "ok", "ok"]);
    await end();
  });

  it("ends in the middle of a poll without an outcome", async () => {
    const { clock, outcomes, end } = setUp(["hangs"]);
    await clock.advance(0);
    await end();
    expect(outcomes).toEqual([]);
  });
});

describe("a wish to poll", () => {
  it("is granted at once, whatever the schedule says", async () => {
    const { clock, poller, startedAt, end } = setUp([refused]);
    await clock.advance(10_000);
    const before = startedAt.length;
    poller.ask("settings");
    await clock.advance(0);
    expect(startedAt.slice(before)).toEqual([10_000]);
    await end();
  });

  it("does not wait for a kick's half second, nor for a poll that hangs", async () => {
    const { clock, poller, startedAt, end } = setUp([good(), "hangs", "hangs", good()]);
    await clock.advance(10_000);
    poller.kick("carrier");
    await clock.advance(100);
    for (let count = 0; count < 3; count++) {
      poller.ask("settings");
      await clock.advance(100);
    }
    expect(startedAt).toEqual([0, 10_100, 10_200, 10_300]);
    await end();
  });
});

describe("a kick", () => {
  it("polls within half a second; those that follow it at once count as one", async () => {
    const { clock, poller, startedAt, end } = setUp([good()]);
    await clock.advance(10_000);
    poller.kick("carrier");
    await clock.advance(200);
    poller.kick("lease");
    await clock.advance(100);
    expect(startedAt).toEqual([0, 10_300]);
    await clock.advance(5000);
    expect(startedAt).toHaveLength(2);
    await end();
  });

  it("gives up a poll that hangs, once: the next one is let to its end", async () => {
    const { clock, poller, startedAt, outcomes, end } = setUp(["hangs", refused, good()], { answerMs: 5000 });
    await clock.advance(1000);
    poller.kick("settings");
    await clock.advance(1000);
    expect(startedAt).toEqual([0, 1300]);
    for (let count = 0; count < 5; count++) {
      poller.kick("carrier");
      await clock.advance(800);
    }
    expect(startedAt).toHaveLength(2);
    // The kicks meanwhile are not forgotten.
    await clock.advance(600);
    expect(outcomes).toEqual([{ kind: "transport", outcome: refused, asked: null }]);
    expect(startedAt).toEqual([0, 1300, 6600]);
    await end();
  });

  it("forgets the back-off", async () => {
    const { clock, poller, startedAt, end } = setUp([refused]);
    await clock.advance(100_000);
    const before = startedAt.length;
    poller.kick("carrier");
    await clock.advance(300 + 3750);
    expect(startedAt.slice(before)).toEqual([100_300, 104_050]);
    await end();
  });

  it("from the listener of an outcome counts", async () => {
    let kick = () => {};
    const { clock, poller, startedAt, end } = setUp([good()], { ended: () => kick() });
    kick = () => {
      kick = () => {};
      poller.kick("settings pushed");
    };
    await clock.advance(1000);
    expect(startedAt).toEqual([0, 300]);
    await end();
  });

  it("before the start and after the end does nothing", async () => {
    const { clock, poller, startedAt, end } = setUp([good()]);
    await clock.advance(0);
    await end();
    poller.kick("late");
    await clock.advance(1000);
    expect(startedAt).toEqual([0]);
  });
});
