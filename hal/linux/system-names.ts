import { promises as dns } from "node:dns";
import type { Argv, Exited, Processes } from "../processes.ts";
import type { SystemAnswer, SystemNames } from "../resolver.ts";

const codes: Readonly<Partial<Record<Exited["kind"], string>>> = { timeout: "ETIMEOUT", aborted: "ECANCELLED" };

/**
 * By getaddrinfo(3), on any system that Node runs on: in a process of its own, since a call that waits for a silent server cannot
 * be ended, and Node does not end before it. `argv` starts one that calls {@link printLookUp} with the name that is put behind it.
 */
export function createSystemNames({
  processes,
  argv,
}: {
  readonly processes: Processes;
  readonly argv: Argv;
}): SystemNames {
  return {
    lookUp: async (name, timeoutMs, signal) => {
      const ended = await processes.run([...argv, name], { timeoutMs, signal });
      if (ended.kind === "exited" && ended.code === 0) return JSON.parse(ended.stdout) as SystemAnswer;
      return { kind: "unreachable", code: codes[ended.kind] ?? "EUNKNOWN" };
    },
  };
}

/** What the process of a look-up does. */
export async function printLookUp(name: string, print: (text: string) => void): Promise<void> {
  print(JSON.stringify(await lookUp(name)));
}

async function lookUp(name: string): Promise<SystemAnswer> {
  try {
    const found = await dns.lookup(name, { all: true });
    return { kind: "addresses", addresses: found.map(({ address }) => address) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    // Node's word for EAI_NONAME and EAI_NODATA. EAI_AGAIN and the rest: nobody answered.
    return { kind: code === "ENOTFOUND" ? "noAnswer" : "unreachable", code };
  }
}
