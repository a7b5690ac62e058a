import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Https, HttpsOutcome, HttpsRequest, LookOutcome, LookRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import type { ProxyPlace } from "../../../src/https/proxy-scheme.ts";
import { type ProxiedRequest, requestByProxy } from "../../../src/https/request-by-proxy.ts";
import { nothingSeen, proxyOffers } from "../../support/scripted-platform.ts";

const timings = { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 1 };
const reply: HttpsOutcome = { kind: "reply", status: 200, body: new Uint8Array(), timings };
const seen = nothingSeen;
const failure = (exitCode: number, proxyStatus = 0): HttpsOutcome => ({
  ...{ kind: "failed", exitCode, proxyStatus, timings },
  message: "it broke",
});
const place = (user: string | null, host = "10.77.0.9"): ProxyPlace => ({
  host,
  port: 3128,
  account: user === null ? null : { user, password: "secret" },
});

function setUp({ curlHasNtlm = true } = {}) {
  const far: { look: LookOutcome; tls: LookOutcome; socks: LookOutcome; outcome: HttpsOutcome } = {
    look: nothingSeen,
    tls: nothingSeen,
    socks: nothingSeen,
    outcome: reply,
  };
  const looks: LookRequest[] = [];
  const requests: HttpsRequest[] = [];
  const https: Https = {
    look: async (request) => {
      looks.push(request);
      return { https: far.tls, socks5h: far.socks, http: far.look }[request.proxyProtocol ?? "http"];
    },
    request: async (request) => {
      requests.push(request);
      return far.outcome;
    },
  };
  const clock = createFakeClock();
  const offers = createProxyOffers({ curlHasNtlm: () => curlHasNtlm, clock });
  const ask = (proxy: ProxyPlace | null) => requestByProxy({ https, offers }, { ...request, proxy });
  /** What was asked since it was last told. */
  const told = () => [looks.splice(0), requests.splice(0).map(({ proxy }) => proxy?.credentials ?? null)] as const;
  return { far, looks, requests, offers, clock, ask, told };
}

const request: Omit<ProxiedRequest, "proxy"> = {
  method: "POST",
  url: "https://platform.example/poll",
  body: Buffer.from("{}"),
  resolved: [{ host: "proxy.example", port: 3128, addresses: ["10.77.0.9"] }],
  identity: { certificateFile: "/s/c.pem", keyFile: "/s/k.pem" },
  authorityFile: "/s/ca.pem",
  interface: "wan0",
  connectTimeoutMs: 30_000,
  totalTimeoutMs: 60_000,
  maxReplyBytes: 1000,
};

describe("a request by a proxy", () => {
  it("without one is that request alone, and without an account the same", async () => {
    const { ask, looks, requests } = setUp();
    expect(await ask(null)).toEqual({ outcome: reply, asked: null });
    expect(await ask(place(null))).toEqual({ outcome: reply, asked: { by: "none", offers: null, speaks: null } });
    expect(looks).toEqual([]);
    expect(requests).toEqual([
      { ...request, proxy: null },
      { ...request, proxy: { host: "10.77.0.9", port: 3128, credentials: null } },
    ]);
  });

  it("looks once by the same way, with nothing of ours, and asks by what it has seen", async () => {
    const { far, ask, told } = setUp();
    far.look = proxyOffers("ntlm");
    const asked = { by: "ntlm", offers: ["ntlm"], speaks: null };
    expect(await ask(place("anna"))).toEqual({ outcome: reply, asked });
    const credentials = { user: "anna", password: "secret", scheme: "ntlm" };
    expect(told()).toEqual([
      [
        {
          url: request.url,
          resolved: request.resolved,
          proxy: { host: "10.77.0.9", port: 3128, credentials: null },
          interface: "wan0",
          connectTimeoutMs: 30_000,
          totalTimeoutMs: 30_000,
        },
      ],
      [credentials],
    ]);
    expect(await ask(place("anna"))).toEqual({ outcome: reply, asked });
    expect(told()).toEqual([[], [credentials]]);
  });

  it("gives no credentials to a proxy that asks for none, whatever lies behind it", async () => {
    const { far, ask, told } = setUp();
    far.look = { ...seen, proxyStatus: 200, exitCode: 56, message: "alert certificate required" };
    expect(await ask(place("anna"))).toMatchObject({ outcome: reply, asked: { by: "none", offers: null } });
    expect(told()[1]).toEqual([null]);
  });

  it("asks again after a 407, for another user, for another proxy, and when it is told to forget", async () => {
    const { far, offers, ask, told } = setUp();
    far.look = proxyOffers("basic");
    const looked = async (proxy: ProxyPlace) => {
      await ask(proxy);
      return told()[0].length;
    };
    expect(await looked(place("anna"))).toBe(1);
    far.outcome = failure(56, 407);
    expect(await looked(place("anna"))).toBe(0);
    expect(await looked(place("anna"))).toBe(1);
    far.outcome = failure(56, 503);
    offers.forgive();
    expect(await looked(place("anna"))).toBe(1);
    expect(await looked(place("anna"))).toBe(0);
    expect(await looked(place("otto"))).toBe(1);
    expect(await looked(place("otto", "10.77.0.8"))).toBe(1);
    expect(await looked(place("otto", "10.77.0.8"))).toBe(0);
    offers.forget();
    expect(await looked(place("otto", "10.77.0.8"))).toBe(1);
  });

  it.each<[string, LookOutcome, HttpsOutcome, object]>([
    ["refuses", seen, failure(7), { by: "none", offers: null }],
    ["forbids", { ...seen, exitCode: 56, proxyStatus: 403 }, failure(56, 403), { by: "none" }],
    ["has nothing behind it", { ...seen, exitCode: 56, proxyStatus: 503 }, failure(56, 503), { by: "none" }],
    ["is silent", { ...seen, exitCode: 28 }, failure(28), { by: "none" }],
    ["is fine and the platform silent", { ...seen, exitCode: 28, proxyStatus: 200 }, failure(28, 200), { by: "none" }],
    ["offers Digest", proxyOffers("digest"), failure(56, 407), { by: "unspoken", offers: ["digest"] }],
    ["offers nothing", proxyOffers(), failure(56, 407), { by: "unspoken", offers: [] }],
  ])("goes no further where a proxy %s", async (_, look, outcome, asked) => {
    const { far, ask, requests } = setUp();
    far.look = look;
    const message = look.kind === "seen" ? look.message : "";
    expect(await ask(place("anna"))).toMatchObject({ outcome: { ...outcome, message }, asked });
    expect(requests).toEqual([]);
  });

  it("goes no further where only NTLM is offered and curl lacks it, and looks each time", async () => {
    const { far, ask, told } = setUp({ curlHasNtlm: false });
    far.look = proxyOffers("ntlm");
    for (let times = 0; times < 2; times++) {
      expect(await ask(place("anna"))).toMatchObject({ outcome: { proxyStatus: 407 }, asked: { by: "ntlm-missing" } });
      expect(told()).toMatchObject([[{}], []]);
    }
    far.look = proxyOffers("ntlm", "basic");
    expect(await ask(place("corp\\anna"))).toMatchObject({ outcome: reply, asked: { by: "basic" } });
  });

  describe("shows an account that was refused", () => {
    const quarterHourMs = 15 * 60_000;
    const setUpRefused = async (user = "anna") => {
      const bench = setUp();
      const { far, ask, told } = bench;
      far.look = proxyOffers("basic");
      far.outcome = failure(56, 407);
      /** How often the account was shown. */
      const shown = async (proxy = place(user)) => {
        expect((await ask(proxy)).outcome).toMatchObject(far.outcome.kind === "failed" ? { proxyStatus: 407 } : reply);
        return told()[1].length;
      };
      expect([await shown(), await shown()]).toEqual([1, 1]);
      return { ...bench, shown };
    };

    it("twice, then once in a quarter of an hour: directories lock it after some wrong passwords", async () => {
      const { shown, clock, offers } = await setUpRefused();
      for (let times = 0; times < 3; times++) {
        expect(await shown()).toBe(0);
        await clock.advance(quarterHourMs - 1);
        // A cable that flaps is no reason.
        offers.forget();
        expect(await shown()).toBe(0);
        await clock.advance(1);
        expect(await shown()).toBe(1);
      }
    });

    it("at once with another password, another user, or when a person asks", async () => {
      const { shown, offers } = await setUpRefused();
      expect(await shown({ ...place("anna"), account: { user: "anna", password: "other" } })).toBe(1);
      const { shown: again, offers: forgiving } = await setUpRefused();
      expect(await again(place("otto"))).toBe(1);
      forgiving.forgive();
      expect(await again()).toBe(1);
      expect(offers.mayShow(place("otto"))).toBe(true);
    });

    it("as ever once it has let us pass", async () => {
      const { far, shown, clock } = await setUpRefused();
      await clock.advance(quarterHourMs);
      far.outcome = reply;
      expect(await shown()).toBe(1);
      far.outcome = failure(56, 407);
      expect([await shown(), await shown(), await shown()]).toEqual([1, 1, 0]);
    });

    it("as ever where the proxy said nothing of it", async () => {
      const { far, ask, told, offers } = setUp();
      far.look = proxyOffers("basic");
      for (const outcome of [failure(56, 503), failure(7), failure(28)]) {
        far.outcome = outcome;
        for (let times = 0; times < 3; times++) await ask(place("anna"));
      }
      expect(told()[1].length).toBe(9);
      expect(offers.mayShow(place("anna"))).toBe(true);
    });
  });

  it.each<LookOutcome>([{ kind: "aborted" }, { kind: "unavailable", message: "no curl" }])(
    "passes on that the look was %j",
    async (look) => {
      const { far, ask, requests } = setUp();
      far.look = look;
      expect((await ask(place("anna"))).outcome).toEqual(look);
      expect(requests).toEqual([]);
    },
  );

  const inTls = { ...seen, exitCode: 56 };
  const plain = { ...seen, exitCode: 35 };
  it.each<[string, HttpsOutcome, Partial<Record<"tls" | "socks", LookOutcome>>, "tls" | "socks" | null, number]>([
    ["ends the connection", failure(56), {}, null, 2],
    ["says nothing", failure(52), { tls: plain, socks: { ...seen, exitCode: 97 } }, null, 2],
    ["ends it, but not within TLS", failure(56), { tls: inTls }, "tls", 2],
    ["answers CONNECT within TLS", failure(56), { tls: { ...seen, exitCode: 56, proxyStatus: 405 } }, "tls", 2],
    ["answers 400 as at its TLS port", failure(56, 400), { tls: { ...seen, proxyStatus: 200 } }, "tls", 2],
    ["answers 400 as an old server", failure(56, 400), { tls: plain }, null, 2],
    [
      "wants an account for SOCKS",
      failure(56),
      { socks: { ...seen, exitCode: 97, message: "No authentication method was acceptable." } },
      "socks",
      2,
    ],
    ["leads on by SOCKS", failure(56), { socks: { ...seen, exitCode: 0, status: 404 } }, "socks", 2],
    [
      "leads on by SOCKS to who wants our certificate",
      failure(56),
      { socks: { ...seen, exitCode: 56, certificates: ["pem"] } },
      "socks",
      2,
    ],
    ["refuses", failure(7), { tls: inTls }, null, 0],
    ["is silent", failure(28), { tls: inTls }, null, 0],
    ["forbids", failure(56, 403), { tls: inTls }, null, 0],
    ["answers", reply, { tls: inTls }, null, 0],
  ])("finds out what it is that %s", async (_, outcome, says, speaks, looked) => {
    const { far, ask, looks } = setUp();
    Object.assign(far, { outcome }, says);
    expect(await ask(place(null))).toMatchObject({ outcome, asked: { speaks } });
    expect(looks).toHaveLength(looked);
    expect(looks.every(({ proxy, totalTimeoutMs }) => proxy?.credentials === null && totalTimeoutMs <= 3000)).toBe(
      true,
    );
  });

  it("never tells a password before it has seen by what scheme, whatever comes", async () => {
    const scheme = fc.constantFrom("basic", "ntlm", "digest", "negotiate");
    const sight = fc.oneof(
      fc.array(scheme, { maxLength: 3 }).map((schemes): LookOutcome => proxyOffers(...schemes)),
      fc.constantFrom<LookOutcome>(nothingSeen, { ...seen, proxyStatus: 200, exitCode: 0 }, { kind: "aborted" }),
    );
    const step = fc.record({
      user: fc.constantFrom("anna", "corp\\anna"),
      host: fc.constantFrom("10.77.0.8", "10.77.0.9"),
      sight,
      outcome: fc.constantFrom(reply, failure(56, 407), failure(7)),
      forget: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { far, offers, ask, looks, requests } = setUp();
        const shown = new Map<string, LookOutcome>();
        for (const { user, host, sight, outcome, forget } of steps) {
          if (forget) offers.forget();
          looks.splice(0);
          Object.assign(far, { look: sight, outcome });
          await ask(place(user, host));
          if (looks.some(({ proxyProtocol }) => proxyProtocol === undefined)) shown.set(`${user} ${host}`, sight);
          const given = requests.splice(0)[0]?.proxy?.credentials?.scheme;
          const last = shown.get(`${user} ${host}`);
          if (given !== undefined) expect(last?.kind === "seen" && last.proxySchemes).toContain(given);
        }
      }),
    );
  });
});
