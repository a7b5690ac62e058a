import { activations, at, changing, describeCampaigns, restartPause } from "./kill-campaign.ts";

describeCampaigns("the controller in the middle of a change", [
  {
    name: "killed at each step",
    moments: (steps) => [
      ...at("before", changing(steps).slice(0, 1)),
      ...at("during", activations(steps)),
      // A question changes nothing, so that the last one, before the commit, stands for all.
      ...at("after", [...changing(steps), ...steps.slice(-1)]),
    ],
    spoil: async ({ box, halt }) => {
      await box.stop("SIGKILL");
      // A service manager ends a service's programs with it; the helper is a service of its own.
      await (halt.by === "controller" ? halt.killProgram() : halt.release());
      await restartPause();
      await box.start();
    },
  },
]);
