import type { Clock } from "../../../hal/clock.ts";
import type { Privileged } from "../../helper/privileged.ts";
import type { Log } from "../../model/log.ts";
import type { KernelFacts } from "./kernel.ts";
import type { ProfileFacts } from "./profile-facts.ts";

/** A lease whose server has not named WINS servers by itself. */
interface DhcpLease {
  /** 0: untagged. */
  readonly vlan: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly server: string;
  /** As NetworkManager has it: another one after each renewal. */
  readonly expiry: string;
}

/**
 * The lease that a profile has: NetworkManager 1.42 does not ask for option 44 (nm-dhcp-options.c; nor can it be told to), but
 * takes it in from a server that sends it unasked. Null: there is no lease, or nothing to ask.
 */
function leaseOf(profile: ProfileFacts | null, kernel: KernelFacts): DhcpLease | null {
  if (profile?.method4 !== "auto" || profile.options.has("netbios_name_servers")) return null;
  const { interface: name, vlan, options } = profile;
  const leased = options.get("ip_address");
  for (const { interface: on, family, address: shown } of kernel.addresses) {
    const [address = "", length] = shown.split("/");
    if (on !== name || family !== 4 || address !== leased) continue;
    const [server = "", expiry = ""] = [options.get("dhcp_server_identifier"), options.get("expiry")];
    return { vlan, address, prefixLength: Number(length), server, expiry };
  }
  return null;
}

export interface Wins {
  /**
   * Those of LAN's lease, as far as they are known now. Where nothing was asked about it and it may be, it is asked behind,
   * and `told` is called later. Not to be asked during a change: that makes another lease of it.
   */
  of(profile: ProfileFacts | null, kernel: KernelFacts, mayAsk: boolean): readonly string[];
  /** A change begins: the lease after it is another one, whatever it looks like. */
  renew(): void;
}

export interface WinsOptions {
  readonly privileged: Pick<Privileged, "askWins">;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when `of` may say something else. */
  readonly told: () => void;
  readonly signal: AbortSignal;
}

/** A lease that NetworkManager renews by itself, of a few minutes maybe, is not asked about more often: it wakes the helper. */
const renewalPauseMs = 3_600_000;

/** Asks once a lease, answered or not; one question at a time. */
export function createWins({ privileged, clock, log, told, signal }: WinsOptions): Wins {
  let asked: { readonly lease: DhcpLease; readonly atMs: number; servers: readonly string[] } | null = null;
  let asking = false;
  let renewed = false;

  const isDue = (lease: DhcpLease): boolean => {
    if (asked === null || renewed || !isSame(asked.lease, lease)) return true;
    return asked.lease.expiry !== lease.expiry && clock.monotonic() - asked.atMs >= renewalPauseMs;
  };
  const ask = async (lease: DhcpLease) => {
    const before = asked !== null && isSame(asked.lease, lease) ? asked.servers : [];
    const question = { lease, atMs: clock.monotonic(), servers: before };
    [asked, asking, renewed] = [question, true, false];
    const { vlan, address, prefixLength } = lease;
    const answer = await privileged.askWins({ port: "lan", vlan, address, prefixLength }, signal);
    asking = false;
    if (answer.ok) question.servers = answer.value;
    else log.debug({ ...answer.error }, "network: the DHCP server does not tell its WINS servers");
    // Also without an answer: it may have kept another question waiting.
    told();
  };

  return {
    of: (profile, kernel, mayAsk) => {
      const lease = leaseOf(profile, kernel);
      if (lease === null) return [];
      if (mayAsk && !asking && isDue(lease)) {
        ask(lease).catch((error) => {
          if (!signal.aborted) throw error;
        });
      }
      return asked !== null && isSame(asked.lease, lease) ? asked.servers : [];
    },
    renew: () => {
      renewed = true;
    },
  };
}

function isSame(a: DhcpLease, b: DhcpLease): boolean {
  return a.vlan === b.vlan && a.address === b.address && a.prefixLength === b.prefixLength && a.server === b.server;
}
