import type { Clock } from "../../../hal/clock.ts";
import type { Argv, Processes } from "../../../hal/processes.ts";
import type { Sealer } from "../../model/sealer.ts";
import { childLine, type HelperLine, request, socketLine } from "../client.ts";
import { sealVerbs } from "./verbs.ts";

/** Where the service manager listens for the helper of the secrets. */
export const sealSocket = "/run/bezel-seal.sock";

/** Somebody may be waiting at the panel. */
const limitMs = 10_000;

/** Behind the socket of the service manager. */
export function createSocketSealer({ clock, path = sealSocket }: { readonly clock: Clock; readonly path?: string }) {
  return sealer(socketLine({ path, unit: "bezel-seal", clock, limitMs }));
}

/** As a child, for root by hand. `argv` starts the helper. */
export function createChildSealer({ processes, argv }: { readonly processes: Processes; readonly argv: Argv }) {
  return sealer(childLine({ processes, argv: [...argv, "--seal"], limitMs }));
}

function sealer(line: HelperLine): Sealer {
  // It is not given up: each question is short, and what it brings is of use whoever asked.
  const { signal } = new AbortController();
  return {
    seal: (reference, secret) =>
      request(line, { verb: "seal", given: { reference, secret }, value: sealVerbs.seal.value }, signal),
    open: (reference, sealed) =>
      request(line, { verb: "open", given: { reference, sealed }, value: sealVerbs.open.value }, signal),
  };
}
