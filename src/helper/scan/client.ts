import type { Clock } from "../../../hal/clock.ts";
import type { Argv, Processes } from "../../../hal/processes.ts";
import { failed } from "../../model/result.ts";
import { childLine, type HelperLine, helperSocket, request, socketLine } from "../client.ts";
import { scanNamespace } from "./links.ts";
import { makeScanLinks, noNamespace } from "./make.ts";
import type { ScanPrivileged } from "./privileged.ts";
import { scanVerbs } from "./verbs.ts";

/** Where the service manager listens for the helper inside the namespace. */
export const scanSocket = "/run/bezel-scan.sock";

/** A reply can hold 4094 links with their addresses: 140 bytes each, and 700 refusals. */
export const maxScanReplyBytes = 2 ** 21;
/** 700 links with two addresses to take and two to give are 110 KiB. */
export const maxScanRequestBytes = 2 ** 19;

/** Over both helpers. */
export function createScanHelper({
  beside,
  inside,
}: {
  readonly beside: HelperLine;
  readonly inside: HelperLine;
}): ScanPrivileged {
  const port = "lan";
  return {
    makeLinks: (tags, signal) =>
      request(beside, { verb: "scan-make", given: { port, tags }, value: makeScanLinks.value }, signal),
    readState: (question, signal) =>
      request(inside, { verb: "scan-read", given: { port, ...question }, value: scanVerbs["scan-read"].value }, signal),
    removeLinks: (tags, signal) =>
      request(inside, { verb: "scan-remove", given: { port, tags }, value: scanVerbs["scan-remove"].value }, signal),
    setLinks: (changes, signal) =>
      request(inside, { verb: "scan-set", given: { port, changes }, value: scanVerbs["scan-set"].value }, signal),
    setRoutes: (routes, signal) =>
      request(inside, { verb: "scan-route", given: { port, ...routes }, value: scanVerbs["scan-route"].value }, signal),
  };
}

/** Behind the sockets of the service manager. */
export function createSocketScanHelper({ clock }: { readonly clock: Clock }): ScanPrivileged {
  return createScanHelper({
    beside: socketLine({ path: helperSocket, clock, maxReplyBytes: maxScanReplyBytes }),
    inside: socketLine({ path: scanSocket, unit: "bezel-scan", clock, maxReplyBytes: maxScanReplyBytes }),
  });
}

/** As children, for root by hand. `argv` starts the helper; the namespace has to be there. */
export function createChildScanHelper({
  processes,
  argv,
}: {
  readonly processes: Processes;
  readonly argv: Argv;
}): ScanPrivileged {
  const entered = childLine({
    processes,
    argv: ["nsenter", `--net=/run/netns/${scanNamespace}`, "--", ...argv, "--inside"],
    maxReplyBytes: maxScanReplyBytes,
  });
  const inside: HelperLine = {
    ...entered,
    ask: async (line, signal) => {
      const reply = await entered.ask(line, signal);
      const missing = !reply.ok && /nsenter: cannot open/.test(reply.error.detail);
      return missing ? failed({ kind: "unavailable", detail: noNamespace }) : reply;
    },
  };
  return createScanHelper({ beside: childLine({ processes, argv, maxReplyBytes: maxScanReplyBytes }), inside });
}
