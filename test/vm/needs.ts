import { hasPackage, hasTool } from "../support/tools.ts";

const tools = ["qemu-system-x86_64", "mmdebstrap", "mke2fs", "e2fsck", "debugfs", "tar", "systemctl"];

/** What this machine lacks for a guest, for the name of a skipped test; null: nothing. */
export function guestLacks(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = tools.filter((tool) => !hasTool(tool));
  if (!hasPackage("serialport")) missing.push("the npm package serialport");
  return missing.length === 0 ? null : `needs ${missing.join(", ")}`;
}
