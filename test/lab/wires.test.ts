import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import type { Box } from "./box.ts";
import { farPort, watchFarSide } from "./far-side.ts";
import { platformAddress } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { disableWanInterface, doneAtHome, enableDhcp, enableStatic, testNetwork } from "./procedures.ts";
import { openActivatedBox, untilFault, untilHome } from "./steps.ts";
import { watchWires } from "./wires.ts";

const limitMs = 120_000;
/** Behind both routers; the last is what the platform orders a route to. */
const scanned = { tcp: "203.0.113.22", udp: "203.0.113.23", routed: "198.51.100.22" };
const toRouted = `tcp ${scanned.routed}:${farPort}`;
const plain = [`tcp ${scanned.tcp}:${farPort}`, `udp ${scanned.udp}:5353`];
const scan = [toRouted, ...plain];
const contact = (dns: string) => [`tcp ${platformAddress}:443`, `udp ${dns}:53`];
const both = [...contact("10.77.0.1"), ...scan].sort();
/** How curl ends when it is answered. */
const answered = [0, 0];
const routes = (revision: number, destinations: readonly string[]) => ({
  ...{ schema: 1, revision },
  items: destinations.map((destination, at) => ({
    ...{ id: `r${at}`, kind: "route", value: { destination, gateway: "10.78.0.1", via: "wan" } },
  })),
});

describe.skipIf(lockDownLacks() !== null)(inLab("the wires of a split network", lockDownLacks()), () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({ user: true }, async (opened) => {
      await watchFarSide(opened);
    }));
    await doneAtHome(box, enableStatic(box, "lan", "10.77.0.20"));
  }, limitMs);
  afterAll(() => lab?.close());

  /** Connections and a datagram of a scan; how curl ends. */
  const scans = async () => {
    const as = ["setpriv", "--reuid=bezel-scan", "--regid=bezel-scan", "--clear-groups", "--inh-caps=-all"] as const;
    const run = async ([...argv]: Argv) => {
      const ended = await lab.processes.run([...as, ...argv], { timeoutMs: 30_000 });
      return ended.kind === "exited" ? ended.code : ended.kind;
    };
    await run(["bash", "-c", `echo scan >/dev/udp/${scanned.udp}/5353`]);
    const curl = (address: string) => run(["curl", "-q", "-s", "--max-time", "9", `http://${address}:${farPort}/`]);
    return Promise.all([curl(scanned.tcp), curl(scanned.routed)]);
  };
  /** A poll asked for by key, and a scan. */
  const probes = async () => {
    await testNetwork(box);
    return scans();
  };
  const probed = async () => {
    const wires = await watchWires(lab);
    const ends = await probes();
    return { ...(await wires.stop()), ends };
  };
  const tell = (name: string, run: () => Promise<void>) => it(name, run, limitMs);

  tell("standard: management and scans are both seen on LAN, and only there", async () => {
    expect(await probed()).toEqual({ lan: both, wan: [], ends: answered });
  });

  tell("split: management is on WAN and scans on LAN, and neither on the other", async () => {
    await doneAtHome(box, enableDhcp(box, "wan"));
    expect(await probed()).toEqual({ lan: scan, wan: contact("10.78.0.1"), ends: answered });
  });

  tell("without WAN's cable, and killed and started again: no management on LAN, and scans go on", async () => {
    const wires = await watchWires(lab);
    await lab.gateway.cable("wan", false);
    await box.untilStatus(({ wan }) => wan?.carrier === false);
    expect(await probes()).toEqual(answered);
    await untilFault(box, "no CARRIER on WAN interface");
    await box.stop("SIGKILL");
    await box.start();
    await untilFault(box, "no CARRIER on WAN interface");
    expect(await probes()).toEqual(answered);
    expect(await wires.stop()).toEqual({ lan: scan, wan: [] });
  });

  tell("the cable comes back: management is on WAN without a key, and was not on LAN meanwhile", async () => {
    const meanwhile = await watchWires(lab, ["lan"]);
    await lab.gateway.cable("wan", true);
    await untilHome(box);
    expect(await probed()).toEqual({ lan: scan, wan: contact("10.78.0.1"), ends: answered });
    expect(await meanwhile.stop()).toEqual({ lan: scan, wan: [] });
  });

  tell("scans go by WAN to what the platform orders a route to, and only as long as it does", async () => {
    expect(await box.order(routes(1, ["198.51.100.0/24"]))).toMatchObject({ outcome: "kept" });
    await untilHome(box);
    expect(await probed()).toEqual({ lan: plain, wan: [toRouted, ...contact("10.78.0.1")], ends: answered });
    expect(await box.order(routes(2, []))).toMatchObject({ outcome: "kept" });
    await untilHome(box);
    expect(await probed()).toEqual({ lan: scan, wan: contact("10.78.0.1"), ends: answered });
  });

  tell("standard again: both are on LAN", async () => {
    await doneAtHome(box, disableWanInterface(box));
    expect(await probed()).toEqual({ lan: both, wan: [], ends: answered });
  });
});
