import type { Argv, Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { checkHostAddress } from "../model/validate.ts";
import type { Refusal } from "./privileged.ts";

/** Enough to send it twice: the second time after 3 to 5 s, RFC 2131 section 4.1. */
const answerSeconds = 6;
/** For a busy machine; it ends by itself before. */
const timeoutMs = 10_000;
/** The guide has fields for so many. */
const mostServers = 2;

/**
 * dhcpcd as a program that asks once: in test mode it touches neither the interface nor a file of settings, and sends no more
 * than the DHCPINFORM. It hears the answer by a packet socket, as port 68 is NetworkManager's. Tried with dhcpcd 9.4.1 and 10.1.0.
 */
function informArgv(interfaceName: string, address: string): Argv {
  return [
    "dhcpcd",
    "--test",
    "--ipv4only",
    "--config=/dev/null",
    `--inform=${address}`,
    "--option=netbios_name_servers",
    "--noarp",
    "--noipv4ll",
    "--nodelay",
    // It would name the kernel's version.
    "--vendorclassid=",
    `--timeout=${answerSeconds}`,
    // In the place of its hooks, which are shell scripts: prints what came as NAME=VALUE.
    "--script=/usr/bin/env",
    interfaceName,
  ];
}

/**
 * The WINS servers that the DHCP server of this interface names (option 44, RFC 2132 section 8.5) to who has this address
 * with prefix length: at most two, none where it names none. A server that is not authoritative for the network, as ISC dhcpd
 * is not unless told to be, does not answer.
 */
export async function askWins(
  processes: Processes,
  interfaceName: string,
  address: string,
  signal: AbortSignal,
): Promise<Result<readonly string[], Refusal>> {
  const argv = informArgv(interfaceName, address);
  const ended = await processes.run(argv, { timeoutMs, maxOutputBytes: 64 * 1024, signal });
  const refused = (detail: string) => failed({ kind: "refused" as const, detail: `${interfaceName}: ${detail}` });
  switch (ended.kind) {
    case "notFound":
      return refused('dhcpcd is missing; install the package "dhcpcd-base"');
    case "timeout":
      return failed({ kind: "timeout", detail: `${interfaceName}: dhcpcd did not end within ${timeoutMs} ms` });
    case "aborted":
    case "tooMuchOutput":
      return refused(`dhcpcd ended by ${ended.kind}`);
    case "exited": {
      const { code, stdout, stderr } = ended;
      if (code === 0 && /^reason=TEST$/m.test(stdout)) return ok(serversOf(stdout));
      const reasons = stderr.split("\n").filter((line) => line !== "" && !usual.test(line));
      const detail = reasons.join("; ") || "no word";
      // The one reason, where the address is there and so is the cable.
      if (detail === "timed out") {
        return failed({ kind: "timeout", detail: `${interfaceName}: no DHCP server answered a DHCPINFORM` });
      }
      return refused(`dhcpcd ended with ${code}: ${detail}`);
    }
  }
}

/** Said of every run: nor can it change its root folder, having no right that it could give up by that. */
const usual = /^dhcpcd-\S+ starting$|^dhcpcd exited$|drop ?priv/;

function serversOf(variables: string): readonly string[] {
  const [, list = ""] = /^new_netbios_name_servers=(.*)$/m.exec(variables) ?? [];
  return list
    .split(" ")
    .filter((server) => checkHostAddress(server) === null)
    .slice(0, mostServers);
}
