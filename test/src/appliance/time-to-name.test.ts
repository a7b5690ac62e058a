import { describe, expect, it } from "vitest";
import { sleep } from "../../../hal/clock.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Resolved } from "../../../hal/resolver.ts";
import { evidenceOf } from "../../../src/appliance/evidence.ts";
import { createLook } from "../../../src/appliance/look.ts";
import { wayOf } from "../../../src/appliance/way.ts";
import { createLadder } from "../../../src/connectivity/ladder.ts";
import type { HttpsOutcome } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import { silentLog } from "../../../src/model/log.ts";
import { ok } from "../../../src/model/result.ts";
import { exchange } from "../../../src/uplink/exchange.ts";
import { curlFails, nothingSeen } from "../../support/scripted-platform.ts";
import { someFacts } from "../../support/some-facts.ts";
import { emptyReport } from "../../support/some-report.ts";
import { startedBox } from "./harness.ts";

/** How a far side takes its time, ms; null: it hangs for as long as it is let. */
interface Slow {
  readonly dnsMs: number | null;
  /** The second question, for the look. */
  readonly dnsAgainMs?: number;
  readonly lookMs: number | null;
  /** How the contact fails, at once. */
  readonly fails: HttpsOutcome;
}

const failed = (exitCode: number, message: string): HttpsOutcome => ({
  kind: "failed",
  exitCode,
  proxyStatus: 0,
  message,
  timings: { connectedMs: 1, tlsMs: 0, firstByteMs: 0, totalMs: 1 },
});
const unverified = failed(60, "unable to get local issuer certificate");
const notJson: HttpsOutcome = {
  kind: "reply",
  status: 200,
  body: Buffer.from("<html>"),
  timings: { connectedMs: 1, tlsMs: 2, firstByteMs: 3, totalMs: 4 },
};

/** One poll that fails, and all that is looked at to name the fault; with the time of all that but the contact itself. */
async function nameFault({ dnsMs, dnsAgainMs = dnsMs ?? 0, lookMs, fails }: Slow) {
  let questions = 0;
  const clock = createFakeClock();
  const facts = someFacts();
  const platformUrl = "https://platform.example";
  const signal = new AbortController().signal;
  const resolver = {
    resolve: async ({ timeoutMs, servers }: { timeoutMs: number; servers: readonly string[] }): Promise<Resolved> => {
      const ms = questions === 0 ? dnsMs : dnsAgainMs;
      questions += 1;
      const isLate = ms === null || ms > timeoutMs;
      await sleep(clock, "DNS", isLate ? timeoutMs : ms);
      return isLate
        ? { kind: "unreachable", servers, code: "ETIMEOUT" }
        : { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.1" };
    },
  };
  const https = {
    request: async () => fails,
    look: async ({ totalTimeoutMs }: { totalTimeoutMs: number }) => {
      await sleep(clock, "look", Math.min(lookMs ?? totalTimeoutMs, totalTimeoutMs));
      return nothingSeen;
    },
  };
  const identity = async () => ok({ certificateFile: "/c", keyFile: "/k", fingerprint: "" });
  const offers = createProxyOffers({ curlHasNtlm: () => true, clock });
  const far = { https, offers, resolver, platformUrl, authorityFile: null, identity };
  const proxyPassword = () => null;
  const look = createLook({ ...far, clock, files: createMemoryFiles(), log: silentLog, proxyPassword });
  const work = async () => {
    const outcome = await exchange(far, wayOf(facts, null), emptyReport, signal);
    if (outcome === null || outcome.kind === "ok") throw new Error("it did not fail");
    const seen = evidenceOf(outcome, facts, { platformHost: "platform.example", curl: null });
    const { fault } = await createLadder({ resolver, clock, look }).climb(seen, signal);
    return { code: fault?.code, ms: clock.monotonic() - startedMs };
  };
  const startedMs = clock.monotonic();
  let isNamed = false;
  const named = work().finally(() => {
    isNamed = true;
  });
  for (let steps = 0; !isNamed && steps < 300; steps += 1) await clock.advance(100);
  return named;
}

describe("a fault is named in 2 s when all answers, beside the contact itself", () => {
  it.each([
    ["certificate", unverified, "tls-certificate"],
    ["refusal of our certificate", failed(56, "alert certificate required"), "device-certificate-refused"],
    ["reply that is not the platform's", notJson, "reply-malformed"],
    ["connection", failed(7, "refused"), "connect-failed"],
  ])("%s", async (_, fails, code) => {
    const named = await nameFault({ dnsMs: 500, lookMs: 900, fails });
    expect(named).toEqual({ code, ms: expect.toSatisfy((ms) => ms <= 2000) });
  });
});

describe("a fault is named in 10 s when all hangs, beside the contact itself", () => {
  it.each<[string, Slow, string]>([
    ["DNS servers", { dnsMs: null, lookMs: null, fails: unverified }, "lan-dns-unreachable"],
    [
      "DNS servers that answer at the last moment, then the look",
      { dnsMs: 6000, lookMs: null, fails: unverified },
      "tls-certificate",
    ],
    [
      "DNS servers, at the last moment each time, then the look",
      { dnsMs: 6000, dnsAgainMs: 1500, lookMs: null, fails: unverified },
      "tls-certificate",
    ],
    ["the same, behind a reply", { dnsMs: 6000, lookMs: null, fails: notJson }, "reply-malformed"],
    ["the look", { dnsMs: 0, lookMs: null, fails: unverified }, "tls-certificate"],
  ])("%s", async (_, slow, code) => {
    const named = await nameFault(slow);
    expect(named).toEqual({ code, ms: expect.toSatisfy((ms) => ms <= 10_000) });
  });
});

describe("a whole box", () => {
  it.each([
    ["silent DNS servers", null, "LAN DNS server not reachable"],
    ["a look that hangs", curlFails(60, "unable to get local issuer certificate"), "SSL peer cert was not OK"],
  ])("names %s within 10 s of the poll", async (_, fault, message) => {
    const box = await startedBox();
    box.platform.fault = fault;
    box.platform.sight = "hangs";
    if (fault === null) box.world.patch({ lan: { dns: "off" } });
    const { lastAttempt } = box.facts().poll;
    await box.until(({ facts }) => facts().poll.lastAttempt !== lastAttempt, 220_000);
    const polledMs = box.clock.monotonic();
    await box.until(({ facts }) => facts().fault !== null, 20_000);
    expect(box.facts().fault?.message).toBe(message);
    expect(box.clock.monotonic() - polledMs).toBeLessThanOrEqual(10_000);
  });
});

describe("a person who asks while a poll hangs", () => {
  /** Where the panel has a wish that needs the platform. */
  const renew = async (box: Awaited<ReturnType<typeof startedBox>>) => {
    await box.press("ENTER", "ENTER");
    for (let downs = 0; box.glass()[0]?.startsWith("RENEW") !== true; downs += 1) {
      if (downs > 20) throw new Error(`no RENEW: ${box.glass().join("|")}`);
      await box.press("DOWN");
    }
    await box.press("ENTER");
  };

  it("is answered at once: the poll is given up, and the glass shows what the next one finds", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    const before = box.platform.polls.length;
    await box.until(({ platform }) => platform.polls.length > before, 220_000);
    await box.advance(5000);
    // It would hang for most of a minute yet.
    box.platform.fault = null;
    const askedMs = box.clock.monotonic();
    const glasses = box.glasses.length;
    await renew(box);
    await box.until("home", 20_000);
    expect(box.platform.polls.length).toBe(before + 2);
    expect(box.clock.monotonic() - askedMs).toBeLessThan(10_000);
    expect(box.glasses.slice(glasses).filter((glass) => /Timeout|COMMUNICATION/.test(glass))).toEqual([]);
    expect(box.facts()).toMatchObject({ fault: null, faults: [] });
  });

  it("is told what is wrong now, not what the poll that hung would have said", async () => {
    const box = await startedBox();
    box.platform.fault = "hangs";
    const before = box.platform.polls.length;
    await box.until(({ platform }) => platform.polls.length > before, 220_000);
    box.platform.fault = curlFails(7, "Connection refused");
    await renew(box);
    await box.until("communication-failure", 20_000).catch(() => box.until("network-error", 1000));
    expect(box.facts().fault?.message).toBe("Error connect to server (07)");
    expect(box.facts().faults.map(({ message }) => message)).toEqual(["Error connect to server (07)"]);
  });
});
