import type { Processes } from "../../hal/processes.ts";
import type { Evidence } from "../connectivity/evidence.ts";
import { probeCurl } from "../https/curl.ts";
import type { Log } from "../model/log.ts";

const curlWithoutNtlm =
  "curl was built without NTLM: a proxy that offers nothing else cannot be used; install a curl that has it";

/** What the curl of this machine can do. */
export interface OwnCurl {
  /** null: nobody has looked yet. */
  known(): Evidence["curl"];
  /** Looks, and says what is missing. */
  look(): Promise<void>;
}

export function createOwnCurl({ processes, log }: { readonly processes: Processes; readonly log: Log }): OwnCurl {
  let curl: Evidence["curl"] = null;
  return {
    known: () => curl,
    look: async () => {
      const probed = await probeCurl(processes);
      if (!probed.ok) log.error({}, probed.error);
      else if (!probed.value.ntlm) log.warn({ version: probed.value.version }, curlWithoutNtlm);
      curl = { installed: probed.ok, ntlm: probed.ok && probed.value.ntlm };
    },
  };
}
