import { beforeAll, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Question, Resolved } from "../../../hal/resolver.ts";
import { createLook } from "../../../src/appliance/look.ts";
import type { Contact } from "../../../src/connectivity/evidence.ts";
import type { LookOutcome, LookRequest } from "../../../src/https/https.ts";
import { createProxyOffers } from "../../../src/https/proxy-offers.ts";
import { type Authority, createAuthority } from "../../support/certificates.ts";
import { nothingSeen } from "../../support/scripted-platform.ts";
import { createSomeLog } from "../../support/some-log.ts";
import { brokeAt, evidence, replied, split, withProxy } from "../connectivity/evidence.ts";

const found: Resolved = { kind: "addresses", addresses: ["203.0.113.9"], server: "10.77.0.53" };
const signal = new AbortController().signal;

let authority: Authority;
let certificate: string;

beforeAll(async () => {
  authority = await createAuthority("Platform Authority");
  ({ certificate } = await authority.issue({ commonName: "platform.example", hosts: ["platform.example"] }));
});

interface Far {
  readonly resolved?: Resolved;
  readonly outcome?: LookOutcome;
  readonly authorityFile?: string | null;
}

function looking({ resolved = found, outcome = nothingSeen, authorityFile = null }: Far = {}) {
  const clock = createFakeClock();
  const files = createMemoryFiles();
  files.put("/ca.pem", authority.certificate);
  const questions: Question[] = [];
  const requests: LookRequest[] = [];
  const { log, lines } = createSomeLog();
  const offers = createProxyOffers({ curlHasNtlm: () => true, clock });
  const look = createLook({
    clock,
    files,
    log,
    offers,
    resolver: {
      resolve: async (question) => {
        questions.push(question);
        return resolved;
      },
    },
    https: {
      look: async (request) => {
        requests.push(request);
        return outcome;
      },
    },
    platformUrl: "https://platform.example:8443/",
    authorityFile,
    proxyPassword: () => "secret",
  });
  return { look, clock, offers, questions, requests, lines };
}

const address = { host: "platform.example", port: 8443, addresses: ["203.0.113.9"] };

describe("a look", () => {
  it("goes where the polls go, by the management port's servers, within its time", async () => {
    const { look, questions, requests } = looking();
    await look(evidence({ settings: split, dns: null }), signal);
    expect(questions).toMatchObject([
      { name: "platform.example", servers: ["192.0.2.53"], source: "192.0.2.20", timeoutMs: 1500, signal },
    ]);
    expect(requests).toEqual([
      {
        url: "https://platform.example:8443/appliance/v1/poll",
        resolved: [address],
        proxy: null,
        interface: null,
        connectTimeoutMs: 2500,
        totalTimeoutMs: 2500,
        signal,
      },
    ]);
  });

  it("asks for no name that is known", async () => {
    const { look, questions, requests } = looking();
    await look(evidence(), signal);
    expect([questions.length, requests[0]?.resolved]).toEqual([0, [address]]);
  });

  it("goes by the proxy, with what the proxy wants", async () => {
    const { look, questions, requests } = looking();
    const contact: Contact = {
      ...brokeAt(60, { proxyStatus: 200 }),
      asked: { by: "basic", offers: ["basic"], speaks: null },
    };
    await look(evidence({ settings: withProxy({ user: "anna" }), dns: null, contact }), signal);
    expect(questions).toMatchObject([{ name: "proxy.corp.example" }]);
    expect(requests).toMatchObject([
      {
        resolved: [{ host: "proxy.corp.example", port: 8080 }],
        proxy: { host: "proxy.corp.example", credentials: { user: "anna", password: "secret", scheme: "basic" } },
      },
    ]);
  });

  it("tells a proxy nothing that asked for nothing", async () => {
    const { look, requests } = looking();
    await look(evidence({ settings: withProxy({ user: "anna" }), contact: brokeAt(60, { proxyStatus: 200 }) }), signal);
    expect(requests[0]?.proxy?.credentials).toBeNull();
  });

  it("goes by the proxy as it is known to be asked, where a reply came through it", async () => {
    const { look, offers, requests } = looking();
    const settings = withProxy({ user: "corp\\anna" });
    const account = { user: "corp\\anna", password: "secret" };
    offers.learn({ host: "proxy.corp.example", port: 8080, account }, ["ntlm"]);
    await look(evidence({ settings, contact: replied(200, { kind: "malformed", detail: "not JSON" }) }), signal);
    expect(requests[0]?.proxy?.credentials).toEqual({ ...account, scheme: "ntlm" });
  });

  it("resolves nothing for a proxy that is given by address", async () => {
    const { look, questions, requests } = looking();
    await look(evidence({ settings: withProxy({ host: "10.77.0.9" }), dns: null }), signal);
    expect([questions, requests[0]?.resolved]).toEqual([[], []]);
  });

  it.each([
    ["it would go by the wrong port", { settings: split, network: { ...evidence().network, separated: false } }],
    [
      "there is nobody to ask for the name",
      { network: { ...evidence().network, lan: { ...evidence().network.lan, dns: [] } } },
    ],
  ])("is not taken where %s", async (_, change) => {
    const { look, requests } = looking();
    expect(await look(evidence({ dns: null, ...change }), signal)).toBeNull();
    expect(requests).toEqual([]);
  });

  it("is not taken where the name has no address any more", async () => {
    const { look, requests } = looking({ resolved: { kind: "unreachable", servers: [], code: "ETIMEOUT" } });
    expect(await look(evidence({ dns: null }), signal)).toBeNull();
    expect(requests).toEqual([]);
  });

  it.each<LookOutcome>([{ kind: "aborted" }, { kind: "unavailable", message: "no curl" }])(
    "sees nothing when it ends as %j",
    async (outcome) => {
      expect(await looking({ outcome }).look(evidence(), signal)).toBeNull();
    },
  );

  it("tells what was presented, by whose authority, and both clocks", async () => {
    const outcome = {
      ...nothingSeen,
      exitCode: 0,
      message: "",
      certificates: [certificate, "nonsense"],
      date: "Mon, 15 Jun 2026 12:00:00 GMT",
      location: "https://login.example/",
    };
    const { look, clock } = looking({ outcome, authorityFile: "/ca.pem" });
    expect(await look(evidence(), signal)).toMatchObject({
      chain: { covers: true, issued: true, leaf: { names: ["platform.example"] } },
      exitCode: 0,
      message: "",
      ourMs: clock.now(),
      farMs: Date.parse("2026-06-15T12:00:00Z"),
      location: "https://login.example/",
    });
    expect(await looking({ outcome }).look(evidence(), signal)).toMatchObject({ chain: { issued: null } });
  });

  it("does without a date that is none, and without authorities that cannot be read, which it says", async () => {
    const outcome = { ...nothingSeen, certificates: [certificate], date: "yesterday" };
    const { look, lines } = looking({ outcome, authorityFile: "/gone.pem" });
    expect(await look(evidence(), signal)).toMatchObject({ chain: { issued: null }, farMs: null });
    expect(lines).toEqual(["warn: the authorities of the configuration cannot be read"]);
  });
});
