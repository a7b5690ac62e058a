import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { type Check, type Progress, runCheck } from "../../../src/check/check.ts";
import type { HostParts } from "../../../src/check/check-host.ts";
import type { Https, HttpsOutcome, HttpsRequest, LookRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import { failedWith, someLook, someTarget, timings } from "./some-seen.ts";

const page: HttpsOutcome = { kind: "reply", status: 200, body: new Uint8Array(1), timings };

/** A network in which everybody answers, and what was asked of it. */
function network(change: Partial<Https> = {}) {
  const asked: string[] = [];
  const say = (what: string, { url, proxy }: LookRequest | HttpsRequest) =>
    asked.push(`${what} ${url} ${proxy === null ? "" : JSON.stringify(proxy.credentials)}`.trimEnd());
  const https: Https = {
    look: async (request) => {
      say("look", request);
      return (await change.look?.(request)) ?? someLook();
    },
    request: async (request) => {
      say("get", request);
      return (await change.request?.(request)) ?? page;
    },
  };
  const parts: HostParts = {
    https,
    names: {
      resolve: async () => ({ resolved: { kind: "addresses", addresses: ["192.0.2.1"], server: "x" }, warning: null }),
    },
    clock: createFakeClock(),
    findSourceAddress: async () => "10.77.0.20",
    offers: createProxyOffers({ curlHasNtlm: () => true, clock: createFakeClock(), quickTries: 1 }),
  };
  return { parts, asked };
}

const check = (count: number): Check => ({
  targets: Array.from({ length: count }, (_, n) => someTarget({ host: `host${n}.example` })),
  proxy: null,
  platform: null,
});
const never = () => new AbortController().signal;

describe("a check", () => {
  it("looks at six hosts at a time, and tells of them in order", async () => {
    let now = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const { parts } = network({
      look: async () => {
        now += 1;
        most = Math.max(most, now);
        // The last to come is answered first.
        await new Promise<void>((resolve) => waiting.unshift(resolve));
        now -= 1;
        return someLook();
      },
    });
    const report = runCheck(check(20), parts, never());
    let isDone = false;
    void report.then(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      waiting.shift()?.();
    }
    const { ok, hosts } = await report;
    expect([ok, most]).toEqual([true, 6]);
    expect(hosts.map(({ host }) => host)).toEqual(Array.from({ length: 20 }, (_, n) => `host${n}.example:443`));
  });

  it("reads what a host has shown as often as something of that host is new, however many hosts there are", async () => {
    const reads = async (count: number) => {
      let times = 0;
      const look = async () => ({
        ...someLook(),
        get certificates() {
          times += 1;
          return [];
        },
      });
      await runCheck(check(count), network({ look }).parts, never());
      return times / count;
    };
    expect(await reads(30)).toBe(await reads(1));
  });

  it("asks each host once, and measures when all are done", async () => {
    const { parts, asked } = network({
      request: async () => ({ kind: "reply", status: 200, body: new Uint8Array(70_000), timings }),
    });
    const steps: Progress[] = [];
    const platform = { target: { host: "host1.example", port: 443 }, url: "https://host1.example/bytes", bytes: 1 };
    const report = await runCheck({ ...check(2), platform }, parts, never(), (progress) => steps.push(progress));
    expect(asked.slice().sort()).toEqual([
      "get https://host0.example:443/",
      "get https://host1.example/bytes",
      "get https://host1.example:443/",
      "look https://host0.example:443/",
      "look https://host1.example:443/",
    ]);
    expect(asked.at(-1)).toBe("get https://host1.example/bytes");
    expect(report.bandwidth).toMatchObject({ kind: "measured", from: "host1.example:443" });
    expect(steps.at(-1)).toMatchObject({ done: 2, measuring: true });
  });

  it("is not well on a slow line", async () => {
    const { parts } = network({
      request: async () => ({
        kind: "reply",
        status: 200,
        body: new Uint8Array(70_000),
        timings: { ...timings, totalMs: timings.firstByteMs + 1000 },
      }),
    });
    const { ok, hosts, bandwidth } = await runCheck(check(1), parts, never());
    expect([ok, hosts[0]?.ok, bandwidth]).toMatchObject([false, true, { mbps: 0.56 }]);
  });

  it("looks at who answers, not at who was silent, and takes no offence at one that dislikes HEAD", async () => {
    for (const message of ["Connection timed out", "SSL connection timeout"]) {
      const silent = network({ request: async () => failedWith(28, message) });
      expect((await runCheck(check(1), silent.parts, never())).hosts[0]?.fault?.code).toBe("timeout");
      expect(silent.asked).toEqual(["get https://host0.example:443/"]);
    }
    const odd = network({
      look: async () => someLook({ exitCode: 52, message: "Empty reply from server", date: null }),
    });
    expect((await runCheck(check(1), odd.parts, never())).hosts[0]?.ok).toBe(true);
    expect(odd.asked).toEqual(["get https://host0.example:443/", "look https://host0.example:443/"]);
    const long = network({ request: async () => ({ kind: "tooLarge", maxReplyBytes: 1 }) });
    expect((await runCheck(check(1), long.parts, never())).hosts[0]?.ok).toBe(true);
    expect(long.asked).toHaveLength(2);
    const other = network({ request: async () => failedWith(60, "self-signed certificate") });
    expect((await runCheck(check(1), other.parts, never())).hosts[0]?.fault?.code).toBe("tls-certificate");
    expect(other.asked).toHaveLength(2);
  });

  describe("by a proxy that wants to know who asks", () => {
    /** It lets whoever has credentials pass. */
    const asks = (...proxySchemes: string[]) =>
      network({
        look: async ({ proxy }) =>
          proxy?.credentials == null
            ? someLook({ exitCode: 56, proxyStatus: 407, proxySchemes, timings: { ...timings, tlsMs: 0 } })
            : someLook(),
        request: async ({ proxy }) => (proxy?.credentials == null ? failedWith(56, "no", 407) : page),
      });
    const by = (user: string | null): Check => ({
      ...check(1),
      proxy: { host: "proxy", port: 3128, account: user === null ? null : { user, password: "secret" } },
    });
    it.each([
      ["bob", ["negotiate", "basic"], "basic"],
      ["corp\\bob", ["ntlm", "basic"], "ntlm"],
      ["bob", ["ntlm"], "ntlm"],
    ])("%s is told to one that offers %j, by %s and only then", async (user, offers, scheme) => {
      const { parts, asked } = asks(...offers);
      const told = JSON.stringify({ user, password: "secret", scheme });
      const { ok, hosts } = await runCheck(by(user), parts, never());
      expect(ok).toBe(true);
      expect(asked).toEqual([
        "look https://host0.example:443/ null",
        `get https://host0.example:443/ ${told}`,
        `look https://host0.example:443/ ${told}`,
      ]);
      expect(JSON.stringify(hosts)).not.toContain("secret");
    });

    it.each<[string, string | null, string[], string, number]>([
      ["speaks otherwise", "bob", ["negotiate"], "proxy-auth-unspoken", 407],
      ["refuses without asking", "bob", [], "proxy-http-403", 403],
      ["asks, when there is no user", null, ["basic"], "proxy-http-407", 407],
    ])("nothing is told to one that %s", async (_, user, proxySchemes, code, proxyStatus) => {
      const { parts, asked } = network({
        look: async () => someLook({ exitCode: 56, proxyStatus, proxySchemes, timings: { ...timings, tlsMs: 0 } }),
        request: async () => failedWith(56, "no", proxyStatus),
      });
      const { hosts } = await runCheck(by(user), parts, never());
      expect(hosts[0]?.fault?.code).toBe(code);
      expect(asked).toEqual([expect.stringMatching(/ null$/)]);
    });
  });

  it("shows a proxy the account for one host alone where it is refused, and says so of all", async () => {
    const refused = { ...timings, tlsMs: 0 };
    const { parts, asked } = network({
      look: async () => someLook({ exitCode: 56, proxyStatus: 407, proxySchemes: ["basic"], timings: refused }),
      request: async () => failedWith(56, "no", 407),
    });
    const proxy = { host: "proxy", port: 3128, account: { user: "bob", password: "wrong" } };
    const { hosts } = await runCheck({ ...check(6), proxy }, parts, never());
    expect(asked.filter((question) => question.includes("wrong"))).toHaveLength(1);
    expect(hosts.map(({ fault }) => fault?.code)).toEqual(Array(6).fill("proxy-http-407"));
  });

  it("is ended by an abort with what is known, though nobody answers", async () => {
    const interrupt = new AbortController();
    const { parts } = network({
      request: () => {
        interrupt.abort();
        return new Promise(() => {});
      },
    });
    const { ok, interrupted, hosts, bandwidth } = await runCheck(check(1), parts, interrupt.signal);
    expect([ok, interrupted, bandwidth.kind]).toEqual([false, true, "notMeasured"]);
    expect(hosts).toMatchObject([{ ok: false, fault: null, rungs: [{ rung: "dns", ok: true }] }]);
  });

  it("does not hide a bug of ours", async () => {
    const { parts } = network({ look: () => Promise.reject(new RangeError("a bug")) });
    await expect(runCheck(check(1), parts, never())).rejects.toThrow("a bug");
  });
});
