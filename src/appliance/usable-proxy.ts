import type { Facts } from "../model/facts.ts";
import type { Settings } from "../model/settings.ts";

/**
 * The settings as the proxy is asked by them. A user whose password cannot be opened is not named to it: an attempt with none
 * counts as one with a wrong one, and some of those lock the account.
 */
export function withUsableProxy({ settings, secrets }: Pick<Facts, "settings" | "secrets">): Settings {
  const { proxy } = settings;
  if (proxy === null || secrets.problem === null) return settings;
  return { ...settings, proxy: { ...proxy, user: null } };
}
