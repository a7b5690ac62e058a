import { at, changes, changing, describeCampaigns, restartPause } from "./kill-campaign.ts";

describeCampaigns("the helper and D-Bus in the middle of a change", [
  {
    // A new one answers the next request, so nothing has to be started.
    name: "the helper, killed at each step of its own",
    changes: changes.filter(({ from, to }) => from.wan !== to.wan),
    moments: (steps) => at("after", changing(steps.filter(({ by }) => by === "helper"))),
    spoil: async ({ halt }) => {
      await halt.killParent();
      await halt.killProgram();
    },
  },
  {
    // NetworkManager goes with it, and that alone is tried at each step: a sample.
    name: "D-Bus, killed at the first step and in the last that is NetworkManager's",
    moments: (steps) => {
      const managers = changing(steps).filter(({ line }) => line.startsWith("nmcli "));
      return [...at("before", managers.slice(0, 1)), ...at("during", managers.slice(-1))];
    },
    spoil: async ({ lab, halt }) => {
      await lab.daemons.killBus();
      await halt.release();
      await restartPause();
      await lab.daemons.start();
    },
  },
]);
