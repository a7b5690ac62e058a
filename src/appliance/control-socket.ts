import { type Clock, untilAborted } from "../../hal/clock.ts";
import { HalError } from "../../hal/errors.ts";
import { type Allowed, type Controllable, controlRoutes } from "../control/api.ts";
import { createHandler } from "../control/handler.ts";
import { serveSocket } from "../control/server.ts";
import type { Log } from "../model/log.ts";

export interface ControlSocketParts {
  readonly path: string;
  readonly allowed: Allowed;
  readonly clock: Clock;
  readonly log: Log;
}

/** Serves the local API until the signal aborts. Without a socket the panel goes on. */
export async function runControlSocket(
  appliance: Controllable,
  { path, allowed, clock, log }: ControlSocketParts,
  signal: AbortSignal,
): Promise<void> {
  const handler = createHandler({ routes: controlRoutes(appliance, allowed), clock, log });
  try {
    const server = await serveSocket(path, handler, log);
    await untilAborted(signal);
    await server.close();
  } catch (error) {
    if (!(error instanceof HalError)) throw error;
    log.error({ kind: error.kind }, `local API: ${error.message}`);
  }
}
