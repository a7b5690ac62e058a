import { failed, ok } from "../../model/result.ts";
import { strict, verb } from "../verb.ts";
import { limitsMs, runBatch } from "./batch.ts";
import { lanSchema, linkGroups, refusedSchema, scanInterface, scanNamespace, tagsSchema } from "./links.ts";

/**
 * Makes VLANs of LAN, born in the namespace of the scans: nobody in this one hears of them (NetworkManager 1.42 is deaf for
 * 27 s where 4094 links appear). With loose binding a VLAN comes up while the port is down, and the port going down and up
 * takes nothing from it: tried on Linux 6.1, where a VLAN without it loses its routes and its IPv6 addresses. Only the end of
 * the port (or of its driver) ends the VLAN.
 */
export const makeScanLinks = verb({
  arguments: strict({ port: lanSchema, tags: tagsSchema }),
  value: refusedSchema,
  run: async ({ port, tags }, { processes, interfaces }, signal) => {
    // To be asked for nothing is to be asked whether those before have ended.
    if (tags.length === 0) return ok([]);
    const lan = interfaces[port];
    const where = `netns ${scanNamespace} group ${linkGroups.ours}`;
    const lines = tags.map(
      (tag) => `link add link ${lan} name ${scanInterface(lan, tag)} ${where} type vlan id ${tag} loose_binding on`,
    );
    const done = await runBatch(processes, lines, signal, { timeoutMs: limitsMs.beside });
    if (!done.ok) {
      const missing = /Invalid "netns" value/.test(done.error.detail);
      return missing ? failed({ kind: "refused", detail: noNamespace }) : done;
    }
    return ok(tags.flatMap((tag, at) => refusedAt(tag, done.value.refused.get(at))));
  },
});

export const noNamespace = `there is no network namespace ${scanNamespace} (systemctl start bezel-scan-namespace; by hand: ip netns add ${scanNamespace})`;

function refusedAt(tag: number, reason: string | undefined) {
  return reason === undefined ? [] : [{ tag, reason }];
}
