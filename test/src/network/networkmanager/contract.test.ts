import { describeNetworkBackend } from "../../../contract/network-backend.ts";
import { openModel } from "./rig.ts";

describeNetworkBackend("NetworkManager on a modelled machine", async () => {
  const { machine, backend, clock, settle, life } = openModel();
  return {
    backend,
    settle,
    until: async (what, isSo) => {
      for (let seconds = 0; !(await isSo()); seconds++) {
        if (seconds > 600) throw new Error(`${what}: not within 10 minutes`);
        await clock.advance(1000);
      }
    },
    cable: async (port, plugged) => machine.wire.cable(port, plugged),
    serve: async (answers) => machine.wire.dhcp(answers),
    hold: async (address, held) => machine.wire.hold(address, held),
    close: async () => life.abort(),
  };
});
