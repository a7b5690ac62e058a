import type { Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Refusal } from "./privileged.ts";

/** Two probes, a second apart; the rest is for a busy machine. */
const timeoutMs = 10_000;

/**
 * Who has an IPv4 address on this interface, by two ARP probes at most: its MAC address, or null when nobody answered within
 * two seconds. Understands arping of iputils only: the other program of this name means something else by `-D`, and ends the
 * other way round.
 */
export async function findHolder(
  processes: Processes,
  interfaceName: string,
  address: string,
  signal: AbortSignal,
): Promise<Result<string | null, Refusal>> {
  const argv = ["arping", "-D", "-c", "2", "-w", "2", "-I", interfaceName, address] as const;
  const ended = await processes.run(argv, { timeoutMs, maxOutputBytes: 64 * 1024, signal });
  const refused = (detail: string) => failed({ kind: "refused" as const, detail: `${interfaceName}: ${detail}` });
  switch (ended.kind) {
    case "notFound":
      return refused('arping is missing; install the package "iputils-arping"');
    case "timeout":
      return failed({ kind: "timeout", detail: `${interfaceName}: arping did not end within ${timeoutMs} ms` });
    case "aborted":
    case "tooMuchOutput":
      return refused(`arping ended by ${ended.kind}`);
    case "exited": {
      const { code, stdout, stderr } = ended;
      const mac = /\[((?:[0-9A-F]{2}:){5}[0-9A-F]{2})\]/i.exec(stdout)?.[1];
      if (code === 1 && mac !== undefined) return ok(mac.toLowerCase());
      if (code === 0 && /^Received 0 response/m.test(stdout)) return ok(null);
      const [reason] = (stderr.trim() || stdout.trim()).split("\n", 1);
      return refused(`arping ended with ${code}: ${reason || "no word"}`);
    }
  }
}
