import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { OrderReportDocument, SettingsDocument, StatusDocument } from "../../src/control/schema.ts";
import { type BenchProcess, bundle, startBench, stopProcess } from "../support/bench-process.ts";
import { badOrders, manyVlans, routeItem, someOrder, staticItem, vlanItem } from "../support/some-orders.ts";

const manyRoutes = Array.from({ length: 99 }, (_, n) => routeItem(n));

async function order(bench: BenchProcess, document: object): Promise<OrderReportDocument> {
  const answer = await fetch(`${bench.url}/api/v1/settings`, { method: "POST", body: JSON.stringify(document) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as OrderReportDocument;
}

const settings = (bench: BenchProcess) => bench.get<SettingsDocument>("/api/v1/settings");

/** The screen, and the status without what passes by itself. */
async function look(bench: BenchProcess) {
  const { poll: _, lan, wan, ...status } = await bench.get<StatusDocument>("/api/v1/status");
  return { screen: await bench.get("/api/v1/screen"), status, lan: { ...lan, lease: null }, wan };
}

async function press(bench: BenchProcess, body: object): Promise<void> {
  const answer = await fetch(`${bench.url}/api/v1/keys`, { method: "POST", body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

/** `bezel` as a process of its own. */
function bezel(args: readonly string[], input = "") {
  const child: ChildProcess = spawn(process.execPath, [bundle, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (part: Buffer) => {
    stdout += part;
  });
  child.stderr?.on("data", (part: Buffer) => {
    stderr += part;
  });
  child.stdin?.end(input);
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended, stderr: () => stderr };
}

describe("orders on the bench", () => {
  let bench: BenchProcess;

  beforeAll(async () => {
    bench = await startBench(["--activated"]);
    await bench.screen(({ screen }) => screen === "home");
    // The panel's VLAN is 20.
    await press(bench, { keys: ["ENTER", "ENTER", "DOWN", "ENTER"] });
    await press(bench, { text: "0020\n" });
    const isSet = async () => {
      const { lan } = await bench.get<StatusDocument>("/api/v1/status");
      // The router's advertisement comes by itself, some time later.
      expect([lan.vlan, lan.ipv6.length]).toEqual([20, 1]);
    };
    await vi.waitFor(isSet, { timeout: 30_000 });
    await bench.screen(({ screen }) => screen === "home");
  });
  afterAll(() => bench?.stop());

  it.each(badOrders)("refuses %s whole, and all is as before", async (_, document, blamed, message) => {
    const before = await look(bench);
    const report = await order(bench, document);
    expect(report.outcome).toBe("refused");
    const [first] = blamed;
    const told = report.results.find(({ id }) => id === first)?.message ?? report.reason ?? "";
    expect(told).toMatch(message);
    if (first !== undefined) expect(report.reason).toBe(`${first}: ${told}`);
    expect(report.results.filter(({ ok }) => ok)).toEqual([]);
    expect(await look(bench)).toEqual(before);
    expect((await settings(bench)).last).toEqual(report);
  });

  it("keeps all VLANs of a port and 99 routes, and tells of each", async () => {
    const report = await order(bench, someOrder([...manyVlans, ...manyRoutes]));
    expect([report.outcome, report.results.length, report.results.filter(({ ok }) => !ok)]).toEqual(["kept", 4192, []]);
    const { results, ...told } = await settings(bench);
    expect(told).toEqual({ revision: 7, vlans: 4093, routes: 99, state: "settled", detail: null, last: report });
    expect(results).toEqual(report.results);
    const { code, stdout } = await bezel(["status", "--url", bench.url]).ended;
    expect([code, /^scans +(.*)$/m.exec(stdout)?.[1]]).toEqual([0, "4093 VLANs, 99 routes, revision 7"]);
  });

  it("reverts what costs the contact to the platform", async () => {
    const before = (await look(bench)).lan;
    let isDone = false;
    const asked = order(bench, someOrder([staticItem("lan", "10.99.0.20")], { revision: 8 })).finally(() => {
      isDone = true;
    });
    // A minute of name servers that do not answer.
    while (!isDone) await bench.patch({ clock: { advanceSeconds: 5 } });
    const report = await asked;
    expect(report).toMatchObject({ revision: 8, outcome: "reverted" });
    await bench.screen(({ screen }) => screen === "home");
    expect((await look(bench)).lan).toEqual(before);
    expect((await settings(bench)).revision).toBe(7);
  });

  it("carries out what the command is given, and ends with the outcome", async () => {
    const good = JSON.stringify(someOrder([vlanItem(30)], { revision: 9 }));
    expect(await bezel(["order", "-", "--url", bench.url], good).ended).toEqual({
      code: 0,
      stdout: "kept, revision 9, 1 item\n",
      stderr: "",
    });
    const bad = JSON.stringify(someOrder([vlanItem(20)], { revision: 10 }));
    expect(await bezel(["order", "-", "--url", bench.url], bad).ended).toEqual({
      code: 1,
      stdout:
        "refused, revision 10, 1 of 1 item failed: vlan-20: VLAN 20 is set at the panel\nvlan-20: VLAN 20 is set at the panel\n",
      stderr: "",
    });
    expect((await bezel(["order", "/nowhere/order.json", "--url", bench.url]).ended).code).toBe(2);
  });

  it("takes an order back when the command is interrupted, and the command says what became of it", async () => {
    await bench.patch({ platform: { answer: "hang" } });
    const before = await settings(bench);
    const { child, ended, stderr } = bezel(
      ["order", "-", "--url", bench.url],
      JSON.stringify(someOrder([vlanItem(31)], { revision: 11 })),
    );
    try {
      // One that would be refused comes at a bad time once this one is carried out.
      await expect.poll(async () => (await order(bench, someOrder([vlanItem(20)]))).outcome).toBe("busy");
      child.kill("SIGINT");
      const { code, stdout } = await ended;
      expect([code, stdout.split(":")[0], stderr()]).toEqual([
        1,
        "canceled, revision 11, 1 of 1 item failed",
        "bezel: canceling the order\n",
      ]);
    } finally {
      await stopProcess(child);
      await bench.patch({ platform: { answer: "ok" } });
    }
    const after = await settings(bench);
    expect([after.revision, after.vlans]).toEqual([before.revision, before.vlans]);
  });
});

describe("a serial number below 29000 on the bench", () => {
  let folder: string;
  let bench: BenchProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-serial-"));
    await writeFile(join(folder, "bezel.toml"), '[appliance]\nserial = "28999"\n');
    bench = await startBench(["--activated", "--config", join(folder, "bezel.toml")]);
    await bench.screen(({ screen }) => screen === "home");
  });
  afterAll(async () => {
    await bench?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("has 99 VLANs and no more", async () => {
    expect(await order(bench, someOrder(manyVlans.slice(0, 99)))).toMatchObject({ outcome: "kept" });
    const report = await order(bench, someOrder(manyVlans.slice(0, 100), { revision: 8 }));
    expect(report).toMatchObject({ outcome: "refused", reason: `${manyVlans[99]?.id}: more than 99 VLANs` });
    expect(await settings(bench)).toMatchObject({ revision: 7, vlans: 99 });
  });
});
