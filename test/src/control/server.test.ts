import { link, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, createConnection, createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { controlRoutes } from "../../../src/control/api.ts";
import { createHandler, isLoopbackRequest } from "../../../src/control/handler.ts";
import { type ControlServer, serveSocket } from "../../../src/control/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import type { OrderReport } from "../../../src/model/order.ts";
import { fakeAppliance, keptReport } from "./fake-appliance.ts";

let folder: string;
const servers: ControlServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-control-"));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

async function serve(path = join(folder, "run", "control.sock")) {
  const appliance = fakeAppliance();
  const routes = controlRoutes(appliance, { keys: true, settings: true });
  const server = await serveSocket(
    path,
    createHandler({ routes, clock: createFakeClock(), log: silentLog }),
    silentLog,
  );
  servers.push(server);
  return { appliance, server, path };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

function ask(socketPath: string, method: string, path: string, body: string | Buffer = ""): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, headers: { connection: "close" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end(body);
  });
}

/** Resolves when the stream has brought an event that satisfies the test. */
function until(response: IncomingMessage, found: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
      if (found(text)) resolve(text);
    });
    response.on("close", () => reject(new Error(`closed after ${text}`)));
  });
}

describe("the socket", () => {
  it("is made with its folder, for user and group only", async () => {
    const { path } = await serve();
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    expect(await ask(path, "GET", "/v1/screen")).toMatchObject({ status: 200 });
  });

  it("is gone after closing, open streams included", async () => {
    const { path, server, appliance } = await serve();
    const stream = new Promise<IncomingMessage>((resolve) => {
      request({ socketPath: path, path: "/v1/events" }, resolve).end();
    });
    const closed = stream.then((response) => new Promise((resolve) => response.on("close", resolve).resume()));
    await stream;
    await server.close();
    await closed;
    await server.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    expect(appliance.subscribers()).toBe(0);
  });

  it("replaces one that a dead process left", async () => {
    const path = join(folder, "stale.sock");
    const dead = createNetServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    // Closing removes the file; a killed process leaves it, as this copy of the name does.
    await link(path, `${path}.left`);
    await new Promise((resolve) => dead.close(resolve));
    await serve(`${path}.left`);
    expect(await ask(`${path}.left`, "GET", "/v1/screen")).toMatchObject({ status: 200 });
  });

  it("is not taken from a process that answers", async () => {
    const { path } = await serve();
    await expect(serve(path)).rejects.toMatchObject({ kind: "busy", device: path });
    expect(await ask(path, "GET", "/v1/screen")).toMatchObject({ status: 200 });
  });

  it("does not replace a file that is no socket", async () => {
    const path = join(folder, "file");
    await writeFile(path, "precious");
    await expect(serve(path)).rejects.toMatchObject({ kind: "busy" });
    expect((await stat(path)).size).toBe(8);
  });

  it("names a path that is too long", async () => {
    await expect(serve(join(folder, "x".repeat(120)))).rejects.toMatchObject({ kind: "unsupported" });
  });

  it("sends screen and status, then what changes", async () => {
    const { path, appliance } = await serve();
    const response = await new Promise<IncomingMessage>((resolve) => {
      request({ socketPath: path, path: "/v1/events" }, resolve).end();
    });
    expect(response.headers["content-type"]).toBe("text/event-stream");
    const changed = until(response, (text) => text.includes('"screen":"main/setup-network"'));
    appliance.change({ frame: { screen: "main/setup-network" } });
    const text = await changed;
    expect([...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1])).toEqual(["screen", "status", "screen"]);
    response.destroy();
  });

  it("takes 10000 single keys in one request", async () => {
    const { path, appliance } = await serve();
    const keys = Array.from({ length: 10_000 }, () => "LEFT+RIGHT");
    expect(await ask(path, "POST", "/v1/keys", JSON.stringify({ keys }))).toMatchObject({ status: 200 });
    expect(appliance.inputs).toHaveLength(10_000);
  });

  it("serves 32 event streams, asks a further reader to wait, and answers everybody else", async () => {
    const { path, appliance } = await serve();
    const follow = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        request({ socketPath: path, path: "/v1/events" }, resolve).on("error", reject).end();
      });
    const streams = await Promise.all(Array.from({ length: 32 }, follow));
    expect(streams.map(({ statusCode }) => statusCode)).toEqual(streams.map(() => 200));
    const refused = await ask(path, "GET", "/v1/events");
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([503, { error: { kind: "busy" } }]);
    expect(await ask(path, "GET", "/v1/screen")).toMatchObject({ status: 200 });
    streams[0]?.destroy();
    await expect.poll(() => appliance.subscribers()).toBe(31);
    const next = await follow();
    expect(next.statusCode).toBe(200);
    for (const stream of [next, ...streams]) stream.destroy();
  });

  it("takes a body of 256 KiB and refuses a longer one", async () => {
    const { path, appliance } = await serve();
    const padded = (length: number) => '{"keys":["UP"]}'.padEnd(length, " ");
    expect(await ask(path, "POST", "/v1/keys", padded(262_144))).toMatchObject({ status: 200 });
    expect(await ask(path, "POST", "/v1/keys", padded(262_145))).toMatchObject({ status: 413 });
    expect(appliance.inputs).toHaveLength(1);
  });

  it("takes an order of 1 MiB, and refuses a longer one", async () => {
    const { path, appliance } = await serve();
    const padded = (length: number) => '{"schema":1}'.padEnd(length, " ");
    expect(await ask(path, "POST", "/v1/settings", padded(1_048_576))).toMatchObject({ status: 200 });
    expect(await ask(path, "POST", "/v1/settings", padded(1_048_577))).toMatchObject({ status: 413 });
    expect(appliance.orders).toEqual([{ schema: 1 }]);
  });

  it("answers others while an order is carried out", async () => {
    const { path, appliance } = await serve();
    let end: (report: OrderReport) => void = () => {};
    const report = new Promise<OrderReport>((resolve) => {
      end = resolve;
    });
    appliance.answerOrders(() => report);
    const asked = ask(path, "POST", "/v1/settings", "{}");
    await expect.poll(() => appliance.orders).toHaveLength(1);
    expect(await ask(path, "GET", "/v1/screen")).toMatchObject({ status: 200 });
    end(keptReport);
    expect(JSON.parse((await asked).text)).toEqual(keptReport);
  });

  it("refuses a body that is not UTF-8", async () => {
    const { path } = await serve();
    const body = Buffer.from([...Buffer.from('{"text":"'), 0xff, ...Buffer.from('"}')]);
    expect(await ask(path, "POST", "/v1/keys", body)).toMatchObject({ status: 400 });
  });

  it("survives clients that speak nonsense or leave in the middle", async () => {
    const { path } = await serve();
    for (const text of ["\u0000\u0001\u0002\r\n\r\n", "POST /v1/keys HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"]) {
      await new Promise<void>((resolve) => {
        const socket = createConnection(path, () => socket.end(text));
        socket.on("error", () => {});
        socket.on("close", () => resolve());
        socket.resume();
      });
    }
    expect(await ask(path, "GET", "/v1/screen")).toMatchObject({ status: 200 });
  });
});

describe("over TCP under a prefix", () => {
  it("answers this machine only, and leaves other paths alone", async () => {
    const routes = controlRoutes(fakeAppliance(), { keys: true, settings: true });
    const handler = createHandler({
      routes,
      clock: createFakeClock(),
      log: silentLog,
      prefix: "/api",
      loopbackOnly: true,
    });
    const server = createServer((incoming, response) => {
      if (!handler(incoming, response)) response.writeHead(418).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const status = async (path: string, headers: Record<string, string> = {}) => {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ host: "127.0.0.1", port, path, headers }, resolve).on("error", reject).end();
      });
      response.resume();
      return response.statusCode;
    };
    try {
      expect(await status("/api/v1/screen")).toBe(200);
      expect(await status("/api/v1/screen?x=1")).toBe(200);
      expect(await status("/api/v1/screen", { host: "attacker.example" })).toBe(403);
      expect(await status("/api/v1/screen", { origin: "http://attacker.example" })).toBe(403);
      expect(await status("/v1/screen")).toBe(418);
      expect(await status("/apiv1/screen")).toBe(418);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    [{ host: "127.0.0.1:8080" }, true],
    [{ host: "localhost:8080" }, true],
    [{ host: "[::1]:8080" }, true],
    [{ host: "localhost" }, true],
    [{ host: "localhost:8080", origin: "http://localhost:8080" }, true],
    [{}, false],
    [{ host: "attacker.example:8080" }, false],
    [{ host: "localhost.attacker.example" }, false],
    [{ host: "127.0.0.1.attacker.example" }, false],
    [{ host: "10.0.0.1:8080" }, false],
    [{ host: "localhost:8080", origin: "null" }, false],
    [{ host: "localhost:8080", origin: "http://attacker.example" }, false],
    [{ host: "localhost:8080", origin: "http://localhost:9999" }, false],
    [{ host: "localhost:8080", origin: "https://localhost:8080" }, false],
  ])("judges %j: %s", (headers, answered) => {
    expect(isLoopbackRequest(headers)).toBe(answered);
  });
});
