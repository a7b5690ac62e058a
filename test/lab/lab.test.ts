import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCapture } from "./capture.ts";
import { platformAddress, platformHost } from "./gateway.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { until } from "./until.ts";

describe.skipIf(labLacks() !== null)(inLab("the lab"), () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  }, 60_000);
  afterAll(() => lab?.close());

  const profile = [
    "type",
    "ethernet",
    "ifname",
    "lan0",
    "con-name",
    "lan",
    "ipv4.method",
    "auto",
    "ipv6.method",
    "disabled",
  ];

  it("gives a lease to a port that NetworkManager brings up", async () => {
    await lab.run(["nmcli", "connection", "add", "save", "no", ...profile]);
    await lab.run(["nmcli", "connection", "up", "lan"]);
    expect(await lab.kernel.addresses("lan0")).toEqual([expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/)]);
    expect(await lab.kernel.gateways("lan0")).toEqual(["10.77.0.1"]);
    expect(await lab.daemons.resolvConf()).toEqual({ servers: ["10.77.0.1"], search: ["lab.example"] });
    // It would have a profile by itself, but for what we ship.
    expect(await lab.kernel.addresses("wan0")).toEqual([]);
    expect(await lab.run(["NetworkManager", "--print-config"])).toMatch(/^hostname-mode=none$/m);
  });

  it("has the platform behind LAN, by name and by real TLS", async () => {
    const options = ["--silent", "--cacert", lab.gateway.caFile, "--resolve", `${platformHost}:443:${platformAddress}`];
    const answer = await lab.run(["curl", ...options, "https://platform.test/"]);
    expect(JSON.parse(answer)).toEqual({ message: expect.stringContaining("/appliance/v1/poll") });
  });

  it("records what goes by on the far side, and nothing that does not", async () => {
    const capture = await startCapture(lab, "gw", "langw");
    const elsewhere = await startCapture(lab, "gw", "wangw", "tcp");
    const options = ["--silent", "--cacert", lab.gateway.caFile, "--resolve", `${platformHost}:443:${platformAddress}`];
    await lab.run(["curl", ...options, "https://platform.test/"]);
    const [own = ""] = (await lab.kernel.addresses("lan0"))[0]?.split("/") ?? [];
    await lab.run(["arping", "-c", "1", "-I", "lan0", "10.77.0.1"]);
    const packets = await capture.stop();
    const [lan] = JSON.parse(await lab.run(["ip", "-json", "link", "show", "lan0"])) as { address: string }[];
    const asked = { fromMac: lan?.address, protocol: "tcp", from: own, to: platformAddress, toPort: 443 };
    expect(packets).toContainEqual(expect.objectContaining(asked));
    const answered = { toMac: lan?.address, protocol: "tcp", from: platformAddress, to: own, fromPort: 443 };
    expect(packets).toContainEqual(expect.objectContaining(answered));
    expect(packets).toContainEqual(
      expect.objectContaining({ toMac: "ff:ff:ff:ff:ff:ff", protocol: "arp", from: own, to: "10.77.0.1" }),
    );
    expect(await elsewhere.stop()).toEqual([]);
  });

  it("loses the carrier with the cable", async () => {
    const carrier = () => lab.run(["cat", "/sys/class/net/lan0/carrier"]);
    expect(await carrier()).toBe("1\n");
    await lab.gateway.cable("lan", false);
    await until("no carrier", async () => (await carrier()) === "0\n");
    await lab.gateway.cable("lan", true);
    await until("carrier", async () => (await carrier()) === "1\n");
  });

  it("starts NetworkManager again after it was ended, killed, and killed with its bus", async () => {
    await lab.daemons.restartNetworkManager();
    await lab.daemons.killNetworkManager();
    await expect(lab.run(["nmcli", "general"])).rejects.toThrow("NetworkManager is not running");
    await lab.daemons.start();
    await lab.daemons.killBus();
    await expect(lab.run(["nmcli", "general"])).rejects.toThrow();
    await lab.daemons.start();
    await lab.run(["nmcli", "general"]);
  });

  it("has a NetworkManager that answers nobody, until it is started again", async () => {
    lab.daemons.pauseNetworkManager();
    const asked = await lab.processes.run(["nmcli", "general"], { timeoutMs: 1000 });
    expect(asked).toMatchObject({ kind: "timeout" });
    await lab.daemons.start();
    await lab.run(["nmcli", "general"]);
  });

  it("puts a program in the place of one of the machine's, takes one away, and gives it back", async () => {
    const run = () => lab.processes.run(["arping", "-V"], { timeoutMs: 10_000 });
    const before = await run();
    await lab.replaceProgram("/usr/bin/arping", "echo none; exit 7");
    expect(await run()).toEqual({ kind: "exited", code: 7, stdout: "none\n", stderr: "" });
    await lab.replaceProgram("/usr/bin/arping", "");
    expect(await run()).toEqual({ kind: "notFound", program: "arping" });
    await lab.replaceProgram("/usr/bin/arping", null);
    expect(await run()).toEqual(before);
  });

  it("follows programs inside, line by line, until it is told to stop", async () => {
    const lines: string[] = [];
    const stop = new AbortController();
    const line = (text: string) => lines.push(text);
    const ended = lab.processes.follow(["ip", "-json", "monitor", "link"], { line, signal: stop.signal });
    // It listens from some moment on; each setting differs from the one before, or there is no event.
    let mtu = 1400;
    await until("a link event", async () => {
      mtu += 1;
      await lab.run(["ip", "link", "set", "wan0", "mtu", String(mtu)]);
      return lines.some((text) => text.includes("wan0"));
    });
    stop.abort();
    expect(await ended).toMatchObject({ kind: "aborted" });
    await until("the end of ip", async () => !(await lab.run(["ps", "-A", "-o", "args"])).includes("ip -json monitor"));
  });

  it("ends programs inside when they are out of time", async () => {
    const slept = lab.processes.run(["sleep", "4242"], { timeoutMs: 500 });
    expect(await slept).toMatchObject({ kind: "timeout" });
    await until("the end of sleep", async () => !(await lab.run(["ps", "-A", "-o", "args"])).includes("sleep 4242"));
  });
});

describe.skipIf(labLacks() !== null)(inLab("two labs"), () => {
  it("know nothing of one another and leave nothing behind", async () => {
    const [one, two] = await Promise.all([openLab(), openLab()]);
    const processes = one.path("");
    try {
      two.daemons.pauseNetworkManager();
      await one.run(["ip", "link", "delete", "lan0"]);
      await two.run(["ip", "link", "show", "lan0"]);
      await one.gateway.plugCable("lan");
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
    expect([existsSync(processes), existsSync(one.folder)]).toEqual([false, false]);
  }, 60_000);
});
