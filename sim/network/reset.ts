import type { Socket } from "node:net";

/**
 * Ends a connection by RST, or by closing it when our side has been shut down already: libuv refuses a reset then, and
 * Node 20 leaks the handle and never leaves the process (uv_tcp_close_reset, UV_EINVAL).
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
