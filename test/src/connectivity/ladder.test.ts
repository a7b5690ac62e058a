import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { Question, Resolved } from "../../../hal/resolver.ts";
import type { Contact, Evidence, Look } from "../../../src/connectivity/evidence.ts";
import { type ClimbObserver, createLadder } from "../../../src/connectivity/ladder.ts";
import { brokeAt, evidence, ipv6Only, replied, split, withLan, withProxy } from "./evidence.ts";

const found: Resolved = { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.53" };

interface Far {
  readonly resolved?: Resolved;
  readonly contact?: Contact | null;
  /** What a look would see; undefined: nobody can look. */
  readonly seen?: Look | null;
}

function bench({ resolved = found, contact = replied(200), seen }: Far = {}) {
  const clock = createFakeClock();
  const looked: Evidence[] = [];
  const questions: Question[] = [];
  const probed: (readonly string[])[] = [];
  const after = <T>(ms: number, value: T) =>
    new Promise<T>((resolve) => clock.after("far side", ms, () => resolve(value)));
  const ladder = createLadder({
    clock,
    resolver: {
      resolve: (question) => {
        questions.push(question);
        return after(40, resolved);
      },
    },
    ...(contact === null
      ? {}
      : {
          probe: (addresses) => {
            probed.push(addresses);
            return after(80, contact);
          },
        }),
    ...(seen === undefined
      ? {}
      : {
          look: (facts) => {
            looked.push(facts);
            return after(60, seen);
          },
        }),
  });
  const climb = async (facts: Evidence, signal = new AbortController().signal, observer?: ClimbObserver) => {
    const climbing = ladder.climb(facts, signal, observer);
    climbing.catch(() => {});
    await clock.advance(1000);
    return climbing;
  };
  return { clock, questions, probed, looked, climb };
}

const unasked = { dns: null, contact: null, curl: null };

describe("climb", () => {
  it("takes every rung of a box that is well, with its time", async () => {
    const { climb, questions, probed } = bench();
    const { rungs, fault } = await climb(evidence(unasked));
    expect(fault).toBeNull();
    expect(rungs.map(({ rung, ok, ms }) => [rung, ok, ms])).toEqual([
      ["settings", true, 0],
      ["network", true, 0],
      ["carrier", true, 0],
      ["duplicate", true, 0],
      ["address", true, 0],
      ["gateway", true, 0],
      ["separation", true, 0],
      ["dns-servers", true, 0],
      ["dns", true, 40],
      ["connect", true, 10],
      ["tls", true, 20],
      ["http", true, 40],
      ["platform", true, 10],
    ]);
    expect(questions).toMatchObject([
      { name: "platform.example", family: 4, servers: ["10.77.0.53"], source: "10.77.0.20", timeoutMs: 5000 },
    ]);
    expect(probed).toEqual([["203.0.113.9"]]);
  });

  it("tells of each rung when it begins and when it ends", async () => {
    const { climb, clock } = bench();
    const heard: string[] = [];
    const tell = (what: string) => heard.push(`${clock.monotonic()} ${what}`);
    const { rungs } = await climb(evidence(unasked), undefined, {
      begins: ({ rung }) => tell(rung),
      ends: ({ rung, ok, ms }) => tell(`${rung} ${ok} ${ms}`),
    });
    expect(heard).toHaveLength(2 * rungs.length);
    expect(heard.slice(-10)).toEqual([
      "0 dns",
      "40 dns true 40",
      "40 connect",
      "120 connect true 10",
      "120 tls",
      "120 tls true 20",
      "120 http",
      "120 http true 40",
      "120 platform",
      "120 platform true 10",
    ]);
  });

  it("asks nobody above a broken rung", async () => {
    const { climb, questions, probed } = bench();
    const { rungs, fault } = await climb(withLan({ carrier: false }, unasked));
    expect(fault?.code).toBe("lan-no-carrier");
    expect(rungs.map(({ rung }) => rung)).toEqual(["settings", "network", "carrier"]);
    expect(rungs.at(-1)).toMatchObject({ ok: false, detail: "lan0 has no link" });
    expect([questions, probed]).toEqual([[], []]);
  });

  it("does not contact a platform whose name it cannot resolve", async () => {
    const { climb, probed } = bench({ resolved: { kind: "unreachable", servers: ["10.77.0.53"], code: "ETIMEOUT" } });
    expect((await climb(evidence(unasked))).fault?.code).toBe("lan-dns-unreachable");
    expect(probed).toEqual([]);
  });

  it("takes the poll that failed for what it is worth and repeats neither it nor the question", async () => {
    const { climb, questions, probed } = bench();
    const { fault, rungs } = await climb(evidence({ ...unasked, contact: brokeAt(28, { reached: "tcp" }) }));
    expect(fault?.code).toBe("timeout");
    expect(rungs.at(-1)).toMatchObject({ rung: "tls", ok: false, ms: 90 });
    expect([questions, probed]).toEqual([[], []]);
  });

  it("ends where the evidence ends when it may not contact anybody", async () => {
    const { climb } = bench({ contact: null });
    const { fault, rungs } = await climb(evidence(unasked));
    expect(fault).toBeNull();
    expect(rungs.at(-1)?.rung).toBe("dns");
  });

  it("resolves the proxy's name instead of the platform's, on the management port", async () => {
    const { climb, questions } = bench({ contact: brokeAt(7) });
    const { fault, rungs } = await climb(evidence({ ...unasked, settings: withProxy({}, split) }));
    expect(questions).toMatchObject([{ name: "proxy.corp.example", servers: ["192.0.2.53"], source: "192.0.2.20" }]);
    expect(fault?.code).toBe("connect-failed");
    expect(rungs.map(({ rung, port }) => (port === null ? rung : `${rung} ${port}`))).toEqual([
      "settings",
      "network",
      ...["carrier", "duplicate", "address", "gateway"].map((rung) => `${rung} lan`),
      ...["carrier", "duplicate", "address", "gateway"].map((rung) => `${rung} wan`),
      "separation",
      "dns-servers",
      "dns",
      "proxy",
    ]);
  });

  it("asks nobody while that would go by the wrong port", async () => {
    const { climb, questions, probed } = bench();
    const { network } = evidence({ settings: split });
    const { fault } = await climb(evidence({ ...unasked, settings: split, network: { ...network, separated: false } }));
    expect(fault).toMatchObject({ code: "wan-not-configured", detail: "our own traffic is not kept on WAN" });
    expect([questions, probed]).toEqual([[], []]);
  });

  it("asks for IPv6 addresses in IPv6-only mode", async () => {
    const { climb, questions } = bench();
    const state = { ipv4: [], ipv6: ["2001:db8::20/64"], gateway: "fe80::1", dns: ["2001:db8::53"] };
    await climb(withLan(state, { ...unasked, settings: ipv6Only }));
    expect(questions).toMatchObject([{ family: 6, source: "2001:db8::20" }]);
  });

  it("asks no server for a platform that is given by address", async () => {
    const { climb, questions, probed } = bench();
    await climb(evidence({ ...unasked, platformHost: "203.0.113.9" }));
    expect([questions, probed]).toEqual([[], [[]]]);
  });

  it("rejects with the signal's reason and contacts nobody any more", async () => {
    const { climb, clock, probed } = bench();
    const controller = new AbortController();
    clock.after("person", 20, () => controller.abort(new Error("cancelled")));
    await expect(climb(evidence(unasked), controller.signal)).rejects.toThrow("cancelled");
    expect(probed).toEqual([]);
  });

  const wrongVersion = { reached: "tcp", message: "wrong version number" } as const;
  const location = "https://login.example/";
  const seen: Look = { chain: null, exitCode: 35, message: "", ourMs: 0, farMs: null, location };

  it("looks once at who answers in the platform's place, and names it", async () => {
    const { climb, looked } = bench({ contact: replied(302), seen });
    const { fault, rungs, evidence: gathered } = await climb(evidence(unasked));
    expect(fault).toMatchObject({ code: "platform-http", detail: expect.stringContaining("https://login.example") });
    expect(looked).toMatchObject([{ dns: found, look: null }]);
    expect(gathered.look).toEqual(seen);
    // The look's time is no rung's.
    expect(rungs.at(-1)).toMatchObject({ rung: "http", ms: 40 });
  });

  it("looks by itself where a poll does not tell the addresses", async () => {
    const { climb, looked, questions } = bench({ seen });
    await climb(evidence({ ...unasked, contact: brokeAt(35, wrongVersion) }));
    expect([looked.length, questions]).toEqual([1, []]);
  });

  it.each([
    ["a look was taken already", { contact: replied(302), look: seen }, "platform-http"],
    ["the platform is well", {}, undefined],
    ["the connection failed", { contact: brokeAt(7) }, "connect-failed"],
    ["the platform refuses", { contact: replied(500) }, "platform-http-500"],
  ])("does not look where %s", async (_, change, code) => {
    const { climb, looked } = bench({ seen });
    expect((await climb(evidence(change))).fault?.code).toBe(code);
    expect(looked).toEqual([]);
  });

  it.each([null, undefined])("names what is known where nothing could be seen: %s", async (nothing) => {
    const { climb } = bench(nothing === undefined ? {} : { seen: nothing });
    const { fault } = await climb(evidence({ contact: brokeAt(60, { reached: "tcp" }) }));
    expect(fault).toMatchObject({ code: "tls-certificate", detail: "platform.example: it broke" });
  });
});
