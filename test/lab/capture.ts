import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argv } from "../../hal/processes.ts";
import type { Namespaces } from "./namespaces.ts";
import { type Packet, parsePcap } from "./pcap.ts";
import { until } from "./until.ts";

export interface Capture {
  /** Ends it and gives what went by in both directions. */
  stop(): Promise<readonly Packet[]>;
}

let captures = 0;

/**
 * What goes by at a network card of a namespace of the lab, from the moment on at which this resolves. `filter` is one of
 * pcap-filter(7).
 */
export async function startCapture(
  { start, folder }: Pick<Namespaces, "start"> & { readonly folder: string },
  namespace: string,
  card: string,
  filter = "",
): Promise<Capture> {
  captures += 1;
  const file = join(folder, `capture-${captures}.pcap`);
  const tcpdump: Argv = ["tcpdump", "--immediate-mode", "-U", "-n", "-Z", "root", "-i", card, "-w", file, filter];
  const daemon = await start(["ip", "netns", "exec", namespace, ...tcpdump]);
  await until(
    () => `a capture: ${daemon.log()}`,
    async () => daemon.log().includes("listening on"),
  );
  return {
    stop: async () => {
      // It writes what it has on its way out.
      await daemon.kill("SIGINT");
      return parsePcap(await readFile(file));
    },
  };
}
