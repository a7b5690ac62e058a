import { join } from "node:path";
import type { PortName } from "../../../src/model/settings.ts";
import { profileUuids } from "../../../src/network/networkmanager/profile.ts";
import { until } from "../until.ts";
import type { FaultBench } from "./fault-case.ts";

const nmcli = "/usr/bin/nmcli";

/** Somebody takes the port's profile away, and NetworkManager takes no orders from the box, which tries to make it again. */
export async function refuseConfiguration({ lab, box }: FaultBench, port: PortName): Promise<void> {
  const own = join(lab.folder, "nmcli");
  await lab.run(["cp", nmcli, own]);
  await lab.replaceProgram(nmcli, "echo 'Error: Insufficient privileges.' >&2; exit 1");
  await lab.run([own, "connection", "delete", "uuid", profileUuids[port]]);
  await until("the box to be refused", async () => box.log().includes("Insufficient privileges"));
}

export async function obeyAgain({ lab }: FaultBench): Promise<void> {
  await lab.replaceProgram(nmcli, null);
}
