import { describe, expect, it } from "vitest";
import { createConsolePair } from "../../../hal/mock/console-pair.ts";
import { describeConsolePorts } from "../../contract/console.ts";

const device = "/dev/ttyUSB0";
const line = { baud: 9600, stopBits: 2 } as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describeConsolePorts("mock", async () => {
  const pair = createConsolePair();
  return {
    ports: pair,
    device,
    pattern: "/dev/ttyUSB*",
    plug: async () => pair.plug(device),
    unplug: async () => pair.unplug(device),
    type: async (text) => pair.peer(device).write(text),
    printed: async () => pair.peer(device).take(),
    close: async () => {},
  };
});

describe("mock consoles", () => {
  const opened = async (options = {}) => {
    const pair = createConsolePair(options);
    pair.plug(device);
    return { pair, port: await pair.open(device, line), peer: pair.peer(device) };
  };

  it("tears input apart where it is told to", async () => {
    const { port, peer } = await opened({ readBytes: 2 });
    peer.write("\u001b[A");
    expect(Buffer.from(await port.read()).toString()).toBe("\u001b[");
    expect(Buffer.from(await port.read()).toString()).toBe("A");
  });

  it("holds writes while the terminal has stopped the flow", async () => {
    const { port, peer } = await opened();
    peer.hold(true);
    let written = false;
    const writing = port.write(Buffer.from("x")).then(() => {
      written = true;
    });
    for (let round = 0; round < 5; round++) await turn();
    expect([written, peer.take()]).toEqual([false, ""]);
    peer.hold(false);
    await writing;
    expect(peer.take()).toBe("x");
  });

  it("puts characters together that two writes tore apart", async () => {
    const { port, peer } = await opened();
    const [first, ...rest] = Buffer.from("→");
    await port.write(Uint8Array.of(first ?? 0));
    expect(peer.take()).toBe("");
    await port.write(Uint8Array.from(rest));
    expect(peer.take()).toBe("→");
  });

  it("loses what is typed while nobody has the port open", async () => {
    const pair = createConsolePair();
    pair.plug(device);
    pair.peer(device).write("early");
    const port = await pair.open(device, line);
    pair.peer(device).write("x");
    expect(Buffer.from(await port.read()).toString()).toBe("x");
  });

  it("fails the next open as told", async () => {
    const pair = createConsolePair();
    pair.plug(device);
    pair.failOpen(device, "denied");
    await expect(pair.open(device, line)).rejects.toMatchObject({ kind: "denied" });
    await (await pair.open(device, line)).close();
  });

  it("reports the absence between two plugs, however short", async () => {
    const pair = createConsolePair();
    pair.plug(device);
    const reports: (readonly string[])[] = [];
    pair.watch([device], (devices) => reports.push(devices));
    pair.unplug(device);
    pair.plug(device);
    pair.plug("/dev/ttyS0");
    for (let round = 0; round < 3; round++) await turn();
    expect(reports).toEqual([[device], [], [device]]);
  });
});
