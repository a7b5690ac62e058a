import { hasTool } from "../support/tools.ts";

const tools = [
  ...["NetworkManager", "nmcli", "dbus-daemon", "ip", "unshare", "nsenter", "setpriv", "socat"],
  ...["dnsmasq", "dhcpcd", "radvd", "squid", "tcpdump", "nft"],
];

/** What this machine lacks for a lab, for the name of a skipped test; null: nothing. */
export function labLacks(more: readonly string[] = []): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = [...tools, ...more].filter((tool) => !hasTool(tool));
  return missing.length === 0 ? null : `needs ${missing.join(", ")}`;
}

/** The same, for one with the packet filter. */
export function lockDownLacks(): string | null {
  return labLacks(["nft", "ping", "curl", "systemctl"]);
}

/** The name of a suite that runs in a lab; says why where it is skipped. */
export function inLab(name: string, reason = labLacks()): string {
  return reason === null ? name : `${name} (${reason})`;
}
