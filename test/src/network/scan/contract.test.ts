import { describeScanNetwork } from "../../../contract/scan-network.ts";
import { openModel, shownBy } from "./model.ts";

describeScanNetwork("namespace, over a modelled kernel", async () => {
  const { kernel, network } = openModel();
  return {
    network,
    settle: (work) => work,
    hold: async (tag, held) => void (held ? kernel.held.add(tag) : kernel.held.delete(tag)),
    lose: async (tag) => {
      const name = `lan0.${tag}`;
      kernel.links.splice(
        kernel.links.findIndex((link) => link.name === name),
        1,
      );
      kernel.routes = kernel.routes.filter(({ dev }) => dev !== name);
    },
    shown: async () => shownBy(kernel),
    close: async () => {},
  };
});
