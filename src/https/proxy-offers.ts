import type { Clock } from "../../hal/clock.ts";
import type { ProxyAccess } from "./https.ts";
import { chooseAsking, type ProxyAsking, type ProxyPlace } from "./proxy-scheme.ts";

/** What is known of a proxy that has been looked at. */
export interface KnownProxy {
  readonly by: ProxyAsking;
  /** Schemes that it offers, lower case, in its order; null: it asks for nothing, or nobody has looked. */
  readonly offers: readonly string[] | null;
}

/**
 * What proxies have been seen to offer: of the last one only. One for all who go by a proxy, so that each proxy is asked once,
 * and again after a 407.
 */
export interface ProxyOffers {
  /** null: it has to be looked at first. Without an account there is nothing to choose, and nothing to be told too early. */
  known(proxy: ProxyPlace): KnownProxy | null;
  learn(proxy: ProxyPlace, offers: KnownProxy["offers"]): KnownProxy;
  /** It asks for something else now; or network or settings have changed, and another proxy may stand at the same address. */
  forget(): void;
  /** The account was shown to it, and it has refused it or let it pass. */
  judged(proxy: ProxyPlace, verdict: "refused" | "passed"): void;
  /**
   * Whether the account may be shown to it now. Directories lock an account after some wrong passwords within a quarter or half
   * of an hour, and somebody else may work with it: one that was refused twice is shown once in a quarter of an hour.
   */
  mayShow(proxy: ProxyPlace): boolean;
  /** A person asks: it is looked at anew, and the account shown at once, however often it was refused. */
  forgive(): void;
}

/** The first refusal may be a blip. */
const defaultQuickTries = 2;
const pauseMs = 15 * 60_000;

export interface ProxyOffersParts {
  readonly curlHasNtlm: () => boolean;
  readonly clock: Pick<Clock, "monotonic">;
  /** How often a refused account is shown before the pauses. */
  readonly quickTries?: number;
}

export function createProxyOffers({
  curlHasNtlm,
  clock,
  quickTries = defaultQuickTries,
}: ProxyOffersParts): ProxyOffers {
  let last: { readonly key: string; readonly offers: KnownProxy["offers"] } | null = null;
  let refusal: { readonly key: string; readonly times: number; readonly lastMs: number } | null = null;
  const choose = (offers: KnownProxy["offers"], user: string): KnownProxy => ({
    by: chooseAsking(offers, { user, curlHasNtlm: curlHasNtlm() }),
    offers,
  });
  return {
    known: ({ host, port, account }) => {
      if (account === null) return { by: "none", offers: null };
      return last?.key === keyOf(host, port, account.user) ? choose(last.offers, account.user) : null;
    },
    learn: ({ host, port, account }, offers) => {
      if (account === null) return { by: "none", offers };
      last = { key: keyOf(host, port, account.user), offers };
      return choose(offers, account.user);
    },
    forget: () => {
      last = null;
    },
    judged: (proxy, verdict) => {
      const key = accountKey(proxy);
      const times = refusal?.key === key ? refusal.times : 0;
      refusal = verdict === "passed" ? null : { key, times: times + 1, lastMs: clock.monotonic() };
    },
    mayShow: (proxy) =>
      refusal?.key !== accountKey(proxy) || refusal.times < quickTries || clock.monotonic() - refusal.lastMs >= pauseMs,
    forgive: () => {
      last = null;
      refusal = null;
    },
  };
}

/** Another password is another try. */
function accountKey({ host, port, account }: ProxyPlace): string {
  return JSON.stringify([host, port, account?.user ?? "", account?.password ?? ""]);
}

function keyOf(...parts: readonly [host: string, port: number, user: string]): string {
  return JSON.stringify(parts);
}

/** The proxy with credentials for the scheme by which it is asked, and without them for none. */
export function accessBy({ host, port, account }: ProxyPlace, by: ProxyAsking): ProxyAccess {
  const isGiven = account !== null && (by === "basic" || by === "ntlm");
  return { host, port, credentials: isGiven ? { ...account, scheme: by } : null };
}
