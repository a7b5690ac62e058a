import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProxy } from "../../sim/network/proxy.ts";
import type { ProxyState } from "../../sim/network/world.ts";
import { bundle } from "../support/bench-process.ts";
import { bezel, type CheckRig, documentOf, openCheckRig, short } from "../support/check-rig.ts";
import { hasTool } from "../support/tools.ts";

describe.skipIf(!hasTool("curl"))("bezel check by a proxy (needs curl)", () => {
  let rig: CheckRig;
  const state: { now: ProxyState } = { now: { required: true, auth: "none", answer: "ok" } };
  let proxy = "";
  const check = async (change: Partial<ProxyState>, user = "", input = "") => {
    state.now = { required: true, auth: "none", answer: "ok", ...change };
    const ended = await bezel(["check", "--json", "--config", rig.config, "--proxy", `http://${user}${proxy}`], {
      input,
    });
    const [host] = documentOf(ended).hosts;
    return host === undefined ? null : { ...short(host), detail: host.rungs.at(-1)?.detail ?? "" };
  };
  beforeAll(async () => {
    rig = await openCheckRig();
    const { port } = await rig.keep(createProxy({ state: () => state.now, route: (target) => target }));
    proxy = `127.0.0.1:${port}`;
  });
  afterAll(() => rig?.close());

  const whole = { ok: true, rungs: "dns proxy tls http clock" };
  it.each<[string, Partial<ProxyState>, string, string, object]>([
    ["nobody is asked", {}, "", "", whole],
    ["Basic is asked for and given", { auth: "basic" }, "bench@", "bench\n", whole],
    ["NTLM is asked for and given", { auth: "ntlm" }, "BENCH\\bench@", "bench\n", whole],
    [
      "the password is wrong",
      { auth: "basic" },
      "bench@",
      "wrong\n",
      { rungs: "dns proxy!", code: "proxy-http-407", message: "unexpected proxy HTTP/407", rule: null },
    ],
    ["nobody gave a user", { auth: "basic" }, "", "", { rungs: "dns proxy!", code: "proxy-http-407" }],
    [
      "the user may not",
      { answer: "403" },
      "",
      "",
      {
        rungs: "dns proxy!",
        code: "proxy-http-403",
        rule: expect.stringMatching(/^Let 127\.0\.0\.1 pass the proxy/),
      },
    ],
    [
      "the platform is out of its reach",
      { answer: "503" },
      "",
      "",
      {
        code: "proxy-http-503",
        rule: expect.stringMatching(/outbound from the proxy 127\.0\.0\.1 to 127\.0\.0\.1$/),
      },
    ],
    ["it hangs up", { answer: "reset" }, "", "", { rungs: "dns proxy!", code: "receive-failed" }],
  ])("%s", async (_, change, user, input, expected) => {
    expect(await check(change, user, input)).toMatchObject(expected);
  });

  it("never tells the password", async () => {
    state.now = { required: true, auth: "basic", answer: "ok" };
    const { stdout, stderr } = await bezel(["check", "--config", rig.config, "--proxy", `http://bench@${proxy}`], {
      input: "CANARY-1957\n",
    });
    expect(stdout + stderr).toMatch(/HTTP\/407/);
    expect(stdout + stderr).not.toContain("CANARY");
  });

  it.skipIf(!hasTool("script"))(
    "asks for the password at a terminal without showing it, and shows how far it is (needs script)",
    async () => {
      const asking = await rig.keep(
        createProxy({ state: () => ({ required: true, auth: "basic", answer: "ok" }), route: (target) => target }),
      );
      const proxy = `http://bench@127.0.0.1:${asking.port}`;
      const command = `${process.execPath} ${bundle} check --config ${rig.config} --proxy ${proxy}`;
      // script(1) gives the program a terminal, and types there what comes by its own input.
      const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
      let shown = "";
      child.stdout.on("data", (part: Buffer) => {
        const wasAsked = shown.includes("Password of");
        shown += part;
        if (!wasAsked && shown.includes("Password of")) child.stdin.write("bench\r");
      });
      const [code] = await once(child, "close");
      const [before = "", after = ""] = shown.split(`Password of bench at proxy 127.0.0.1:${asking.port}: `);
      expect([code, before]).toEqual([0, ""]);
      expect(after.startsWith("\r\n")).toBe(true);
      expect(after).not.toContain("bench\r");
      expect(after).toContain("\r\x1b[Kchecked 0 of 1, 127.0.0.1:");
      expect(after).toContain("\r\x1b[Khost ");
      expect(after).toContain("1 of 1 host is well.");
    },
  );
});
