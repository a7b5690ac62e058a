import { isIP } from "node:net";
import type { Clock } from "../../hal/clock.ts";
import type { FindSourceAddress } from "../../hal/source-address.ts";
import type { Https, HttpsOutcome, LookOutcome } from "../https/https.ts";
import type { ProxyAsking } from "../https/proxy-scheme.ts";
import type { MachineNames } from "./machine-names.ts";
import type { ProxyOption } from "./proxy-option.ts";
import { nothingSeen, type Seen } from "./seen.ts";
import type { Target } from "./target.ts";
import { pageRequest, wayTo } from "./way-to.ts";

/** The proxy of a check; the password is in the memory only. */
export interface CheckProxy extends ProxyOption {
  /** null without a user. */
  readonly password: string | null;
}

export interface HostParts {
  readonly names: MachineNames;
  readonly https: Https;
  readonly clock: Clock;
  readonly findSourceAddress: FindSourceAddress;
  /** How a proxy is asked that offers these schemes, lower case. */
  readonly chooseAsking: (user: string, offers: readonly string[]) => ProxyAsking;
}

/** Looks at one host, one rung after the other, and notes what it sees. Rejects with the signal's reason. */
export async function checkHost(
  target: Target,
  proxy: CheckProxy | null,
  { names, https, clock, findSourceAddress, chooseAsking }: HostParts,
  signal: AbortSignal,
  note: (seen: Seen) => void,
): Promise<void> {
  let seen = nothingSeen(target, proxy);
  const add = (change: Partial<Seen>) => {
    signal.throwIfAborted();
    seen = { ...seen, ...change };
    note(seen);
  };
  note(seen);
  const { host } = proxy ?? target;
  let addresses: readonly string[] = [host];
  if (isIP(host) === 0) {
    const startedMs = clock.monotonic();
    const { resolved, warning } = await names.resolve(host, signal);
    add({ dns: resolved, dnsMs: clock.monotonic() - startedMs, nameWarning: warning });
    addresses = resolved.kind === "addresses" ? resolved.addresses : [];
  }
  const [address = unreachableServer(seen)] = addresses;
  if (address !== undefined) add({ source: await findSourceAddress(address) });
  if (addresses.length === 0) return;

  const lookAgain = async (): Promise<LookOutcome> => {
    const look = await https.look(wayTo(seen, proxy, signal));
    if (look.kind === "seen") add({ look, lookedAtMs: clock.now() });
    return look;
  };
  let look = await lookAgain();
  if (
    look.kind === "seen" &&
    look.proxyStatus === 407 &&
    proxy !== null &&
    proxy.user !== null &&
    seen.proxy !== null
  ) {
    // Nobody is told a password who has not asked for one.
    const asking = chooseAsking(proxy.user, look.proxySchemes);
    add({ proxy: { ...seen.proxy, asking } });
    if (asking === "basic" || asking === "ntlm") look = await lookAgain();
  }
  add({ contact: failureOf(look) ?? (await https.request(pageRequest(target, wayTo(seen, proxy, signal)))) });
}

/** The DNS server that a rule has to be made for. */
function unreachableServer({ dns }: Seen): string | undefined {
  return dns?.kind === "unreachable" ? dns.servers.find((server) => isIP(server) !== 0) : undefined;
}

/**
 * A look that came to nothing is the outcome, so that a silent host is not waited for twice. Not one that got as far as TLS: the
 * server may only not like to be asked by HEAD.
 */
function failureOf(look: LookOutcome): HttpsOutcome | null {
  if (look.kind !== "seen") return look;
  const { exitCode, proxyStatus, message, timings } = look;
  if (exitCode === 0 || timings.tlsMs > 0) return null;
  return { kind: "failed", exitCode, proxyStatus, message: message ?? "", timings };
}
