import { expect, it } from "vitest";
import { activationSocket } from "../../../src/helper/activation.ts";

it.each<[NodeJS.ProcessEnv, { fd: number } | null]>([
  [{ LISTEN_PID: "77", LISTEN_FDS: "1" }, { fd: 3 }],
  [{ LISTEN_PID: "77", LISTEN_FDS: "2" }, { fd: 3 }],
  [{ LISTEN_PID: "77", LISTEN_FDS: "0" }, null],
  [{ LISTEN_PID: "77", LISTEN_FDS: "one" }, null],
  [{ LISTEN_PID: "78", LISTEN_FDS: "1" }, null],
  [{ LISTEN_FDS: "1" }, null],
  [{ LISTEN_PID: "77" }, null],
  [{}, null],
])("process 77 with %j listens on %j", (environment, socket) => {
  expect(activationSocket(environment, 77)).toEqual(socket);
});
