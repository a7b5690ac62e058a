import type { Progress } from "./facts.ts";
import type { PortName, Settings } from "./settings.ts";

/**
 * What a change does to the stored secrets, beyond dropping those that its settings no longer name. `forget`, a reset: none
 * may be left but those that the new settings name, not even one that the last good settings could be restored with; and once
 * begun it is finished, whatever comes between.
 */
export type SecretsChange = { readonly proxyPassword: string } | "forget";

/** What the panel asks the appliance to do. Data; the panel never waits for it. */
export type Effect =
  /**
   * Bring the network to these settings; the panel shows `progress` meanwhile. A new secret goes beside them: the reference
   * that names it is made when it is stored.
   */
  | {
      readonly type: "change-settings";
      readonly settings: Settings;
      readonly secrets?: SecretsChange;
      readonly progress: Progress;
    }
  /** Ask the DHCP server again. */
  | { readonly type: "renew-lease"; readonly port: PortName; readonly progress: Progress }
  /** Test the network, rung by rung; one that is under way is begun anew. It goes on beside all else, and the facts tell of it. */
  | { readonly type: "test-network" }
  /** Nobody looks at the test any more. */
  | { readonly type: "end-test" }
  /** Somebody entered a PIN; the answer comes in the facts. Never logged. */
  | { readonly type: "check-pin"; readonly pin: string }
  | { readonly type: "reboot" }
  | { readonly type: "shutdown" };
