import { activations, at, changes, changing, describeCampaigns, restartPause, type Scene } from "./kill-campaign.ts";

const kill = async ({ lab, halt }: Scene) => {
  await lab.daemons.killNetworkManager();
  await halt.release();
  await restartPause();
  await lab.daemons.start();
};

describeCampaigns("NetworkManager in the middle of a change", [
  {
    name: "killed before each step",
    // The last is a question, before the commit.
    moments: (steps) => at("before", [...changing(steps), ...steps.slice(-1)]),
    spoil: kill,
  },
  {
    // A sample: nmcli may wait all its 45 s for a NetworkManager that has begun anew.
    name: "killed while a port comes up",
    changes: changes.slice(0, 1),
    moments: (steps) => at("during", activations(steps)),
    spoil: kill,
  },
]);
