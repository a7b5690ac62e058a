import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createProxy } from "../../../sim/network/proxy.ts";
import { createRelay, type Way } from "../../../sim/network/relay.ts";
import { initialWorld, type ProxyState } from "../../../sim/network/world.ts";

const curlInstalled = await new Promise<boolean>((resolve) =>
  execFile("curl", ["-V"], (error) => resolve(error === null)),
);
const ntlmInstalled = await new Promise<boolean>((resolve) =>
  execFile("curl", ["-V"], (_, stdout) => resolve(stdout.includes("NTLM"))),
);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that answers one HTTP request, or echoes what is no HTTP. */
async function origin(): Promise<{ host: string; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const http = bytes.toString("latin1").startsWith("GET ");
      if (http) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
      else socket.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

async function openRelay(first: Way) {
  let way = first;
  let changed = () => {};
  const relay = await createRelay({
    clock: createFakeClock(),
    port: 0,
    target: await origin(),
    way: () => way,
    watch: (listener) => {
      changed = listener;
      return () => {};
    },
  });
  cleanups.push(relay.close);
  const set = (next: Way) => {
    way = next;
    changed();
  };
  return { relay, set };
}

function dial(port: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    cleanups.push(() => socket.destroy());
    socket.once("connect", () => resolve(socket));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

async function connected(port: number): Promise<Socket> {
  const socket = await dial(port);
  if (typeof socket === "string") throw new Error(`port ${port}: ${socket}`);
  return socket;
}

/** Listening ends and begins on a later turn of the event loop. */
async function eventually<T>(port: number, wanted: (outcome: Socket | string) => outcome is T & (Socket | string)) {
  for (;;) {
    const outcome = await dial(port);
    if (wanted(outcome)) return outcome;
  }
}
const isSocket = (outcome: Socket | string): outcome is Socket => typeof outcome !== "string";
const isRefused = (outcome: Socket | string): outcome is string => outcome === "ECONNREFUSED";

describe("the relay", () => {
  it("passes bytes both ways", async () => {
    const { relay } = await openRelay("open");
    const socket = await connected(relay.port);
    socket.write("ping");
    expect(String((await once(socket, "data"))[0])).toBe("ping");
  });

  it("refuses while the way is blocked and takes connections on the same port when it opens", async () => {
    const { relay, set } = await openRelay("blocked");
    expect(await eventually(relay.port, isRefused)).toBe("ECONNREFUSED");
    set("open");
    await eventually(relay.port, isSocket);
    set("blocked");
    expect(await eventually(relay.port, isRefused)).toBe("ECONNREFUSED");
  });

  it("holds what is on the way while the cable is out, and delivers it when it is back", async () => {
    const { relay, set } = await openRelay("open");
    const socket = await connected(relay.port);
    socket.write("one");
    await once(socket, "data");
    set("blocked");
    socket.write("two");
    let early = false;
    socket.once("data", () => {
      early = true;
    });
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(early).toBe(false);
    const arrived = once(socket, "data");
    set("open");
    expect(String((await arrived)[0])).toBe("two");
  });

  it("delivers every byte once, however often the way is open", async () => {
    const { relay, set } = await openRelay("open");
    const socket = await connected(relay.port);
    set("open");
    set("open");
    socket.end("ping");
    const heard: Buffer[] = [];
    for await (const bytes of socket) heard.push(bytes);
    expect(String(Buffer.concat(heard))).toBe("ping");
  });

  it("cuts all connections when the box loses its power", async () => {
    const { relay, set } = await openRelay("open");
    const socket = await connected(relay.port);
    socket.write("one");
    await once(socket, "data");
    const ended = once(socket, "close");
    set("gone");
    await expect(ended).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

async function openProxy(state: Partial<ProxyState>) {
  const target = await origin();
  const proxy = await createProxy({
    state: () => ({ ...initialWorld.proxy, ...state }),
    route: ({ host, port }) => (host === "platform.example" && port === 443 ? target : null),
  });
  cleanups.push(proxy.close);
  return proxy;
}

function curl(port: number, ...args: string[]): Promise<{ code: number; status: string; body: string }> {
  const common = ["-q", "-s", "-p", "-m", "5", "-w", "\n%{http_connect}", "-x", `http://127.0.0.1:${port}`];
  return new Promise((resolve) => {
    execFile("curl", [...common, ...args], (error, stdout) => {
      const [body = "", status = ""] = stdout.split("\n");
      resolve({ code: typeof error?.code === "number" ? error.code : 0, status, body });
    });
  });
}

const url = "http://platform.example:443/";
const basic = ["--proxy-basic", "-U", "bench:bench"];
const ntlm = ["--proxy-ntlm", "-U", "CORP\\bench:bench"];

describe.skipIf(!curlInstalled)("the proxy, asked by curl (skipped where curl is not installed)", () => {
  it.each<[string, Partial<ProxyState>, string[], object]>([
    ["lets everybody through", {}, [], { code: 0, status: "200", body: "hello" }],
    ["asks for Basic", { auth: "basic" }, [], { status: "407", body: "" }],
    ["takes Basic", { auth: "basic" }, basic, { code: 0, status: "200", body: "hello" }],
    ["refuses a wrong password", { auth: "basic" }, ["--proxy-basic", "-U", "bench:no"], { status: "407" }],
    ["asks for NTLM", { auth: "ntlm" }, basic, { status: "407" }],
    ["forbids", { answer: "403" }, [], { status: "403" }],
    ["asks whatever was given", { answer: "407", auth: "basic" }, basic, { status: "407" }],
    ["is overloaded", { answer: "503" }, [], { status: "503" }],
    ["resets", { answer: "reset" }, [], { code: 56, status: "000" }],
    ["hangs", { answer: "hang" }, ["-m", "0.2"], { code: 28, status: "000" }],
  ])("%s", async (_, state, args, outcome) => {
    const proxy = await openProxy(state);
    expect(await curl(proxy.port, ...args, url)).toMatchObject(outcome);
  });

  it("knows no other name, and only CONNECT", async () => {
    const proxy = await openProxy({});
    expect(await curl(proxy.port, "http://other.example:443/")).toMatchObject({ status: "502" });
    const socket = await connected(proxy.port);
    socket.write("GET http://platform.example/ HTTP/1.1\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toContain("405 Method Not Allowed");
  });

  it("ends a request head without an end", async () => {
    const proxy = await openProxy({});
    const socket = await connected(proxy.port);
    socket.write(`CONNECT ${"x".repeat(20_000)}`);
    expect(String((await once(socket, "data"))[0])).toContain("400 Bad Request");
  });
});

describe.skipIf(!ntlmInstalled)("NTLM, asked by curl (skipped where curl lacks NTLM)", () => {
  it.each([
    ["takes the user after the challenge", ntlm, { code: 0, status: "200", body: "hello" }],
    ["takes the user of no domain", ["--proxy-ntlm", "-U", "Bench:bench"], { code: 0, status: "200" }],
    ["refuses another one", ["--proxy-ntlm", "-U", "other:bench"], { status: "407" }],
    ["refuses a wrong password", ["--proxy-ntlm", "-U", "CORP\\bench:no"], { status: "407" }],
    ["refuses an empty one", ["--proxy-ntlm", "-U", "CORP\\bench:"], { status: "407" }],
  ])("%s", async (_, args, outcome) => {
    const proxy = await openProxy({ auth: "ntlm" });
    expect(await curl(proxy.port, ...args, url)).toMatchObject(outcome);
  });
});
