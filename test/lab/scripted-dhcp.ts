import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { DhcpScript } from "./dhcp-message.ts";
import type { Host } from "./host.ts";
import type { Daemon } from "./namespaces.ts";
import { until } from "./until.ts";

/** A DHCP server on a host that does what no proper one does. */
export interface ScriptedDhcp {
  /** What is not named stays; the first time, {@link properScript}. */
  play(script: Partial<DhcpScript>): Promise<void>;
  /** `renew ack` and the like, of the messages that have come since it last changed its ways. */
  heard(): readonly string[];
  stop(): Promise<void>;
}

/** On LAN's network, like the gateway's own. */
export const properScript: DhcpScript = {
  server: "10.77.0.2",
  address: "10.77.0.120",
  netmask: "255.255.255.0",
  leaseSeconds: 3600,
  router: "10.77.0.1",
  dns: ["10.77.0.1"],
  discover: "offer",
  request: "ack",
  renew: "ack",
};

/** `folder` is one that lasts as long as the lab. The host has to have the server's address for a client to renew there. */
export async function prepareScriptedDhcp(host: Host, folder: string): Promise<ScriptedDhcp> {
  const program = join(folder, "scripted-dhcp.cjs");
  const entry = resolve(import.meta.dirname, "scripted-dhcp-child.ts");
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: "node", logLevel: "warning" });
  let script = properScript;
  let server: Daemon | null = null;
  const lines = () => (server?.log() ?? "").split("\n").filter((line) => line !== "");
  return {
    play: async (change) => {
      await server?.kill("SIGKILL");
      script = { ...script, ...change };
      server = await host.start([process.execPath, program, JSON.stringify(script)]);
      await until(
        () => `a DHCP server: ${lines().join()}`,
        async () => lines().includes("ready"),
      );
    },
    heard: () => lines().filter((line) => line !== "ready"),
    stop: async () => server?.kill("SIGKILL"),
  };
}
