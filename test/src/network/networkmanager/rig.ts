import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import { createNetworkManagerBackend } from "../../../../src/network/networkmanager/backend.ts";
import { createModelMachine } from "../../../support/model-network-manager.ts";
import { pump } from "../../../support/pump.ts";
import { createSomeLog } from "../../../support/some-log.ts";

export const interfaces = { lan: "lan0", wan: "wan0" };

/** The back end on a modelled machine and a clock that runs as fast as it can. */
export function openModel() {
  const clock = createFakeClock();
  const machine = createModelMachine(clock);
  const { log, lines } = createSomeLog();
  const life = new AbortController();
  const create = () =>
    createNetworkManagerBackend({
      processes: machine.processes,
      followers: machine.processes,
      ethernet: machine.ethernet,
      privileged: machine.privileged,
      clock,
      log,
      interfaces,
      signal: life.signal,
    });
  return { clock, machine, backend: create(), create, lines, life, settle: pump(clock) };
}
