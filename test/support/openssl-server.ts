import { spawn } from "node:child_process";
import type { Listening } from "./https-server.ts";

/**
 * A TLS server by openssl(1) on 127.0.0.1. It ends a handshake with the alert of the RFC where a client's certificate does not
 * please it; node's servers just hang up. `args` as of s_server.
 */
export function listenOpenssl(args: readonly string[]): Promise<Listening> {
  const child = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", "-www", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-1000);
      const port = /^ACCEPT 127\.0\.0\.1:(\d+)$/m.exec(said)?.[1];
      if (port === undefined) return;
      resolve({
        port: Number(port),
        close: async () => {
          child.kill();
          await ended;
        },
      });
    });
    child.once("error", reject);
    ended.then(() => reject(new Error("openssl s_server has ended")));
  });
}
