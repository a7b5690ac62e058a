import type { Processes } from "../../hal/processes.ts";
import { createAnswer } from "../../src/helper/answer.ts";
import type { HelperLine } from "../../src/helper/client.ts";
import { createScanHelper } from "../../src/helper/scan/client.ts";
import { scanVerbs } from "../../src/helper/scan/verbs.ts";
import type { VerbTable } from "../../src/helper/verb.ts";
import { verbs } from "../../src/helper/verbs.ts";
import { silentLog } from "../../src/model/log.ts";
import type { ScanRoute, ScanVlan } from "../../src/model/scan.ts";
import { createScanNetwork } from "../../src/network/scan/namespace.ts";

/** A VLAN with an address of its own: 10.T.T.20/24, T being the tag's octets, and what is changed about it. */
export function someVlan(tag: number, changes: Partial<ScanVlan> = {}): ScanVlan {
  const address = `10.${tag >> 8}.${tag & 255}.20`;
  return { id: `vlan-${tag}`, tag, address, prefixLength: 24, ipv6: null, ...changes };
}

/** A route by the first host of {@link someVlan}. */
export function someRoute(number: number, tag: number, changes: Partial<ScanRoute> = {}): ScanRoute {
  const gateway = `10.${tag >> 8}.${tag & 255}.1`;
  return { id: `route-${number}`, destination: `172.16.${number}.0/24`, gateway, via: tag, ...changes };
}

/** Both helpers in this process, without sockets, over programs of two namespaces with the port `lan0`. */
export function scanNetworkOver({ beside, inside }: { readonly beside: Processes; readonly inside: Processes }) {
  const line = (where: string, processes: Processes, table: VerbTable): HelperLine => {
    const ethernet = { setMode: () => Promise.reject(new Error("no verb of the scans sets a mode")) };
    const machine = { interfaces: { lan: "lan0", wan: "wan0" }, ethernet, processes };
    const answer = createAnswer({ machine, log: silentLog, verbs: table });
    return {
      where,
      ask: async (text, signal) => {
        signal.throwIfAborted();
        const value = await answer(text.trimEnd(), () => true, signal);
        signal.throwIfAborted();
        return { ok: true, value };
      },
    };
  };
  const lines = { beside: line("beside", beside, verbs), inside: line("inside", inside, scanVerbs) };
  return createScanNetwork({ privileged: createScanHelper(lines), log: silentLog });
}
