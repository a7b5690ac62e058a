import { describe, expect, it } from "vitest";
import { statusOf } from "../../../src/control/status.ts";
import type { ProxyAccess } from "../../../src/https/https.ts";
import { createModelSealer } from "../../support/model-credentials.ts";
import {
  type Answer,
  createScriptedPlatform,
  curlFails,
  proxyOffers,
  type ScriptedPlatform,
} from "../../support/scripted-platform.ts";
import { type Bench, type BenchOptions, startBox, startedBox, stateDirectory } from "./harness.ts";

const canary = "Canary-`7;";
const settingsDirectory = `${stateDirectory}/settings`;

async function openProxy(box: Bench, item = "setup/proxy"): Promise<void> {
  await box.press("ENTER", "ENTER");
  for (let downs = 0; box.screen() !== item; downs += 1) {
    if (downs > 20) throw new Error(`no ${item}: ${JSON.stringify(box.facts())}`);
    await box.press("DOWN");
  }
  await box.press("ENTER");
}

/** A box behind a proxy that wants a password. */
async function proxiedBox(user = "anna", schemes: readonly string[] = [], options: BenchOptions = {}): Promise<Bench> {
  const box = await startedBox(options);
  box.platform.sight = schemes.length === 0 ? asksByBasic : proxyOffers(...schemes);
  await openProxy(box);
  await box.press("ENTER");
  await box.type(`\u001510.77.0.9\n03128\n${user}\n${canary}\n\n`);
  await box.until("home");
  return box;
}

const asksByBasic = proxyOffers("basic");
const refusesAll: Answer = () => ({
  kind: "failed",
  exitCode: 56,
  proxyStatus: 407,
  message: "CONNECT tunnel failed, response 407",
  timings: { connectedMs: 0, tlsMs: 0, firstByteMs: 0, totalMs: 1 },
});

function behindProxy(): ScriptedPlatform {
  const platform = createScriptedPlatform();
  platform.sight = asksByBasic;
  return platform;
}

const way = ({ platform }: Bench): ProxyAccess | null | undefined => platform.proxies.at(-1);
const filesWith = async ({ files }: Bench, text: string) =>
  (await files.list(settingsDirectory)).filter((name) => files.text(`${settingsDirectory}/${name}`)?.includes(text));

describe("a proxy with a password", () => {
  it("is the platform's way from the moment it is confirmed, and after a restart", async () => {
    const box = await proxiedBox();
    const access = {
      host: "10.77.0.9",
      port: 3128,
      credentials: { user: "anna", password: canary, scheme: "basic" },
    };
    expect(way(box)).toEqual(access);
    expect(box.screens.slice(-3)).toEqual(["progress/proxy", "contacting", "home"]);
    await box.stop();
    const next = await startedBox({ files: box.files.afterPowerCut(), platform: behindProxy() });
    expect(way(next)).toEqual(access);
  });

  it.each([
    ["corp\\anna", ["ntlm", "basic"], "ntlm"],
    ["corp\\anna", ["basic"], "basic"],
    ["anna", ["ntlm", "basic"], "basic"],
    ["anna", ["negotiate", "ntlm"], "ntlm"],
  ])("is asked as %s, where it offers %j, by %s", async (user, schemes, scheme) => {
    const box = await proxiedBox(user, schemes);
    expect(way(box)?.credentials).toEqual({ user, password: canary, scheme });
  });

  it("is looked at once, without credentials, and polled from then on", async () => {
    const box = await proxiedBox();
    const before = box.platform.polls.length;
    await box.advance(600_000);
    expect(box.platform.polls.length).toBeGreaterThan(before + 2);
    expect(box.platform.looks.map(({ proxy }) => proxy)).toEqual([
      { host: "10.77.0.9", port: 3128, credentials: null },
    ]);
  });

  it("is looked at again when it has refused, and asked as it wants to be then", async () => {
    const box = await proxiedBox("anna", ["ntlm"]);
    box.platform.fault = refusesAll;
    box.platform.sight = proxyOffers("basic");
    await box.until("communication-failure", 600_000);
    expect(box.facts().fault).toMatchObject({ code: "proxy-http-407", legacyCode: "E00" });
    box.platform.fault = null;
    await box.until("home", 600_000);
    expect(way(box)?.credentials?.scheme).toBe("basic");
    expect(box.platform.looks).toHaveLength(2);
  });

  it("that refuses hears of the account ever less, as its directory may lock it, and at once when a person asks", async () => {
    const box = await proxiedBox();
    const shown = () => box.platform.proxies.filter((proxy) => proxy?.credentials).length;
    box.platform.fault = refusesAll;
    await box.until("communication-failure", 600_000);
    const before = shown();
    await box.advance(60 * 60_000);
    expect(shown() - before).toBeLessThanOrEqual(5);
    expect(box.facts().fault).toMatchObject({
      code: "proxy-http-407",
      detail: expect.stringMatching(/refuses user anna/),
    });
    expect(box.facts().faults.filter(({ until }) => until === null)).toHaveLength(1);
    const standing = shown();
    await box.press("ENTER", "DOWN*4", "ENTER");
    await box.until(() => shown() > standing);
  });

  it("is looked at again when the network or the settings have changed: another one may stand there", async () => {
    const box = await proxiedBox();
    box.platform.sight = proxyOffers("ntlm");
    box.world.patch({ lan: { cable: false } });
    await box.advance(1000);
    box.world.patch({ lan: { cable: true } });
    await box.until(() => way(box)?.credentials?.scheme === "ntlm");
    await box.until("home");
    box.platform.sight = asksByBasic;
    await openProxy(box);
    await box.press("ENTER", "ENTER", "ENTER", "ENTER", "ENTER", "ENTER");
    await box.until(() => way(box)?.credentials?.scheme === "basic");
  });

  it("is said to be wanting only where it wants NTLM and curl has none; at the start that is logged once", async () => {
    const box = await startedBox({ curl: "without NTLM" });
    expect(box.records.filter((record) => record.includes("NTLM"))).toEqual([
      'warn: curl was built without NTLM: a proxy that offers nothing else cannot be used; install a curl that has it {"version":"8.5.0"}',
    ]);
    box.platform.sight = proxyOffers("ntlm");
    await openProxy(box);
    await box.press("ENTER");
    await box.type(`\u001510.77.0.9\n03128\ncorp\\anna\n${canary}\n\n`);
    await box.until("network-error");
    expect(box.facts().fault).toMatchObject({ message: "Invalid proxy auth config", legacyCode: "E01" });
    expect(way(box)).toBeNull();
    box.platform.sight = proxyOffers("ntlm", "basic");
    await box.until("home", 600_000);
    expect(way(box)?.credentials?.scheme).toBe("basic");
  });

  it("that offers nothing that is spoken is told no password", async () => {
    const box = await startedBox();
    box.platform.sight = proxyOffers("digest", "negotiate");
    const before = box.platform.proxies.length;
    await openProxy(box);
    await box.press("ENTER");
    await box.type(`\u001510.77.0.9\n03128\nanna\n${canary}\n\n`);
    await box.until("network-error");
    expect(box.facts().fault).toMatchObject({
      message: "Invalid proxy auth config",
      detail: expect.stringContaining("it offers Digest, Negotiate"),
    });
    expect(box.platform.proxies.slice(before)).toEqual([]);
  });

  it("tells the password nowhere: one file holds it, and nothing that is told or logged", async () => {
    const box = await proxiedBox();
    const reference = box.facts().settings.proxy?.passwordRef;
    expect(await filesWith(box, canary)).toEqual([`secret-${reference}.json`]);
    const facts = box.facts();
    for (const told of [facts, statusOf(facts), box.records, box.platform.polls, box.told]) {
      expect(JSON.stringify(told)).not.toMatch(/Can|ary-/);
    }
  });

  it("shows never more of the password than the character under the cursor, whatever is done in its field", async () => {
    const box = await startedBox();
    box.platform.sight = asksByBasic;
    await openProxy(box);
    await box.press("ENTER");
    await box.type("\u001510.77.0.9\n03128\nanna\n");
    const before = box.glasses.length;
    // One by one, so that each picture between comes on the glass.
    for (const character of canary) {
      await box.type(character);
      await box.advance(150);
    }
    await box.press("LEFT*3", "UP", "DOWN", "RIGHT*2", "LEFT", "ENTER", "ENTER");
    await box.until("home");
    expect(way(box)).toMatchObject({ credentials: { password: canary } });

    const clear = (field: string) => field.replaceAll("*", "").trim();
    const fields = box.glasses.slice(before).filter((glass) => glass.startsWith("PROXY PASSW"));
    const seen = fields.map((glass) => clear(glass.split("|")[1] ?? ""));
    expect(seen.filter((characters) => characters.length > 1)).toEqual([]);
    // The cursor was moved back over these.
    expect(seen).toEqual(expect.arrayContaining(["`", "7", ";"]));
    // Each two of its characters that stand in no other text.
    expect([...box.glasses, ...box.frames.map(({ lines }) => lines)].filter((it) => /Ca|y-|-`|`7|7;/.test(it))).toEqual(
      [],
    );
  });

  it("keeps its password when only the host is changed", async () => {
    const box = await proxiedBox();
    await openProxy(box);
    await box.press("ENTER");
    await box.type("\u001510.77.0.8\n\n\n");
    await box.until("proxy/password");
    expect(box.glass()[1]).toBe("****************");
    await box.type("\n\n");
    await box.until("home");
    expect(way(box)).toMatchObject({ host: "10.77.0.8", credentials: { password: canary } });
  });

  it("is no way any more when it is disabled, and a reset leaves no trace of the password", async () => {
    const box = await proxiedBox();
    await openProxy(box, "setup/disable-proxy");
    await box.press("ENTER");
    await box.until("home");
    expect(way(box)).toBeNull();
    // The settings before can be gone back to.
    expect(await filesWith(box, canary)).toHaveLength(1);
    await openProxy(box, "setup/reset");
    await box.press("ENTER", "ENTER");
    await box.until("home");
    expect(await filesWith(box, canary)).toEqual([]);
  });

  it("is what the older models' E04 tells of: no connection since it was disabled, until a poll is good", async () => {
    const box = await proxiedBox();
    const refused = curlFails(7, "connection refused");
    const failsOnce = async () => {
      box.platform.fault = refused;
      await box.advance(400_000);
      return box.facts().fault?.legacyCode;
    };
    expect(await failsOnce()).toBe("E06");
    await openProxy(box, "setup/disable-proxy");
    await box.press("ENTER");
    await box.until("network-error");
    expect(await failsOnce()).toBe("E04");
    box.platform.fault = null;
    await box.advance(400_000);
    expect(box.facts().fault).toBeNull();
    expect(await failsOnce()).toBe("E06");
    // Told once each, however many polls failed.
    expect(box.records.filter((record) => record.startsWith("warn: fault begins"))).toHaveLength(3);
  });

  it("comes back with the last good settings, its password too", async () => {
    const box = await proxiedBox();
    box.platform.fault = curlFails(7, "connection refused");
    await openProxy(box, "setup/disable-proxy");
    await box.press("ENTER");
    await box.until("network-error");
    await openProxy(box, "setup/restore");
    box.platform.fault = null;
    await box.press("ENTER");
    await box.until("home");
    expect(way(box)).toMatchObject({ credentials: { password: canary } });
  });
});

describe("the password of a proxy on a machine that seals", () => {
  const secrets = (box: Bench) => statusOf(box.facts()).secrets;

  it("is nowhere in clear from the moment that it is confirmed, and is opened by the first poll of the next start", async () => {
    const sealer = createModelSealer();
    const box = await proxiedBox("anna", [], { sealer });
    expect([secrets(box), way(box)?.credentials?.password]).toEqual(["sealed", canary]);
    expect(await filesWith(box, canary)).toEqual([]);
    await box.stop();
    const next = await startedBox({ platform: box.platform, files: box.files.afterPowerCut(), sealer });
    expect([secrets(next), way(next)?.credentials?.password]).toEqual(["sealed", canary]);
    expect(sealer.asked).toEqual(["seal", "open"]);
  });

  it("is said to lie in clear where it does, and is sealed by the next start", async () => {
    const box = await proxiedBox("anna", [], { sealer: createModelSealer(null) });
    expect(secrets(box)).toBe("plain");
    await box.stop();
    const next = await startedBox({
      platform: box.platform,
      files: box.files.afterPowerCut(),
      sealer: createModelSealer(),
    });
    expect([secrets(next), await filesWith(next, canary)]).toEqual(["sealed", []]);
    expect(way(next)?.credentials?.password).toBe(canary);
  });

  it("that cannot be opened is a fault by name, the proxy is asked without the account, and it is entered again", async () => {
    const box = await proxiedBox("anna", [], { sealer: createModelSealer() });
    await box.stop();
    const { platform } = box;
    platform.fault = curlFails(56, "CONNECT tunnel failed");
    const next = await startBox({ files: box.files.afterPowerCut(), sealer: createModelSealer("another"), platform });
    await next.until("network-error");
    expect(next.facts().fault).toMatchObject({
      message: "Invalid proxy auth config",
      detail: "the stored password of user anna cannot be opened: sealed elsewhere",
    });
    expect([secrets(next), way(next)?.credentials]).toEqual(["unopened", null]);
    platform.fault = null;
    await openProxy(next);
    await next.press("ENTER");
    await next.type(`\n\n\n\u0015${canary}\n\n`);
    await next.until("home");
    expect([secrets(next), way(next)?.credentials?.password]).toEqual(["sealed", canary]);
  });

  it("is waited for by the first contact, and by no picture before it", async () => {
    const box = await proxiedBox("anna", [], { sealer: createModelSealer() });
    await box.stop();
    let answer = () => {};
    const hangs = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const model = createModelSealer();
    const sealer = { ...model, open: (...sealed: [string, string]) => hangs.then(() => model.open(...sealed)) };
    const polls = box.platform.polls.length;
    const next = await startBox({ files: box.files.afterPowerCut(), sealer, platform: box.platform });
    await next.until("contacting");
    await next.advance(5000);
    expect(next.platform.polls.length).toBe(polls);
    answer();
    await next.until(() => next.facts().phase === "ready");
    expect(way(next)?.credentials?.password).toBe(canary);
  });
});
