import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { activations, at, changes, changing, describeCampaigns } from "./kill-campaign.ts";

/** DHCP to static on LAN. */
const one = changes.slice(0, 1);
/** Of the change, the way back, twenty seconds of looks that come ever more rarely, and what was found out about each fault. */
const mostSteps = 150;

describeCampaigns("a change while the machine is disturbed", [
  {
    name: "LAN's cable goes every 100 ms, for 20 s, during the change and after it",
    changes: one,
    moments: (steps) => at("before", activations(steps)),
    spoil: async ({ lab, box, halt, tripwire, untilEnded }) => {
      const pid = box.pid();
      await tripwire.arm();
      const ip = tripwire.real("ip");
      const flap = `for turn in $(seq 100); do ${ip} link set langw down; sleep 0.1; ${ip} link set langw up; sleep 0.1; done`;
      const flapping = await lab.start([ip, "netns", "exec", "gw", "sh", "-c", flap]);
      await halt.release();
      await flapping.ended;
      await untilEnded();
      const steps = await tripwire.disarm();
      expect(steps.length).toBeLessThan(mostSteps);
      expect(box.running() && box.pid()).toBe(pid);
    },
  },
  {
    name: "LAN's port is gone, and comes back",
    changes: one,
    moments: (steps) => [
      ...at("before", [...changing(steps), ...steps.slice(-1)]),
      ...at("during", activations(steps)),
    ],
    spoil: async ({ lab, halt, untilEnded }) => {
      await lab.run(["ip", "link", "delete", "lan0"]);
      await halt.release();
      await untilEnded();
      await lab.gateway.plugCable("lan");
    },
  },
  {
    name: "NetworkManager is restarted",
    changes: one,
    moments: (steps) =>
      at(
        "during",
        changing(steps).filter(({ line }) => line.startsWith("nmcli ")),
      ),
    spoil: async ({ lab, halt }) => {
      await halt.release();
      await lab.daemons.restartNetworkManager();
    },
  },
  {
    name: "NetworkManager hangs until the change has ended",
    changes: one,
    moments: (steps) => at("before", changing(steps).slice(0, 1)),
    spoil: async ({ lab, halt, untilEnded }) => {
      lab.daemons.pauseNetworkManager();
      await halt.release();
      await untilEnded();
      await lab.daemons.start();
    },
  },
  {
    name: "NetworkManager hangs for a while",
    changes: one,
    moments: (steps) => at("during", activations(steps)),
    spoil: async ({ lab, halt }) => {
      lab.daemons.pauseNetworkManager();
      await halt.release();
      await delay(12_000);
      await lab.daemons.start();
    },
  },
]);
