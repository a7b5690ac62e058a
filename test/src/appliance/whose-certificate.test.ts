import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { type CertificateRequest, createAuthority, createSelfSigned } from "../../support/certificates.ts";
import { listenHttps } from "../../support/https-server.ts";
import { listenOpenssl } from "../../support/openssl-server.ts";
import { hasTool } from "../../support/tools.ts";
import { createRealPoll, type RealPoll } from "./real-poll.ts";

const host = "platform.example";
const dayMs = 86_400_000;

/** As far as curl and OpenSSL see; our own clock, for the words, may be another. */
const today = new Date();
const daysOn = (days: number) => new Date(today.getTime() + days * dayMs);
const dateOf = (when: Date) => when.toISOString().slice(0, 10);

describe.skipIf(!hasTool("curl"))("whose certificate it is (needs curl)", () => {
  let poll: RealPoll;

  beforeAll(async () => {
    poll = await createRealPoll();
  });
  afterAll(() => poll.close());

  const ours = async (change: Partial<CertificateRequest> = {}) =>
    poll.authority.issue({ commonName: host, hosts: [host], ...change });
  const theirs = async (name: string, hosts = [host]) =>
    (await createAuthority(name)).issue({ commonName: hosts[0] ?? name, hosts });

  interface Shown {
    readonly certificate: string;
    readonly key: string;
  }
  /** A server that shows this and says that it is that time. */
  const serving = ({ certificate, key }: Shown, now = today, fields: Record<string, string> = {}) =>
    listenHttps({ cert: certificate, key }, (_, response) => {
      const status = fields.location === undefined ? 401 : 302;
      response.writeHead(status, { date: now.toUTCString(), ...fields }).end();
    });

  it("is the platform's", async () => {
    expect(await poll.faultOf(serving(await ours()))).toMatchObject({ code: "platform-http-401" });
  });

  it("is the platform's, but its time is over", async () => {
    const shown = await ours({ notBefore: daysOn(-30), notAfter: daysOn(-10) });
    expect(await poll.faultOf(serving(shown))).toMatchObject({
      code: "tls-expired",
      message: "SSL peer cert was not OK",
      detail: `our clock says ${dateOf(today)}, the far side ${dateOf(today)}; the certificate for ${host} is valid from ${dateOf(daysOn(-30))} to ${dateOf(daysOn(-10))}`,
    });
  });

  // What curl takes for now is the machine's, which no test sets: the certificate's dates and the far side's clock are moved instead.
  it.each([
    ["behind", 400, 800, 600],
    ["ahead", -800, -400, -600],
  ])("is the platform's, and our clock is %s", async (_, from, to, now) => {
    const shown = await ours({ notBefore: daysOn(from), notAfter: daysOn(to) });
    expect(await poll.faultOf(serving(shown, daysOn(now)))).toMatchObject({
      code: "tls-clock-wrong",
      detail: `our clock says ${dateOf(today)}, the far side ${dateOf(daysOn(now))}; the certificate for ${host} is valid from ${dateOf(daysOn(from))} to ${dateOf(daysOn(to))}`,
      next: expect.stringContaining("NTP"),
    });
  });

  it("is an inspecting device's", async () => {
    expect(await poll.faultOf(serving(await theirs("Zscaler Intermediate Root CA")))).toMatchObject({
      code: "tls-intercepted",
      detail: `the certificate for ${host} is issued by Zscaler Intermediate Root CA, not by the platform's authority`,
    });
  });

  it("is that of an authority that calls itself the platform's", async () => {
    expect(await poll.faultOf(serving(await theirs("Platform Authority")))).toMatchObject({ code: "tls-intercepted" });
  });

  it("is its own, for our name or another", async () => {
    expect(await poll.faultOf(serving(await createSelfSigned({ commonName: host })))).toMatchObject({
      code: "tls-intercepted",
      detail: expect.stringContaining("self-signed"),
    });
    expect(await poll.faultOf(serving(await createSelfSigned({ commonName: "router.local" })))).toMatchObject({
      code: "tls-portal",
      detail: expect.stringMatching(/^router.local answers in place of platform.example/),
    });
  });

  it("is a log-in page's, which is told with where it leads to", async () => {
    const shown = await theirs("Public Authority", ["login.hotel.example"]);
    const location = "https://login.hotel.example:8443/in?session=1";
    expect(await poll.faultOf(serving(shown, today, { location }))).toMatchObject({
      code: "tls-portal",
      detail:
        "login.hotel.example answers in place of platform.example, with a certificate issued by Public Authority, leading to https://login.hotel.example:8443",
    });
  });

  it("is another server's of ours", async () => {
    const shown = await ours({ commonName: "scan.example", hosts: ["scan.example"] });
    expect(await poll.faultOf(serving(shown))).toMatchObject({
      code: "tls-other-server",
      detail: `the certificate is for scan.example, not for ${host}; issued by Platform Authority`,
    });
  });

  it.skipIf(!hasTool("openssl")).each(["-tls1_2", "-tls1_3"])(
    "is the platform's, which refuses ours: %s (needs openssl)",
    async (version) => {
      const { certificate, key } = await ours();
      const shown = poll.file("shown.pem");
      await writeFile(shown, `${certificate}\n${key}`);
      const demands = ["-Verify", "1", "-verify_return_error", "-CAfile", poll.file("ca.pem")];
      const server = listenOpenssl([version, "-cert", shown, "-key", shown, ...demands]);
      expect(await poll.faultOf(server)).toMatchObject({
        code: "device-certificate-refused",
        message: "QG refused device cert",
        detail: expect.stringMatching(/alert unknown ca/),
      });
    },
  );

  it("is told by the clock of the box, whatever the machine's is", async () => {
    const late = await createRealPoll(createFakeClock({ nowMs: 0 }));
    const shown = await late.authority.issue({ commonName: host, hosts: [host], notAfter: daysOn(-10) });
    expect(await late.faultOf(serving(shown))).toMatchObject({
      code: "tls-clock-wrong",
      detail: expect.stringMatching(/^our clock says 1970-01-01, the far side 20/),
    });
    await late.close();
  });
});
