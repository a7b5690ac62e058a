import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openTerminal, terminalDevice } from "../../sim/terminal.ts";

const line = { baud: 9600, stopBits: 2 } as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

function start() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => modes.push(raw) });
  const output: PassThrough & { columns?: number; rows?: number } = new PassThrough();
  let interrupts = 0;
  const terminal = openTerminal({
    input,
    output,
    header: () => ["http://127.0.0.1:8080"],
    interrupted: () => {
      interrupts += 1;
    },
  });
  const { ports } = terminal;
  const open = () => ports.open(terminalDevice, line);
  const printed = () => String(output.read() ?? "");
  return { modes, input, output, terminal, ports, open, printed, interrupts: () => interrupts };
}

describe("the terminal of the bench", () => {
  it("is the only console of its ports, whatever the patterns say", async () => {
    const { ports, open } = start();
    const seen: (readonly string[])[] = [];
    ports.watch(["/dev/ttyUSB*"], (devices) => seen.push(devices));
    ports.watch([], () => seen.push(["after the end"]))();
    await turn();
    expect(seen).toEqual([[terminalDevice]]);
    expect((await open()).attended).toMatchObject({ header: ["http://127.0.0.1:8080"] });
    await expect(ports.open("/dev/ttyUSB0", line)).rejects.toMatchObject({ kind: "absent" });
  });

  it("is raw until it is closed, and is given back once", async () => {
    const { modes, terminal, printed, input, output } = start();
    expect(printed()).toBe("\x1b[?1049h");
    terminal.close();
    terminal.close();
    expect(modes).toEqual([true, false]);
    expect(printed()).toBe("\x1b[?25h\x1b[?1049l");
    expect(input.listenerCount("readable")).toBe(0);
    expect(output.listenerCount("resize")).toBe(0);
  });

  it("reads what is typed, also what came before the read, and writes", async () => {
    const { open, input, printed } = start();
    const port = await open();
    printed();
    input.write("\x1b[A");
    await turn();
    expect(text(await port.read())).toBe("\x1b[A");
    const reading = port.read();
    input.write("x");
    expect(text(await reading)).toBe("x");
    await port.write(new TextEncoder().encode("hello"));
    expect(printed()).toBe("hello");
  });

  it("calls Ctrl-C an interrupt and hands on the keys around it", async () => {
    const { open, input, interrupts } = start();
    const port = await open();
    const reading = port.read();
    input.write("\x03");
    await turn();
    expect(interrupts()).toBe(1);
    input.write("a\x03b");
    expect(text(await reading)).toBe("ab");
    expect(interrupts()).toBe(2);
  });

  it("answers Ctrl-C and loses the rest while nobody has it open", async () => {
    const { open, input, interrupts } = start();
    const first = await open();
    const reading = expect(first.read()).rejects.toMatchObject({ kind: "closed" });
    await first.close();
    await reading;
    input.write("lost\x03");
    await turn();
    expect(interrupts()).toBe(1);
    const second = await open();
    const next = second.read();
    input.write("new");
    expect(text(await next)).toBe("new");
  });

  it("asks for a repaint when it is resized", async () => {
    const { open, output } = start();
    const port = await open();
    const reading = port.read();
    output.emit("resize");
    expect(text(await reading)).toBe("\x0c");
  });

  it("knows its size, and takes that of a VT100 where there is none", async () => {
    const { open, output } = start();
    const { attended } = await open();
    expect(attended?.size?.()).toEqual({ cols: 80, rows: 24 });
    Object.assign(output, { columns: 40, rows: 10 });
    expect(attended?.size?.()).toEqual({ cols: 40, rows: 10 });
    Object.assign(output, { columns: 0, rows: 0 });
    expect(attended?.size?.()).toEqual({ cols: 80, rows: 24 });
  });

  it("opens once at a time, reads and writes once at a time", async () => {
    const { open, output } = start();
    const port = await open();
    await expect(open()).rejects.toMatchObject({ kind: "busy" });
    void port.read().catch(() => {});
    await expect(port.read()).rejects.toMatchObject({ kind: "busy" });
    output.cork();
    const writing = port.write(Uint8Array.of(0x61));
    await expect(port.write(Uint8Array.of(0x62))).rejects.toMatchObject({ kind: "busy" });
    output.uncork();
    await writing;
    await port.close();
    await port.close();
    await expect(port.read()).rejects.toMatchObject({ kind: "closed" });
    await expect(port.write(Uint8Array.of(0x61))).rejects.toMatchObject({ kind: "closed" });
    await expect(open()).resolves.toBeDefined();
  });

  it("is closed, and the bench told, when the terminal goes away", async () => {
    const { open, input, interrupts, modes } = start();
    const port = await open();
    const reading = expect(port.read()).rejects.toMatchObject({ kind: "closed" });
    input.end();
    await reading;
    expect(interrupts()).toBe(1);
    expect(modes).toEqual([true, false]);
    await expect(open()).rejects.toMatchObject({ kind: "closed" });
  });
});
