import { promises as dns } from "node:dns";
import type { SystemNames } from "../resolver.ts";

/** By getaddrinfo(3), on any system that Node runs on. */
export function createSystemNames(): SystemNames {
  return {
    lookUp: async (name) => {
      try {
        const found = await dns.lookup(name, { all: true });
        return { kind: "addresses", addresses: found.map(({ address }) => address) };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "EUNKNOWN";
        // Node's word for EAI_NONAME and EAI_NODATA. EAI_AGAIN and the rest: nobody answered.
        return { kind: code === "ENOTFOUND" ? "noAnswer" : "unreachable", code };
      }
    },
  };
}
