import type { Privileged } from "../../helper/privileged.ts";
import type { Log } from "../../model/log.ts";
import type { PortName } from "../../model/settings.ts";
import type { Holder, LastUp } from "./state.ts";

/** Who has the addresses that our ports were to have. */
export interface Holders {
  of(port: PortName): Holder | null;
  set(port: PortName, holder: Holder | null): void;
  /**
   * Asks the wire about an IPv4 address, with prefix length, and remembers who has it. False: nobody has, or nobody can be
   * asked. Takes two seconds where nobody answers.
   */
  ask(question: Question, signal: AbortSignal): Promise<boolean>;
}

export interface Question {
  readonly port: PortName;
  readonly vlan: number;
  /** With prefix length. */
  readonly address: string;
}

/**
 * Whom to ask for where a profile gets no lease any more. One whose address another machine has is declined by NetworkManager
 * (RFC 2131 section 3.1.5), which tells nobody; servers give a client the address that it had before. null: it had none.
 */
export function leaseQuestion(port: PortName, uuid: string, last: LastUp | null): Question | null {
  const [address] = last?.addresses ?? [];
  if (last === null || last.profile.uuid !== uuid || last.profile.method4 !== "auto" || address === undefined)
    return null;
  return { port, vlan: last.profile.vlan, address };
}

export function createHolders(privileged: Pick<Privileged, "findHolder">, log: Log): Holders {
  const holders: Record<PortName, Holder | null> = { lan: null, wan: null };
  return {
    of: (port) => holders[port],
    set: (port, holder) => {
      holders[port] = holder;
    },
    ask: async ({ port, vlan, address }, signal) => {
      const found = await privileged.findHolder({ port, vlan, address: address.replace(/\/\d+$/, "") }, signal);
      if (!found.ok) log.warn(found.error, "network: the wire cannot be asked who has the address");
      if (!found.ok || found.value === null) return false;
      holders[port] = { address, mac: found.value };
      return true;
    },
  };
}
