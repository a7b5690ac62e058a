import type { LinkState } from "../../../hal/ethernet.ts";
import type { Result } from "../../model/result.ts";
import type { Refusal } from "../backend.ts";
import type { NmcliFailure } from "./nmcli.ts";

/** What is known after NetworkManager has failed to bring a profile up. */
export interface FailedActivation {
  readonly failure: NmcliFailure;
  readonly interface: string;
  readonly port: Pick<LinkState, "present" | "carrier">;
  /** NetworkManager is set up to keep its hands off the port; or why it cannot be asked any more. */
  readonly unmanaged: Result<boolean, NmcliFailure>;
  /** The interface of the tagged network was not made. */
  readonly vlanMissing: boolean;
  /** The fixed address with prefix length that the port was to have; null: the network was to give one. */
  readonly fixed: string | null;
  /** Addresses with prefix length that the kernel shows on the interface. */
  readonly shown: readonly string[];
  /** The kernel has told that another machine has the fixed address (IPv6). */
  readonly dadFailed: boolean;
}

export type Verdict =
  /** The port was told, and what is missing is to be seen in the state of the network. */
  | { readonly kind: "done" }
  /** Another machine has the address; who, the kernel does not tell. */
  | { readonly kind: "duplicate"; readonly address: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Refused, unless the wire says that another machine has the address. */
  | { readonly kind: "ask"; readonly address: string; readonly refusal: Refusal };

/**
 * NetworkManager gives one code and one text for no cable, no lease and an address that another machine has, and none of them
 * is a refusal. So the kernel decides.
 */
export function judgeFailedActivation(facts: FailedActivation): Verdict {
  const { failure, port, unmanaged, vlanMissing, fixed, shown, dadFailed } = facts;
  const refusal = refusalOf(failure, facts.interface);
  const refuse = (detail: string): Verdict => ({ kind: "refused", refusal: { kind: "refused", detail } });
  if (failure.kind !== "notActivated" && failure.kind !== "timeout") return { kind: "refused", refusal };
  if (!port.present) return refuse(`there is no interface ${facts.interface}`);
  // One that dies in the middle of an activation looks to nmcli like one that has given up.
  if (!unmanaged.ok) return { kind: "refused", refusal: refusalOf(unmanaged.error, facts.interface) };
  if (unmanaged.value) {
    return refuse(
      `NetworkManager is set up not to manage ${facts.interface}; look for unmanaged-devices in its configuration`,
    );
  }
  if (!port.carrier) return { kind: "done" };
  if (vlanMissing) return { kind: "refused", refusal };
  if (fixed === null || shown.includes(fixed)) return { kind: "done" };
  if (dadFailed) return { kind: "duplicate", address: fixed };
  // An ARP probe knows IPv4 only.
  return fixed.includes(":") ? { kind: "refused", refusal } : { kind: "ask", address: fixed, refusal };
}

export function refusalOf({ kind, detail }: NmcliFailure, interfaceName: string): Refusal {
  const said = `${interfaceName}: ${detail}`;
  return { kind: kind === "unavailable" || kind === "timeout" ? kind : "refused", detail: said };
}
