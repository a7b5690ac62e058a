import { describe, expect, it } from "vitest";
import { statusOf } from "../../../src/control/status.ts";
import type { ProxyAccess } from "../../../src/https/https.ts";
import { curlFails } from "../../support/scripted-platform.ts";
import { type Bench, startedBox, stateDirectory } from "./harness.ts";

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
async function proxiedBox(user = "anna"): Promise<Bench> {
  const box = await startedBox();
  await openProxy(box);
  await box.press("ENTER");
  await box.type(`\u001510.77.0.9\n03128\n${user}\n${canary}\n\n`);
  await box.until("home");
  return box;
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
    const next = await startedBox({ files: box.files.afterPowerCut() });
    expect(way(next)).toEqual(access);
  });

  it("is asked by NTLM where the user has a domain", async () => {
    expect(way(await proxiedBox("corp\\anna"))?.credentials).toEqual({
      user: "corp\\anna",
      password: canary,
      scheme: "ntlm",
    });
  });

  it("shows the password nowhere: one file holds it, and nothing that is shown, told or logged", async () => {
    const box = await proxiedBox();
    const reference = box.facts().settings.proxy?.passwordRef;
    expect(await filesWith(box, canary)).toEqual([`secret-${reference}.json`]);
    const facts = box.facts();
    for (const told of [facts, statusOf(facts), box.frames, box.glasses, box.records, box.platform.polls, box.told]) {
      // A word of it would do harm as well: what is typed one by one may be seen one by one.
      expect(JSON.stringify(told)).not.toMatch(/Can|ary-/);
    }
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
