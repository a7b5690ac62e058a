import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createReach, lossOf, type Reach } from "../../../src/appliance/reach.ts";
import { createLadder } from "../../../src/connectivity/ladder.ts";
import type { Https, HttpsRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import type { SecretFacts } from "../../../src/model/facts.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import {
  createScriptedPlatform,
  curlFails,
  proxyOffers,
  refuses,
  type ScriptedPlatform,
} from "../../support/scripted-platform.ts";
import { someFacts, somePort } from "../../support/some-facts.ts";
import { emptyReport } from "../../support/some-report.ts";

const fault = { message: "Connection refused", detail: "203.0.113.10 port 443" };

describe("the reach after an order", () => {
  it.each<[string, readonly string[], Reach, string | null]>([
    ["the platform answers", ["answer"], { sound: ["answer"], fault: null }, null],
    ["it answers, and did not before", [], { sound: ["answer"], fault: null }, null],
    [
      "it answered before",
      ["answer"],
      { sound: ["lan link", "lan dns"], fault },
      "Connection refused: 203.0.113.10 port 443",
    ],
    ["nothing worked before", [], { sound: [], fault }, null],
    ["as much works as before", ["lan link"], { sound: ["lan link"], fault }, null],
    ["more works", ["lan link"], { sound: ["lan link", "lan dns"], fault }, null],
    [
      "less works",
      ["lan link", "lan dns"],
      { sound: ["lan link"], fault },
      "Connection refused: 203.0.113.10 port 443",
    ],
    [
      "it goes by another port",
      ["lan link"],
      { sound: ["wan link"], fault },
      "Connection refused: 203.0.113.10 port 443",
    ],
  ])("is a loss or none: %s", (_, sound, now, loss) => {
    expect(lossOf({ sound, fault: sound.includes("answer") ? null : fault }, now)).toBe(loss);
  });
});

function somewhere(
  change: { readonly resolves?: boolean; readonly dns?: readonly string[]; readonly secrets?: SecretFacts } = {},
) {
  const { resolves = true, dns = ["10.77.0.1"], secrets = { kept: "sealed", problem: null } } = change;
  const clock = createFakeClock();
  const platform: ScriptedPlatform = createScriptedPlatform();
  const requests: HttpsRequest[] = [];
  const far = platform.https(clock, () => null);
  const https: Https = {
    request: (request) => {
      requests.push(request);
      return far.request(request);
    },
    look: far.look,
  };
  const resolver = {
    resolve: async () =>
      resolves
        ? ({ kind: "addresses", addresses: ["203.0.113.10"], server: "10.77.0.1" } as const)
        : ({ kind: "noAnswer", server: "10.77.0.1", code: "ENOTFOUND" } as const),
  };
  const identity = { certificateFile: "/s/c.pem", keyFile: "/s/k.pem", fingerprint: "00" };
  const measure = createReach({
    ...{
      https,
      offers: createProxyOffers({ curlHasNtlm: () => true, clock }),
      resolver,
      platformUrl: "https://platform.example",
      authorityFile: null,
      platformHost: "platform.example",
    },
    identity: async () => ({ ok: true, value: identity }),
    facts: () => someFacts({ network: { lan: somePort({ dns }), wan: null, separated: false }, secrets }),
    ladder: createLadder({ resolver, clock }),
    curl: () => ({ installed: true, ntlm: false }),
    openSecrets: async () => {},
    proxyPassword: ({ proxy }) => (proxy === null || secrets.problem !== null ? null : "secret"),
    report: () => emptyReport,
  });
  const found = async (settings: Settings = factorySettings()): Promise<Reach> => {
    const measured = measure(settings, new AbortController().signal);
    await clock.advance(1000);
    return measured;
  };
  return { clock, platform, requests, measure, found };
}

describe("the reach of a box", () => {
  it("is the platform's answer, whoever the box is to it", async () => {
    const { found } = somewhere();
    expect(await found()).toEqual({ sound: ["answer"], fault: null });
  });

  it("is what the ladder finds sound when the platform does not answer", async () => {
    const { found, platform } = somewhere();
    platform.fault = curlFails(7, "Connection refused");
    const { sound, fault } = await found();
    expect(sound).toEqual(expect.arrayContaining([expect.stringMatching(/^lan /), expect.stringMatching(/dns/)]));
    expect(sound).not.toContain("answer");
    expect(fault?.message).toMatch(/./);
  });

  it("is shorter without an answer from the name servers, and shorter still without any", async () => {
    const { found, platform } = somewhere();
    platform.fault = curlFails(7, "Connection refused");
    const whole = await found();
    const unresolved = await somewhere({ resolves: false }).found();
    const unserved = await somewhere({ dns: [] }).found();
    expect(unresolved.sound.length).toBeLessThan(whole.sound.length);
    expect(unserved.sound.length).toBeLessThan(whole.sound.length);
    expect([lossOf(whole, unresolved), lossOf(unresolved, whole)]).toEqual([expect.any(String), null]);
  });

  it("ends before the answer of a platform that refuses the box", async () => {
    const { found, platform } = somewhere();
    platform.fault = refuses("unknown-appliance");
    const reach = await found();
    expect([reach.sound.includes("answer"), lossOf({ sound: ["answer"], fault: null }, reach)]).toEqual([
      false,
      expect.any(String),
    ]);
  });

  it("is measured by the settings that are asked about, and by nothing else", async () => {
    const { found, requests, platform } = somewhere();
    platform.sight = proxyOffers("basic");
    const proxy = { host: "10.77.0.9", port: 3128, user: "anna", passwordRef: "0".repeat(32) };
    await found({ ...factorySettings(), proxy });
    expect(requests.map(({ proxy }) => proxy)).toMatchObject([
      { host: "10.77.0.9", credentials: { user: "anna", password: "secret", scheme: "basic" } },
    ]);
  });

  it("is measured without the proxy's account where the password cannot be opened", async () => {
    const { found, requests, platform } = somewhere({ secrets: { kept: "sealed", problem: "no key" } });
    platform.fault = curlFails(56, "CONNECT tunnel failed");
    const proxy = { host: "10.77.0.9", port: 3128, user: "anna", passwordRef: "0".repeat(32) };
    const { fault } = await found({ ...factorySettings(), proxy });
    expect(requests.map(({ proxy }) => proxy)).toEqual([{ host: "10.77.0.9", port: 3128, credentials: null }]);
    expect(fault).toMatchObject({
      message: "Invalid proxy auth config",
      detail: "the stored password of user anna cannot be opened: no key",
    });
  });

  it("is measured by a proxy that is asked anew how it wants to be asked: another one may stand there", async () => {
    const { found, requests, platform } = somewhere();
    const proxy = { host: "10.77.0.9", port: 3128, user: "anna", passwordRef: "0".repeat(32) };
    for (const scheme of ["basic", "ntlm"]) {
      platform.sight = proxyOffers(scheme);
      await found({ ...factorySettings(), proxy });
    }
    expect(requests.map(({ proxy }) => proxy?.credentials?.scheme)).toEqual(["basic", "ntlm"]);
  });

  it("is nothing once nobody wants to know", async () => {
    const { measure, clock, platform } = somewhere();
    platform.fault = "hangs";
    const given = new AbortController();
    const measured = measure(factorySettings(), given.signal);
    const reason = new Error("no longer wanted");
    const rejected = expect(measured).rejects.toBe(reason);
    await clock.advance(1000);
    given.abort(reason);
    await rejected;
    expect(clock.pending()).toEqual([]);
  });
});
