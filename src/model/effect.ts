import type { Progress } from "./facts.ts";
import type { PortName, Settings } from "./settings.ts";

/** What the panel asks the appliance to do. Data; the panel never waits for it. */
export type Effect =
  /** Bring the network to these settings; the panel shows `progress` meanwhile. */
  | { readonly type: "change-settings"; readonly settings: Settings; readonly progress: Progress }
  /** Ask the DHCP server again. */
  | { readonly type: "renew-lease"; readonly port: PortName; readonly progress: Progress }
  | { readonly type: "reboot" }
  | { readonly type: "shutdown" };
