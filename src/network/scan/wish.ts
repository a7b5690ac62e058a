import type { Settings } from "../../model/settings.ts";
import type { ScanWish } from "./scan-network.ts";

/**
 * What the namespace of the scans is to hold. The kernel allows one VLAN of a tag on a port, and that of the panel comes
 * first; what hangs on the other one waits with it.
 */
export function scanWishOf({ lan, scan }: Pick<Settings, "lan" | "scan">): ScanWish {
  const vlans = scan.vlans.filter(({ tag }) => tag !== lan.vlan);
  const tags = new Set(vlans.map(({ tag }) => tag));
  return { vlans, routes: scan.routes.filter(({ via }) => typeof via === "number" && tags.has(via)) };
}
