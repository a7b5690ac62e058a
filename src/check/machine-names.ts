import { isIP } from "node:net";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import type { Resolved, Resolver, SystemNames } from "../../hal/resolver.ts";
import { answerText, unreachableText } from "../connectivity/dns-words.ts";

/** A name as this machine knows it. */
export interface NameAnswer {
  readonly resolved: Resolved;
  /** null unless the machine has the name from elsewhere than its DNS servers, which the appliance would not. */
  readonly warning: string | null;
}

/** Names by the resolver of this machine, whatever machine it is. */
export interface MachineNames {
  /** Rejects only with the signal's reason. */
  resolve(name: string, signal: AbortSignal): Promise<NameAnswer>;
}

export interface MachineNamesParts {
  readonly files: Pick<Files, "read">;
  readonly resolver: Resolver;
  readonly system: SystemNames;
  readonly resolvConf?: string;
}

/** For all servers together. */
const serversTimeoutMs = 5000;
/** glibc waits 5 s for each of three servers, twice. */
const systemTimeoutMs = 10_000;
const maxFileBytes = 65_536;
/** MAXNS of glibc's resolv.h. */
const maxServers = 3;

/** How the resolver is named where a server would be. */
export const systemResolver = "the resolver of this machine (getaddrinfo)";

/**
 * The DNS servers of /etc/resolv.conf are asked first, as the appliance asks its own; under systemd-resolved that is its stub.
 * Where they know nothing, or there are none as on macOS, the machine's own look-up has the word.
 */
export function createMachineNames({
  files,
  resolver,
  system,
  resolvConf = "/etc/resolv.conf",
}: MachineNamesParts): MachineNames {
  const askServers = async (name: string, signal: AbortSignal): Promise<Resolved | null> => {
    const servers = await readServers(files, resolvConf);
    if (servers.length === 0) return null;
    const question = { name, servers, source: null, timeoutMs: serversTimeoutMs, signal };
    const answer = await resolver.resolve({ ...question, family: 4 });
    if (answer.kind !== "noAnswer") return answer;
    const other = await resolver.resolve({ ...question, family: 6 });
    return other.kind === "addresses" ? other : answer;
  };

  const askSystem = async (name: string, signal: AbortSignal): Promise<Resolved> => {
    const answer = await system.lookUp(name, systemTimeoutMs, signal);
    signal.throwIfAborted();
    if (answer.kind === "addresses") return { ...answer, server: systemResolver };
    return answer.kind === "noAnswer"
      ? { kind: answer.kind, code: answer.code, server: systemResolver }
      : { kind: answer.kind, code: answer.code, servers: [systemResolver] };
  };

  return {
    resolve: async (name, signal) => {
      const first = await askServers(name, signal);
      if (first?.kind === "addresses") return { resolved: first, warning: null };
      const second = await askSystem(name, signal);
      if (second.kind !== "addresses") return { resolved: first ?? second, warning: null };
      const warning =
        first === null
          ? null
          : `${describe(first)} for ${name}; this machine has it from elsewhere (hosts file, VPN), where the appliance does not look`;
      return { resolved: second, warning };
    },
  };
}

function describe(answer: Exclude<Resolved, { kind: "addresses" }>): string {
  return answer.kind === "noAnswer"
    ? `DNS server ${answer.server} says ${answerText(answer.code)}`
    : `DNS servers ${answer.servers.join(", ")}: ${unreachableText(answer.code)}`;
}

async function readServers(files: Pick<Files, "read">, file: string): Promise<readonly string[]> {
  try {
    return nameServers(Buffer.from(await files.read(file, maxFileBytes)).toString("latin1"));
  } catch (error) {
    if (error instanceof HalError) return [];
    throw error;
  }
}

/** The addresses of resolv.conf(5), as far as a resolver looks at them. */
export function nameServers(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)]
    .map(([, server = ""]) => server)
    .filter((server) => isIP(server) !== 0)
    .slice(0, maxServers);
}
