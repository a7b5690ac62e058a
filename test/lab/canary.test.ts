import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../support/bench-process.ts";
import { canaries, findSecrets, sampleProcesses } from "../support/canary.ts";
import { hasPackage } from "../support/tools.ts";
import type { Box } from "./box.ts";
import { type ForwardProxy, openForwardProxy } from "./forward-proxy.ts";
import { gatewayAddress } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import {
  disableProxy,
  doneAtHome,
  enableProxy,
  resetNetwork,
  restoreLastGood,
  testNetwork,
  toItem,
} from "./procedures.ts";
import { plugTerminal, type SerialTerminal } from "./serial-terminal.ts";
import { openActivatedBox, untilFault, untilHome } from "./steps.ts";
import { until } from "./until.ts";

const lacks = lockDownLacks() ?? (hasPackage("serialport") ? null : "needs serialport");
const user = "anna";
const statusScreens = ["home", "network-error", "communication-failure"];

/** A password through every flow, by real programs; then it is looked for in all that is told and kept. */
describe.skipIf(lacks !== null)(inLab("a password", lacks), () => {
  let lab: Lab;
  let box: Box;
  let proxy: ForwardProxy;
  let line = "";
  let terminal: SerialTerminal;
  let sampler: Awaited<ReturnType<typeof sampleProcesses>>;
  /** What its events said, in one piece. */
  let events = "";
  /** All else that was said: by the log, the console, the status. */
  const said: string[] = [];
  let closed = false;

  const folder = () => join(lab.folder, "box");
  /** For ever, also over restarts: what the box says by itself of screen and status. */
  const listen = () => {
    const again = () => void (closed || setTimeout(listen, 100));
    const request = get({ socketPath: join(folder(), "control.sock"), path: "/v1/events" }, (answer) => {
      answer.setEncoding("utf8").on("data", (part: string) => {
        events += part;
      });
      answer.on("close", again).on("error", () => {});
    });
    request.on("error", again);
  };
  const note = () => said.push(box.log());
  const atHome = async (procedure: Promise<void>) => {
    await doneAtHome(box, procedure);
    note();
  };
  const enable = (password: string, name = user, port = proxy.port) =>
    enableProxy(box, gatewayAddress, port, { user: name, password });
  const bezel = (...args: [string, ...string[]]) =>
    lab.processes.run([process.execPath, bundle, ...args, "--config", join(folder(), "bezel.toml")], {
      timeoutMs: 60_000,
    });

  beforeAll(async () => {
    line = await mkdtemp(join(tmpdir(), "bezel-line-"));
    await chmod(line, 0o755);
    terminal = await plugTerminal(line, "ttyUSB0");
    await chmod(terminal.device, 0o666);
    ({ lab, box } = await openActivatedBox({ user: true, consoles: [`${line}/ttyUSB?`] }, async (opened) => {
      proxy = await openForwardProxy(opened);
    }));
    listen();
    sampler = await sampleProcesses(lab.path("/proc"));
  }, 120_000);
  afterAll(async () => {
    closed = true;
    await lab?.close();
    await terminal?.unplug();
    await rm(line, { recursive: true, force: true });
  });

  it("goes through the flows, by Basic and NTLM, wrong and right", async () => {
    await proxy.ask({ user, password: canaries.first });
    await enable(canaries.wrong);
    await untilFault(box, "unexpected proxy HTTP/407");
    note();
    await atHome(enable(canaries.first));
    expect((await box.status()).secrets).toBe("sealed");
    await testNetwork(box);

    // Changed at the console, where the host, the port and the user are kept.
    await proxy.ask({ user, password: canaries.second });
    await toItem(box, "main/setup-network", "setup/proxy");
    await box.untilStatus(({ consoles }) => consoles[0]?.state === "open");
    // The first ENTER wakes a silent line.
    await terminal.send("\r");
    await until("the panel", async () => terminal.rows().some((row) => row.includes("PROXY")));
    await terminal.send("\r\r");
    for (const field of ["host", "port", "user"]) {
      await box.untilScreen(`proxy/${field}`);
      await terminal.send("\r");
    }
    await box.untilScreen("proxy/password");
    await terminal.send(`\x15${canaries.second}\r`);
    await box.untilScreen("confirm/proxy");
    await terminal.send("\r");
    await untilHome(box);
    said.push(terminal.rows().join("\n"));

    await proxy.ask({ user, password: canaries.first }, { schemes: ["ntlm"] });
    await enable(canaries.wrong, `corp\\${user}`);
    await untilFault(box, "unexpected proxy HTTP/407");
    await atHome(enable(canaries.first, `corp\\${user}`));
    const last = (await proxy.asked()).at(-1);
    expect(last).toMatch(/ 200 /);
  }, 180_000);

  it("survives its controller, killed in a change and aborted by a bug", async () => {
    await enable(canaries.second, `corp\\${user}`, 9);
    await box.stop("SIGKILL");
    note();
    await box.start();
    await box.untilScreen(statusScreens);
    const pid = box.pid() ?? 0;
    expect(await readFile(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max core file size +0 +0 /m);
    process.kill(pid, "SIGABRT");
    await until("the end of the controller", async () => !box.running());
    note();
    await box.start();
    await box.untilScreen(statusScreens);
    await atHome(enable(canaries.first, `corp\\${user}`));
  }, 180_000);

  it("comes back with the last good settings, and goes with the proxy", async () => {
    await enableProxy(box, gatewayAddress, 9);
    await untilFault(box, "Error connect to server (07)");
    await atHome(restoreLastGood(box));
    expect((await box.status()).proxy?.user).toBe(`corp\\${user}`);
    await atHome(disableProxy(box));
    said.push(JSON.stringify([await box.status(), await box.screen()]));
  }, 180_000);

  it("stands in nothing that is told", async () => {
    const config = await bezel("config", "show");
    const plan = await bezel("config", "plan");
    const support = await bezel("support", "--output", join(folder(), "bundle.tar.gz"));
    for (const ended of [config, plan, support]) expect(ended).toMatchObject({ kind: "exited", code: 0 });
    const packed = execFileSync("tar", ["-xzOf", join(folder(), "bundle.tar.gz")], { maxBuffer: 2 ** 28 });
    expect(packed.length).toBeGreaterThan(10_000);
    const requests = lab.gateway.platform.appliances();
    const told = { events, said, config, plan, support, bundle: packed.toString("latin1"), requests };
    for (const [what, of] of Object.entries(told)) expect([what, findSecrets(plain(of))]).toEqual([what, []]);
    // What is not looked at holds no password either.
    expect(said.join("")).toContain("contact failed");
    expect(events).toContain(`"user":"corp\\\\${user}"`);
    expect(events).toContain("****************");
  }, 120_000);

  it("lies sealed on the disk and nowhere else, and a reset takes it away", async () => {
    const files = await filesBelow(folder());
    const secrets = files.filter((path) => /\/secret-[0-9a-f]{32}\.json$/.test(path));
    expect(secrets.length).toBeGreaterThan(0);
    for (const path of files) expect([path, findSecrets(await readFile(path, "latin1"))]).toEqual([path, []]);
    for (const path of secrets) {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, "utf8")).toContain('"sealed":"');
    }
    await resetNetwork(box, "all");
    await untilHome(box);
    expect((await filesBelow(folder())).filter((path) => path.includes("/secret-"))).toEqual([]);
    note();
    expect(findSecrets(plain([events, said]))).toEqual([]);
  }, 120_000);

  it("was in no argument list and no environment; one that leaks is found", async () => {
    const control = { leak: 'L3ak;in"\\arg%$s' };
    await lab.run(["sh", "-c", "sleep 0.3", "sh", control.leak]);
    await lab.run(["env", `LEAK=${control.leak}`, "sleep", "0.3"]);
    const { sweeps, cmdline: all, environ } = await sampler.stop();
    // The proxy's own judge has the password as an argument, as squid's helpers do.
    const cmdline = all.filter((text) => !text.includes("ntlm-helper"));
    expect(cmdline.length).toBeLessThan(all.length);
    for (const texts of [cmdline, environ]) {
      expect(findSecrets(texts.join("\n"), control)).not.toEqual([]);
      expect(findSecrets(texts.join("\n"))).toEqual([]);
    }
    // The programs that are given a password were among what was seen.
    expect(cmdline.some((text) => text.startsWith("curl\0-q\0--config\0-\0"))).toBe(true);
    expect(cmdline.some((text) => text.startsWith("systemd-creds\0"))).toBe(true);
    expect(sweeps).toBeGreaterThan(1000);
  }, 60_000);
});

/** One text of it, in which strings stand as they are. */
function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value).map(plain).join("\n");
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
