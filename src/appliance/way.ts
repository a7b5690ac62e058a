import type { ProxyPlace } from "../https/proxy-scheme.ts";
import type { Facts } from "../model/facts.ts";
import { managementState } from "../model/network-state.ts";
import { isSplit, managementPort, type ProxySettings } from "../model/settings.ts";
import type { Way } from "../uplink/exchange.ts";

type Known = Pick<Facts, "settings" | "network">;

/**
 * The machine keeps management to the port of the settings. Until it does there is no way, whatever addresses there are: in a
 * split network not one packet of it may go by LAN, at a start either.
 */
export function keepsToPort({ settings, network }: Known): boolean {
  return network.separated === isSplit(settings);
}

/**
 * How the platform is reached now: by the management port's address and its DNS servers; null: see {@link keepsToPort}.
 * `proxyPassword` is the secret that the settings name.
 */
export function wayOf({ settings, network }: Known, proxyPassword: string | null): Way | null {
  if (!keepsToPort({ settings, network })) return null;
  const state = managementState(network, managementPort(settings));
  const family = settings.mode === "ipv6-only" ? 6 : 4;
  const [own] = family === 4 ? state.ipv4 : state.ipv6;
  const { proxy } = settings;
  return {
    family,
    servers: state.dns,
    source: own?.split("/")[0] ?? null,
    // The routes decide: in a split network they are chosen by user.
    interface: null,
    proxy: proxy === null ? null : placeOf(proxy, proxyPassword),
  };
}

/** By what scheme it is asked is the proxy's own word. */
function placeOf({ host, port, user }: ProxySettings, password: string | null): ProxyPlace {
  return { host, port, account: user === null ? null : { user, password: password ?? "" } };
}

/**
 * Something happened on the management port that makes a poll worthwhile at once: a link, an address, other servers, or that
 * management is kept to it. That there are no servers any more is no reason to find out what comes of it.
 */
export function worthATry(now: Known, before: Known): boolean {
  const state = managementState(now.network, managementPort(now.settings));
  const was = managementState(before.network, managementPort(before.settings));
  const family = now.settings.mode === "ipv6-only" ? "ipv6" : "ipv4";
  if (!state.carrier || state[family].length === 0 || !keepsToPort(now)) return false;
  const differs = (a: readonly string[], b: readonly string[]) => a.join() !== b.join();
  const hasOtherServers = state.dns.length > 0 && differs(state.dns, was.dns);
  return (
    !keepsToPort(before) ||
    !was.carrier ||
    differs(state[family], was[family]) ||
    hasOtherServers ||
    state.gateway !== was.gateway
  );
}
