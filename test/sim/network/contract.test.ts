import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createSimulatedBackend } from "../../../sim/network/backend.ts";
import { createSimulatedEthernet } from "../../../sim/network/ethernet.ts";
import { createWorld } from "../../../sim/network/world.ts";
import { describeNetworkBackend } from "../../contract/network-backend.ts";
import { pump } from "../../support/pump.ts";

describeNetworkBackend("simulated", async () => {
  const clock = createFakeClock();
  const world = createWorld();
  world.patch({ lan: { routerAdvertisement: "off" } });
  const life = new AbortController();
  const parts = { world, clock, interfaces: { lan: "lan0", wan: "wan0" }, signal: life.signal };
  const backend = createSimulatedBackend({ ...parts, ethernet: createSimulatedEthernet(parts) });
  return {
    backend,
    settle: pump(clock),
    until: async (what, isSo) => {
      for (let seconds = 0; !(await isSo()); seconds++) {
        if (seconds > 600) throw new Error(`${what}: not within 10 minutes`);
        await clock.advance(1000);
      }
    },
    cable: async (port, plugged) => void world.patch({ [port]: { cable: plugged } }),
    serve: async (answers) => void world.patch({ lan: { dhcp: answers ? "ok" : "off" } }),
    // Its world knows another machine that takes whatever address the box has.
    hold: async (_, held) => void world.patch({ lan: { duplicate: held } }),
    close: async () => life.abort(),
  };
});
