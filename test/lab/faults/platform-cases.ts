import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argv } from "../../../hal/processes.ts";
import type { PlatformAnswer } from "../../../platform/platform.ts";
import type { Authority, Credential } from "../../support/certificates.ts";
import type { OddPlatform } from "../../support/odd-platform.ts";
import { platformAddress, platformHost } from "../gateway.ts";
import { testNetwork } from "../procedures.ts";
import { until } from "../until.ts";
import { asked, type FaultBench, type FaultCase, type FaultCases } from "./fault-case.ts";
import type { LabOddPlatform } from "./odd-platform.ts";

export interface PlatformBench extends FaultBench {
  readonly odd: LabOddPlatform;
  /** The box trusts it beside the platform's own. */
  readonly trusted: Authority;
  /** The box does not. */
  readonly stranger: Authority;
}

type Way = Pick<FaultCase<PlatformBench>, "provoke" | "mend">;

const answers = (answer: PlatformAnswer): Way => ({
  provoke: asked(({ lab }) => lab.gateway.platform.setAnswer(answer)),
  mend: asked(({ lab }) => lab.gateway.platform.setAnswer("ok")),
});
const replaced = (odd: (bench: PlatformBench) => OddPlatform | Promise<OddPlatform>): Way => ({
  provoke: asked(async (bench) => bench.odd.play(await odd(bench))),
  mend: asked((bench) => bench.odd.end()),
});
const named = { commonName: platformHost, hosts: [platformHost] };
const issued = ({ trusted }: PlatformBench): Promise<Credential> => trusted.issue(named);
/** openssl's own, which reads no standard input with `-www` behind this. */
const secureServer = async (bench: PlatformBench): Promise<Argv> => {
  const file = join(bench.lab.folder, "platform.pem");
  const { certificate, key } = await issued(bench);
  await writeFile(file, `${certificate}\n${key}`);
  return ["openssl", "s_server", "-accept", "443", "-cert", file];
};
const served = (status: number, body: string): Way =>
  replaced(async (bench) => ({ kind: "https", credential: await issued(bench), status, body }));
const shown = (credential: (bench: PlatformBench) => Promise<Credential>): Way =>
  replaced(async (bench) => ({ kind: "https", credential: await credential(bench), status: 200, body: "{}" }));

/** A packet filter on the way. */
const filtered = (verdict: string): Way => ({
  provoke: asked(({ lab }) =>
    lab.run(
      ["ip", "netns", "exec", "gw", "nft", "-f", "-"],
      `table ip firewall { chain input { type filter hook input priority 0; ip daddr ${platformAddress} ${verdict}; }; }`,
    ),
  ),
  mend: asked(({ lab }) => lab.gateway.run(["nft", "delete", "table", "ip", "firewall"])),
});
const curl = "/usr/bin/curl";

export const platformCases: FaultCases<PlatformBench> = {
  "connect-failed": [
    {
      how: "nobody listens there",
      provoke: asked(({ lab }) => lab.gateway.listens(false)),
      detail: /^platform\.test port 443: Couldn.t connect to server$/,
      mend: asked(({ lab }) => lab.gateway.listens(true)),
    },
    {
      how: "a packet filter says that there is no way",
      ...filtered("reject with icmp type admin-prohibited"),
      detail: /^platform\.test port 443: Couldn.t connect to server$/,
    },
  ],
  timeout: [
    {
      how: "a packet filter drops all packets for 30 seconds",
      ...filtered("drop"),
      detail: /^platform\.test port 443: Timeout was reached$/,
    },
  ],
  "send-failed": [
    {
      how: "the connection is reset with the last word of TLS",
      // Now and then the kernel hands the reset to who reads first.
      provoke: async (bench) => {
        const credential = await issued(bench);
        await bench.odd.play({ kind: "resets-secured", credential });
        await until("a reset while sending", async () => {
          await testNetwork(bench.box);
          const { fault } = await bench.box.status();
          return fault?.message === "Failed sending peer data (55)";
        });
      },
      detail: /^platform\.test: /,
      mend: asked(({ odd }) => odd.end()),
    },
  ],
  "receive-failed": [
    {
      how: "the connection is reset when TLS begins",
      ...replaced(() => ({ kind: "resets-hello" })),
      detail: /^platform\.test: .*reset by peer/,
    },
    {
      how: "the connection is reset when the request has come",
      ...replaced(async (bench) => ({ kind: "resets-request", credential: await issued(bench) })),
      detail: /^platform\.test: .*reset by peer/,
    },
  ],
  "tls-intercepted": [
    {
      how: "a device with an authority of its own",
      ...shown(({ stranger }) => stranger.issue(named)),
      detail: /^the certificate for platform\.test is issued by Corporate Proxy CA, not by the platform's authority$/,
    },
  ],
  "tls-portal": [
    {
      how: "a web server without TLS",
      ...replaced(() => ({ kind: "http" })),
      detail: /^what answers for platform\.test does not speak TLS, as a log-in page does not$/,
    },
    {
      how: "a log-in page under its own name",
      ...shown(({ stranger }) => stranger.issue({ commonName: "login.test", hosts: ["login.test"] })),
      detail: /^login\.test answers in place of platform\.test, with a certificate issued by Corporate Proxy CA$/,
    },
  ],
  "tls-other-server": [
    {
      how: "another server of the same authority",
      ...shown(({ trusted }) => trusted.issue({ commonName: "portal.test", hosts: ["portal.test"] })),
      detail: /^the certificate is for portal\.test, not for platform\.test; issued by Lab CA$/,
    },
  ],
  "tls-expired": [
    {
      how: "a certificate of the past",
      ...shown(({ trusted }) => trusted.issue({ ...named, notAfter: new Date("2021-01-01T00:00:00Z") })),
      detail: /^our clock says \S+; the certificate for platform\.test is valid from 2020-01-01 to 2021-01-01$/,
    },
  ],
  "tls-clock-wrong": [
    {
      how: "the platform's clock and its certificate are years ahead",
      ...replaced(async ({ trusted }) => ({
        ...{ kind: "https", status: 200, body: "{}", date: "Wed, 01 Jul 2048 00:00:00 GMT" },
        credential: await trusted.issue({ ...named, notBefore: new Date("2048-01-01T00:00:00Z") }),
      })),
      detail:
        /^our clock says \S+, the far side 2048-07-01; the certificate for platform\.test is valid from 2048-01-01 to \S+$/,
    },
  ],
  "tls-certificate": [
    {
      how: "a server that has no version of TLS in common",
      provoke: asked(async (bench) => {
        const old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
        await bench.odd.run([...(await secureServer(bench)), ...old, "-www"]);
      }),
      detail: /^platform\.test: .*(alert protocol version|unsupported protocol)/,
      mend: asked(({ odd }) => odd.end()),
    },
  ],
  "platform-http-401": [
    {
      how: "it says so",
      ...answers("401"),
      detail: /^platform\.test answered HTTP\/401: A device certificate is needed$/,
    },
  ],
  "platform-http-500": [
    { how: "it says so", ...answers("500"), detail: /^platform\.test answered HTTP\/500: The platform failed$/ },
  ],
  "not-registered": (["unknown-appliance", "unknown-scan"] as const).map((answer) => ({
    how: answer,
    ...answers(answer),
    detail: /^platform\.test \(HTTP\/403\): /,
  })),
  "scanner-disabled": [{ how: "it says so", ...answers("disabled"), detail: /^platform\.test \(HTTP\/403\): / }],
  "account-expired": [{ how: "it says so", ...answers("expired"), detail: /^platform\.test \(HTTP\/403\): / }],
  "platform-http": [
    { how: "another web server", ...served(404, "Not here"), detail: /^platform\.test answered HTTP\/404$/ },
  ],
  "device-certificate-refused": [
    {
      how: "a server that takes devices of one authority only",
      provoke: asked(async (bench) => {
        const devices = join(bench.lab.folder, "devices.pem");
        await writeFile(devices, bench.stranger.certificate);
        const judge = ["-Verify", "1", "-verify_return_error", "-CAfile", devices];
        await bench.odd.run([...(await secureServer(bench)), ...judge, "-www"]);
      }),
      detail: /^platform\.test: .*alert (unknown ca|certificate)/,
      mend: asked(({ odd }) => odd.end()),
    },
  ],
  "reply-malformed": [
    {
      how: "a page for people",
      ...served(200, "<html>Welcome</html>"),
      detail: /^platform\.test: not JSON; its certificate is issued by Lab CA$/,
    },
  ],
  "curl-missing": [
    {
      how: "curl is taken away",
      provoke: asked(({ lab }) => lab.replaceProgram(curl, "")),
      detail: /install the package "curl"/,
      mend: asked(({ lab }) => lab.replaceProgram(curl, null)),
    },
  ],
  "curl-failed": [
    {
      how: "the file of the authorities is away",
      provoke: asked(({ lab }) => rename(lab.gateway.caFile, `${lab.gateway.caFile}.away`)),
      detail: /^platform\.test: error setting certificate/,
      mend: asked(({ lab }) => rename(`${lab.gateway.caFile}.away`, lab.gateway.caFile)),
    },
  ],
};
