import type { Facts } from "../model/facts.ts";

/**
 * What is known, with the settings as the proxy is asked by them. A user whose password cannot be opened is not named to it: an
 * attempt with none counts as one with a wrong one, and some of those lock the account.
 */
export function withUsableProxy<Known extends Pick<Facts, "settings" | "secrets">>(known: Known): Known {
  const { settings, secrets } = known;
  if (settings.proxy === null || secrets.problem === null) return known;
  return { ...known, settings: { ...settings, proxy: { ...settings.proxy, user: null } } };
}
