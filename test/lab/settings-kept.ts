import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PortName } from "../../src/model/settings.ts";
import type { Box } from "./box.ts";
import { atThePanel } from "./hand.ts";
import { type InForce, inForce, split, standard } from "./in-force.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { doneAtHome, enableDhcp, enableStatic } from "./procedures.ts";
import { leased, openActivatedBox, untilFault, untilHome } from "./steps.ts";

/** A packet filter on the far side, in whose place a platform is that is not there. */
const away = `table inet away {
  chain away { type filter hook input priority 0; tcp dport 443 reject with tcp reset; }
}
`;

/** What is typed while something is missing on the port that management goes by, and what the box does about it. */
export function describeKept(port: PortName): void {
  const label = port.toUpperCase();
  const network = port === "lan" ? "10.77.0" : "10.78.0";
  const fixed = [`${network}.20`, `${network}.21`] as const;

  describe.skipIf(lockDownLacks() !== null)(
    inLab(`settings of ${label} typed before they can work`, lockDownLacks()),
    () => {
      let lab: Lab;
      let box: Box;
      beforeAll(async () => {
        ({ lab, box } = await openActivatedBox({ user: true }));
        // LAN is configured before WAN, and nothing that is missing is to be LAN's.
        if (port === "wan") await doneAtHome(box, enableStatic(box, "lan", "10.77.0.20"));
      }, 120_000);
      afterAll(() => lab?.close());

      const method = async () => (await box.settings())[port]?.ipv4;
      const isInForce = async (address: unknown) => {
        const wanted: InForce =
          port === "lan"
            ? { ...standard, lan: [address as string] }
            : { ...split, lan: ["10.77.0.20/24"], wan: [address as string] };
        await expect.poll(() => inForce(lab)).toEqual(wanted);
      };
      const tell = (name: string, run: () => Promise<void>) => it(name, run, 170_000);
      const isSaid = async (message: string) => {
        await untilFault(box, message);
        // After a change that has not reached the platform yet the status screen is the fault itself.
        expect(await atThePanel(box).sees(message)).toBe(message);
      };

      tell("a fixed address without the cable works when the cable comes", async () => {
        await lab.gateway.cable(port, false);
        await box.untilStatus((status) => status[port]?.carrier !== true);
        await enableStatic(box, port, fixed[0]);
        await isSaid(`no CARRIER on ${label} interface`);
        expect(await method()).toMatchObject({ method: "static", address: fixed[0] });
        await lab.gateway.cable(port, true);
        await untilHome(box);
        await isInForce(`${fixed[0]}/24`);
      });

      tell("DHCP without a server works when the server comes", async () => {
        await lab.gateway.dhcp({ answers: false });
        await enableDhcp(box, port);
        await isSaid(`${label} has no IPv4 address`);
        expect(await method()).toEqual({ method: "dhcp" });
        await lab.gateway.dhcp();
        await untilHome(box);
        await isInForce(port === "lan" ? leased : expect.stringMatching(/^10\.78\.0\.[5-9]\d\/24$/));
      });

      tell("a fixed address without the platform works when the platform comes", async () => {
        await lab.run(["ip", "netns", "exec", "gw", "nft", "-f", "-"], away);
        await enableStatic(box, port, fixed[1]);
        await isSaid("Error connect to server (07)");
        expect(await method()).toMatchObject({ method: "static", address: fixed[1] });
        await isInForce(`${fixed[1]}/24`);
        await lab.gateway.run(["nft", "delete", "table", "inet", "away"]);
        await untilHome(box);
        await isInForce(`${fixed[1]}/24`);
      });
    },
  );
}
