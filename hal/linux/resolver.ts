import { promises as dns } from "node:dns";
import { isIPv6 } from "node:net";
import { type Clock, deadline } from "../clock.ts";
import type { Question, Resolved, Resolver } from "../resolver.ts";
import { createSystemClock } from "./clock.ts";

type ServerAnswer =
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "noAnswer"; readonly code: string }
  | { readonly kind: "unreachable"; readonly code: string };

/** Codes of c-ares that say that the server, or the name itself, has been judged; all others mean that nobody answered. */
const answeredCodes = new Set([
  "ENODATA",
  "EFORMERR",
  "ESERVFAIL",
  "ENOTFOUND",
  "ENOTIMP",
  "EREFUSED",
  "EBADRESP",
  "EBADNAME",
  "ENONAME",
]);

/**
 * Asks DNS servers directly; neither /etc/resolv.conf nor /etc/hosts plays a part. A server may be `address` or
 * `address:port` (`[address]:port` for IPv6). Rejects only with the reason of the question's signal.
 */
export function createResolver({ clock = createSystemClock() }: { readonly clock?: Clock } = {}): Resolver {
  return {
    resolve: async (question) => {
      const { servers, timeoutMs, signal } = question;
      const endMs = clock.monotonic() + timeoutMs;
      let noAnswer: Resolved | null = null;
      let code = "ETIMEOUT";
      for (const [index, server] of servers.entries()) {
        signal?.throwIfAborted();
        const leftMs = endMs - clock.monotonic();
        if (leftMs <= 0) break;
        // A silent server leaves their share to those behind it.
        const answer = await ask(clock, question, server, leftMs / (servers.length - index));
        signal?.throwIfAborted();
        if (answer.kind === "addresses") return { ...answer, server };
        if (answer.kind === "noAnswer") noAnswer ??= { ...answer, server };
        else code = answer.code;
      }
      return noAnswer ?? { kind: "unreachable", servers, code };
    },
  };
}

async function ask(clock: Clock, question: Question, server: string, limitMs: number): Promise<ServerAnswer> {
  const limit = deadline(clock, `DNS query to ${server}`, limitMs, question.signal);
  try {
    // c-ares doubles the time of each try, so that two tries end after three times this.
    const resolver = new dns.Resolver({ timeout: Math.max(1, Math.floor(limitMs / 3)), tries: 2 });
    resolver.setServers([server]);
    if (question.source !== null) setSource(resolver, question.source);
    const cancel = () => resolver.cancel();
    limit.signal.addEventListener("abort", cancel, { once: true });
    const asked = question.family === 4 ? resolver.resolve4(question.name) : resolver.resolve6(question.name);
    return { kind: "addresses", addresses: await asked };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    if (answeredCodes.has(code)) return { kind: "noAnswer", code };
    return { kind: "unreachable", code: code === "ECANCELLED" ? "ETIMEOUT" : code };
  } finally {
    limit.done();
  }
}

function setSource(resolver: dns.Resolver, source: string): void {
  if (isIPv6(source)) resolver.setLocalAddress("0.0.0.0", source);
  else resolver.setLocalAddress(source);
}
