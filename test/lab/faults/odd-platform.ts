import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Argv } from "../../../hal/processes.ts";
import type { OddPlatform } from "../../support/odd-platform.ts";
import type { Lab } from "../lab.ts";
import type { Daemon } from "../namespaces.ts";
import { until } from "../until.ts";

/** Something else at the platform's address. Closing the lab ends it. */
export interface LabOddPlatform {
  /** It takes the place of the platform. */
  play(odd: OddPlatform): Promise<void>;
  /** The same with a program on the far side, which listens on port 443. */
  run(argv: Argv): Promise<void>;
  /** The platform is back. */
  end(): Promise<void>;
}

export async function openLabOddPlatform(lab: Lab): Promise<LabOddPlatform> {
  const program = join(lab.folder, "odd-platform.cjs");
  const entry = resolve(import.meta.dirname, "odd-platform-child.ts");
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: "node", logLevel: "warning" });
  let daemon: Daemon | null = null;
  const run = async (argv: Argv) => {
    await lab.gateway.listens(false);
    await daemon?.kill("SIGKILL");
    daemon = await lab.start(["ip", "netns", "exec", "gw", ...argv]);
    const { running, log, ended } = daemon;
    await until(
      () => `something at port 443: ${log()}`,
      async () => {
        if (!running()) {
          await ended;
          throw new Error(`it ended: ${log()}`);
        }
        const listening = await lab.gateway.run(["ss", "--listening", "--tcp", "--numeric", "--no-header"]);
        return listening.includes(":443 ");
      },
    );
  };
  return {
    play: (odd) => run([process.execPath, program, JSON.stringify(odd), "443"]),
    run,
    end: async () => {
      await daemon?.kill("SIGKILL");
      daemon = null;
      await lab.gateway.listens(true);
    },
  };
}
