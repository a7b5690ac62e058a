import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { controlRoutes } from "../../../src/control/api.ts";
import { parseCommandLine } from "../../../src/control/command-line.ts";
import { createHandler } from "../../../src/control/handler.ts";
import { type CommandParts, reportUsage, runClientCommand } from "../../../src/control/run-client-command.ts";
import { type ControlServer, serveSocket } from "../../../src/control/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import { ok } from "../../../src/model/result.ts";
import { type FakeAppliance, fakeAppliance } from "./fake-appliance.ts";

/** Commands as they are typed, and an appliance that may answer them; new for each test. */
export function useClientBench() {
  let folder: string;
  let socket: string;
  let appliance: FakeAppliance;
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bezel-cli-"));
    socket = join(folder, "control.sock");
    appliance = fakeAppliance();
  });

  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await rm(folder, { recursive: true, force: true });
  });

  /** root may open everything, so root's rights are laid down meanwhile. */
  async function asOrdinaryUser<T>(run: () => Promise<T>): Promise<T> {
    const nobody = 65534;
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(nobody);
    try {
      return await run();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  }

  async function serve(allowed = { keys: true, settings: true }): Promise<ControlServer> {
    const routes = controlRoutes(appliance, allowed);
    const server = await serveSocket(
      socket,
      createHandler({ routes, clock: createFakeClock(), log: silentLog }),
      silentLog,
    );
    stops.push(() => server.close());
    return server;
  }

  /** Answers every request over TCP with this. */
  async function impostor(status: number, body: string): Promise<string> {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A machine with this text as its only file. */
  function filesWith(text: string): CommandParts["files"] {
    return { read: async () => new TextEncoder().encode(text) };
  }

  async function bezel(argv: readonly string[], change: Partial<CommandParts> = {}) {
    let stdout = "";
    let stderr = "";
    const parts: CommandParts = {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      version: "0.1.0",
      clock: createFakeClock(),
      files: filesWith(`[control]\nsocket = "${socket}"\n[panel]\npin = "271828"\n`),
      inspect: async () => [],
      planChange: async () => ok("nothing to do\n"),
      stdin: () => Promise.reject(new Error("not needed")),
      untilInterrupted: () => new AbortController().signal,
      ...change,
    };
    const command = parseCommandLine(argv);
    if (!command.ok) {
      const code = reportUsage(command.error, parts.stderr);
      return { code, stdout, stderr };
    }
    const { name } = command.value;
    if (name === "run" || name === "sim" || name === "check" || name === "support")
      throw new Error("not a client command");
    const code = await runClientCommand(command.value, parts);
    return { code, stdout, stderr };
  }

  return {
    appliance: () => appliance,
    socket: () => socket,
    /** What is to be ended with the test. */
    stops,
    asOrdinaryUser,
    serve,
    impostor,
    filesWith,
    bezel,
  };
}
