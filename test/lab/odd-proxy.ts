import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { OddAnswer } from "../support/odd-proxy.ts";
import { gatewayAddress } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";
import { until } from "./until.ts";

/** A scripted proxy on LAN's far side, at the gateway's address. Closing the lab ends it. */
export interface LabOddProxy {
  readonly port: number;
  /** Takes the place of the one before; null: nobody listens there. */
  play(answer: OddAnswer | null): Promise<void>;
  /** `platform.test:443 Basic`, or `-` for no credentials, of each CONNECT since it last changed its ways. */
  asked(): readonly string[];
}

const port = 3129;

/** Nobody listens at first. */
export async function openLabOddProxy(lab: Lab): Promise<LabOddProxy> {
  const program = join(lab.folder, "odd-proxy.cjs");
  const entry = resolve(import.meta.dirname, "odd-proxy-child.ts");
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: "node", logLevel: "warning" });
  let proxy: Daemon | null = null;
  const lines = () => (proxy?.log() ?? "").split("\n").filter((line) => line !== "");
  return {
    port,
    play: async (answer) => {
      await proxy?.kill("SIGKILL");
      proxy = null;
      if (answer === null) return;
      const options = JSON.stringify({ answer, host: gatewayAddress, port });
      proxy = await lab.start(["ip", "netns", "exec", "gw", process.execPath, program, options]);
      const { running } = proxy;
      await until(
        () => `a scripted proxy: ${lines().join("\n")}`,
        async () => {
          if (!running()) throw new Error(`it ended: ${lines().join("\n")}`);
          return lines().includes("ready");
        },
      );
    },
    asked: () => lines().filter((line) => line !== "ready"),
  };
}
