import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import { rulePriorities } from "../../src/helper/rules.ts";
import { bundle } from "../support/bench-process.ts";
import type { Box } from "./box.ts";
import { farPort, watchFarSide } from "./far-side.ts";
import { platformAddress } from "./gateway.ts";
import { inForce, split } from "./in-force.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { doneAtHome, enableDhcp, enableStatic, renewDhcp } from "./procedures.ts";
import { openActivatedBox, untilFault, untilHome } from "./steps.ts";
import { until } from "./until.ts";
import { watchWires } from "./wires.ts";

const limitMs = 170_000;
const contact = [`tcp ${platformAddress}:443`, "udp 10.78.0.1:53"];
/** Nobody but a test sends anything there. */
const probe = "203.0.113.77";

describe.skipIf(lockDownLacks() !== null)(
  inLab("a split network that starts without a way out", lockDownLacks()),
  () => {
    let lab: Lab;
    let box: Box;
    beforeAll(async () => {
      ({ lab, box } = await openActivatedBox({ user: true }, async (opened) => {
        await watchFarSide(opened);
      }));
      await doneAtHome(box, enableStatic(box, "lan", "10.77.0.20"));
      await doneAtHome(box, enableDhcp(box, "wan"));
    }, limitMs);
    afterAll(() => lab?.close());

    const ways = { ...split, lan: ["10.77.0.20/24"], wan: [expect.stringMatching(/^10\.78\.0\.[5-9]\d\/24$/)] };

    it(
      "without a lease on WAN, killed and started again: nothing of management is on LAN until there is one, nor then",
      async () => {
        const wires = await watchWires(lab);
        await lab.gateway.dhcp({ answers: false });
        await renewDhcp(box, "wan");
        await untilFault(box, "WAN has no IPv4 address");
        await box.stop("SIGKILL");
        await box.start();
        await untilFault(box, "WAN has no IPv4 address");
        expect(await inForce(lab)).toMatchObject({ wan: [], rules: split.rules, rules6: split.rules6 });
        await lab.gateway.dhcp();
        await untilHome(box);
        expect(await wires.stop()).toEqual({ lan: [], wan: contact });
        expect(await inForce(lab)).toEqual(ways);
      },
      limitMs,
    );

    it(
      "after a power cut, with a packet filter that cannot be changed: nor there, though the way by LAN is open",
      async () => {
        await box.stop("SIGKILL");
        await asAtBoot();
        const wires = await watchWires(lab);
        await lab.replaceProgram("/usr/sbin/nft", "echo 'Error: the test says no' >&2; exit 1");
        await box.start();
        const { fault } = await untilFault(box, "Could not configure WAN");
        expect(fault?.detail).toContain("keep our own traffic on WAN: nft ended with 1: Error: the test says no");
        // What the box does not do could be done: both ports have their addresses, and the filter lets management out by LAN.
        await until("both ports", async () => (await lab.kernel.gateways("wan0")).length === 1);
        expect(await inForce(lab)).toEqual({ ...ways, rules: [], rules6: [] });
        const curl: Argv = ["curl", "-q", "-s", "--max-time", "9", `http://${probe}:${farPort}/`];
        await lab.run(["setpriv", "--reuid=bezel", "--regid=bezel", "--clear-groups", "--inh-caps=-all", ...curl]);
        expect(await wires.stop()).toEqual({ lan: [`tcp ${probe}:${farPort}`], wan: [] });

        const after = await watchWires(lab);
        await lab.replaceProgram("/usr/sbin/nft", null);
        await untilHome(box);
        expect(await after.stop()).toEqual({ lan: [], wan: contact });
        expect(await inForce(lab)).toEqual(ways);
      },
      limitMs,
    );

    /** What a boot leaves of a life before it: the packet filter as it is loaded first, and nothing else. */
    async function asAtBoot(): Promise<void> {
      await lab.daemons.killBus();
      for (const port of ["lan0", "wan0"]) await lab.run(["ip", "address", "flush", "dev", port]);
      for (const [family, priorities] of [
        ["-4", Object.values(rulePriorities)],
        ["-6", [rulePriorities.prohibit]],
      ] as const) {
        for (const priority of priorities) await lab.run(["ip", family, "rule", "delete", "priority", `${priority}`]);
      }
      await lab.run(["sh", "-c", "rm -f /run/NetworkManager/system-connections/*"]);
      await lab.run([process.execPath, bundle, "lock-down", "--config", `${lab.folder}/box/bezel.toml`]);
      await lab.daemons.start();
      expect(await inForce(lab)).toMatchObject({ lan: [], wan: [], ways: [], rules: [], rules6: [] });
    }
  },
);
