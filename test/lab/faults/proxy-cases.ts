import { rename } from "node:fs/promises";
import type { Authority } from "../../support/certificates.ts";
import type { OddAnswer } from "../../support/odd-proxy.ts";
import type { ForwardProxy } from "../forward-proxy.ts";
import { gatewayAddress, platformAddress, platformHost } from "../gateway.ts";
import type { LabOddProxy } from "../odd-proxy.ts";
import { disableProxy, enableProxy } from "../procedures.ts";
import { asked, type FaultBench, type FaultCase, type FaultCases } from "./fault-case.ts";

export interface ProxyBench extends FaultBench {
  readonly squid: ForwardProxy;
  readonly odd: LabOddProxy;
  /** The box does not trust it. */
  readonly stranger: Authority;
}

type Way = Pick<FaultCase<ProxyBench>, "provoke" | "mend">;

const known = { user: "anna", password: "right" };
/** squid is told who is known; the box says who it is. */
const by = (
  account: { readonly user: string; readonly password: string } | undefined,
  how: Parameters<ForwardProxy["ask"]>[1] = {},
): Way => ({
  provoke: async ({ box, squid }) => {
    await squid.ask(known, how);
    await enableProxy(box, gatewayAddress, squid.port, account);
  },
  mend: async ({ box, squid }) => {
    await squid.ask(null);
    await disableProxy(box);
  },
});
const oddly = (answer: (bench: ProxyBench) => OddAnswer | Promise<OddAnswer> | null): Way => ({
  provoke: async (bench) => {
    await bench.odd.play(await answer(bench));
    await enableProxy(bench.box, gatewayAddress, bench.odd.port);
  },
  mend: ({ box }) => disableProxy(box),
});
const status = (code: number): Way => oddly(() => ({ kind: "status", status: code }));
const firewall = `table ip firewall { chain input { type filter hook input priority 0; iifname "langw" ip daddr ${platformAddress} reject with tcp reset; }; }`;

export const proxyCases: FaultCases<ProxyBench> = {
  "lan-proxy-unresolved": [
    {
      how: "a name that nobody knows",
      provoke: ({ box, squid }) => enableProxy(box, "nobody.test", squid.port),
      detail: /^10\.77\.0\.1 says REFUSED for nobody\.test$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
  "proxy-invalid-auth": [
    {
      how: "a user without a password",
      ...by({ user: "anna", password: "" }),
      detail: /^user anna has no password$/,
    },
  ],
  "proxy-http-403": [
    {
      how: "squid knows the user, who may not",
      ...by(known, { permits: false }),
      detail: /^proxy 10\.77\.0\.1:3128 answered 403 for platform\.test/,
    },
  ],
  "proxy-http-407": [
    {
      how: "squid with a wrong password by Basic",
      ...by({ user: "anna", password: "wrong" }),
      detail: /^proxy 10\.77\.0\.1:3128 answered 407 for platform\.test/,
    },
    { how: "squid asks, and there is no user", ...by(undefined), detail: /^proxy 10\.77\.0\.1:3128 answered 407/ },
  ],
  "proxy-http-503": [
    {
      how: "squid, and nobody listens at the platform's address",
      provoke: async ({ lab, box, squid }) => {
        await lab.gateway.listens(false);
        await enableProxy(box, gatewayAddress, squid.port);
      },
      detail: /^proxy 10\.77\.0\.1:3128 answered 503 for platform\.test/,
      mend: async ({ lab, box }) => {
        await lab.gateway.listens(true);
        await disableProxy(box);
      },
    },
    {
      how: "a proxy that says it with 502",
      ...status(502),
      detail: /^proxy 10\.77\.0\.1:3129 answered 502 for platform\.test/,
    },
  ],
  "proxy-http-407, NTLM": [
    {
      how: "squid with a wrong password by NTLM",
      ...by({ user: "LAB\\anna", password: "wrong" }, { schemes: ["ntlm"] }),
      detail: /^proxy 10\.77\.0\.1:3128 answered 407 for platform\.test/,
    },
  ],
  "connect-failed, the proxy just disabled": [
    {
      how: "the only way was by the proxy",
      provoke: async ({ lab, box, squid }) => {
        await enableProxy(box, gatewayAddress, squid.port);
        await box.untilStatus(({ phase, proxy }) => phase === "ready" && proxy !== null);
        await box.untilScreen("home");
        await lab.run(["ip", "netns", "exec", "gw", "nft", "-f", "-"], firewall);
        await disableProxy(box);
      },
      detail: /^platform\.test port 443: Couldn.t connect to server$/,
    },
  ],
  "lan-dns-unreachable, in the place of E04": [
    {
      how: "and now the name server is gone too",
      provoke: asked(({ lab }) => lab.gateway.names("absent")),
      detail: /^10\.77\.0\.1: refuses DNS queries \(ECONNREFUSED\)$/,
      mend: asked(async ({ lab }) => {
        await lab.gateway.names("knows");
        await lab.gateway.run(["nft", "delete", "table", "ip", "firewall"]);
      }),
    },
  ],
  "proxy-http": [
    { how: "it cannot read what we say", ...status(400), detail: /:3129 answered 400 for platform\.test/ },
  ],
  "proxy-redirects": [
    {
      how: "a log-in page in its place",
      ...oddly(() => ({ kind: "status", status: 302, headers: ["Location: http://login.test/"] })),
      detail: /^proxy 10\.77\.0\.1:3129 answered 302 for platform\.test/,
    },
  ],
  "proxy-speaks-tls": [
    {
      how: "a web server at the port",
      ...oddly(async ({ stranger }) => ({ kind: "https", credential: await stranger.issue({ commonName: "proxy" }) })),
      detail: /^proxy 10\.77\.0\.1:3129: .*; that port speaks TLS$/,
    },
  ],
  "proxy-speaks-socks": [
    {
      how: "a SOCKS server at the port",
      ...oddly(() => ({ kind: "socks" })),
      detail: /^proxy 10\.77\.0\.1:3129: .*; that port speaks SOCKS$/,
    },
  ],
  "proxy-auth-unspoken": [
    {
      how: "it offers Digest only",
      provoke: async ({ box, odd }) => {
        await odd.play({ kind: "asks", offers: ['Digest realm="x", nonce="y"'], answer: { kind: "close" } });
        await enableProxy(box, gatewayAddress, odd.port, known);
      },
      detail: /; it offers Digest, and only Basic and NTLM are spoken here$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
  "connect-failed, the proxy": [
    {
      how: "nobody listens there",
      ...oddly(() => null),
      detail: /^proxy 10\.77\.0\.1:3129: Couldn.t connect to server$/,
    },
  ],
  "receive-failed, the proxy": [
    {
      how: "it resets the connection",
      ...oddly(() => ({ kind: "reset" })),
      detail: /^proxy 10\.77\.0\.1:3129: /,
    },
  ],
  "tls-intercepted, the proxy": [
    {
      how: "it looks into what is sent",
      ...oddly(async ({ stranger }) => ({
        kind: "intercept",
        credential: await stranger.issue({ commonName: platformHost, hosts: [platformHost] }),
      })),
      detail: /^behind proxy 10\.77\.0\.1:3129: the certificate for platform\.test is issued by Corporate Proxy CA/,
    },
  ],
  "curl-failed, by a proxy": [
    {
      how: "the file of the authorities is away",
      provoke: async ({ lab, box, squid }) => {
        await rename(lab.gateway.caFile, `${lab.gateway.caFile}.away`);
        await enableProxy(box, gatewayAddress, squid.port);
      },
      detail: /error setting certificate/,
      mend: async ({ lab, box }) => {
        await rename(`${lab.gateway.caFile}.away`, lab.gateway.caFile);
        await disableProxy(box);
      },
    },
  ],
};
