import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../support/certificates.ts";
import type { Box } from "./box.ts";
import { type ForwardProxy, openForwardProxy } from "./forward-proxy.ts";
import { gatewayAddress, platformAddress, platformAddress6, platformHost } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { type LabOddProxy, openLabOddProxy } from "./odd-proxy.ts";
import { doneAtHome, enableProxy } from "./procedures.ts";
import { openActivatedBox, untilFault } from "./steps.ts";

const limitMs = 120_000;
/** At a console that would be typed with `'` too, which no key of the panel has. */
const password = `a:b"c\\d%e`;
const known = { user: "anna", password };

/** A proxy is changed to what it is in a case before the box is told of it: a start of the box costs more than all of these. */
describe.skipIf(labLacks() !== null)(inLab("proxies that want to know who asks"), () => {
  let lab: Lab;
  let box: Box;
  let squid: ForwardProxy;
  let odd: LabOddProxy;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({}, async (opened) => {
      squid = await openForwardProxy(opened);
      odd = await openLabOddProxy(opened);
    }));
  }, limitMs);
  afterAll(() => lab?.close());

  const tell = (name: string, run: () => Promise<void>) => it(name, run, limitMs);
  const through = (user: string, secret = password, host = gatewayAddress) =>
    enableProxy(box, host, squid.port, { user, password: secret });
  /** The results of all CONNECTs of the box since then. */
  const results = async (since: number) =>
    (await squid.asked()).slice(since).map((line) => line.split(" ").slice(1).join(" "));
  /** The platform's addresses. */
  const atHome = async (how: "add" | "del") => {
    for (const address of [`${platformAddress}/32`, `${platformAddress6}/128`]) {
      await lab.gateway.run(["ip", "address", how, address, "dev", "lo"]);
    }
  };
  const count = async () => (await squid.asked()).length;

  tell("NTLM alone: the user with a domain passes after a look and a challenge", async () => {
    await squid.ask(known, { schemes: ["ntlm"] });
    const before = await count();
    await doneAtHome(box, through("LAB\\anna"));
    const [look, challenge, answer] = await results(before);
    expect([look, challenge, answer]).toEqual([407, 407, 200].map((status) => `${status} ${platformHost}:443`));
    expect((await box.status()).proxy).toEqual({ host: gatewayAddress, port: squid.port, user: "LAB\\anna" });
  });

  tell("NTLM alone: a wrong password is refused, with the code of the older models for it", async () => {
    await through("LAB\\anna", "wrong");
    const { fault } = await untilFault(box, "unexpected proxy HTTP/407");
    expect(fault).toMatchObject({
      legacyCode: "E00",
      detail: `proxy ${gatewayAddress}:${squid.port} answered 407 for ${platformHost}; it refuses user LAB\\anna or the password, by NTLM`,
    });
  });

  tell("NTLM alone: a user without a domain passes too, by the proxy's name", async () => {
    await doneAtHome(box, through("anna", password, platformHost));
  });

  tell("both: a user without a domain passes by Basic, without a challenge", async () => {
    await squid.ask(known, { schemes: ["ntlm", "basic"] });
    const before = await count();
    await doneAtHome(box, through("anna"));
    expect((await results(before)).slice(0, 2)).toEqual([`407 ${platformHost}:443`, `200 ${platformHost}:443`]);
  });

  tell("both: who is known and has no permission, and whose platform is not to be had", async () => {
    await squid.ask(known, { permits: false });
    await through("anna");
    expect((await untilFault(box, "unexpected proxy HTTP/403")).fault).toMatchObject({ legacyCode: "E03" });
    await squid.ask(known);
    await atHome("del");
    await through("anna");
    expect((await untilFault(box, "unexpected proxy HTTP/503")).fault).toMatchObject({
      legacyCode: "E06",
      next: "Check that the proxy server can connect to the platform.",
    });
    await atHome("add");
  });

  tell("a scheme that is not spoken is told no password, and a name that nobody knows is named", async () => {
    await odd.play({ kind: "asks", offers: ["Negotiate", 'Digest realm="x", nonce="y"'], answer: { kind: "close" } });
    await enableProxy(box, gatewayAddress, odd.port, known);
    expect((await untilFault(box, "Invalid proxy auth config")).fault?.detail).toContain("it offers Negotiate, Digest");
    expect(new Set(odd.asked())).toEqual(new Set([`${platformHost}:443 -`]));
    await through("anna", password, "nobody.test");
    expect((await untilFault(box, "LAN DNS can't resolve proxy")).fault?.detail).toContain("nobody.test");
  });

  tell("one that inspects TLS is told by the issuer of its certificates", async () => {
    const inspector = await createAuthority("Lab Inspection");
    const credential = await inspector.issue({ commonName: platformHost, hosts: [platformHost] });
    await odd.play({ kind: "intercept", credential });
    await enableProxy(box, gatewayAddress, odd.port);
    const { fault } = await untilFault(box, "SSL peer cert was not OK");
    expect(fault?.detail).toMatch(new RegExp(`behind proxy ${gatewayAddress}:${odd.port}: .*issued by Lab Inspection`));
  });

  tell("a SOCKS server is told as one, and nobody at all", async () => {
    await odd.play({ kind: "socks" });
    await enableProxy(box, gatewayAddress, odd.port);
    const { fault } = await untilFault(box, "Failed receiving peer data (56)");
    expect(fault).toMatchObject({
      detail: expect.stringContaining("speaks SOCKS"),
      next: expect.stringContaining("SOCKS server"),
    });
    await odd.play(null);
    await enableProxy(box, gatewayAddress, odd.port);
    expect((await untilFault(box, "Error connect to server (07)")).fault?.detail).toContain(`:${odd.port}`);
  });
});
