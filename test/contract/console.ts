import { afterEach, describe, expect, it } from "vitest";
import type { ConsolePort, ConsolePorts } from "../../hal/console.ts";

/** A machine with one console cable for the contract to plug and pull. */
export interface ConsoleBench {
  readonly ports: ConsolePorts;
  readonly device: string;
  /** A pattern that matches the device. */
  readonly pattern: string;
  plug(): Promise<void>;
  unplug(): Promise<void>;
  /** What a person types at the far end. */
  type(text: string): Promise<void>;
  /** What has arrived at the far end since the last call, once it ends in `end`. */
  printed(end: string): Promise<string>;
  close(): Promise<void>;
}

const line = { baud: 9600, stopBits: 2 } as const;

/** What every implementation of {@link ConsolePorts} promises. */
export function describeConsolePorts(name: string, setUp: () => Promise<ConsoleBench>): void {
  describe(`console contract: ${name}`, () => {
    const cleanups: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
      for (const clean of cleanups.splice(0).reverse()) await clean();
    });
    const bench = async () => {
      const made = await setUp();
      cleanups.push(made.close);
      return made;
    };
    const opened = async () => {
      const made = await bench();
      await made.plug();
      const port = await made.ports.open(made.device, line);
      cleanups.push(port.close);
      return { ...made, port };
    };
    /** Watches, and returns a function that waits for the next report. */
    const watched = ({ ports, pattern }: ConsoleBench) => {
      const reports: (readonly string[])[] = [];
      let wake = () => {};
      cleanups.push(
        ports.watch([pattern], (devices) => {
          reports.push(devices);
          wake();
        }),
      );
      return async () => {
        while (reports.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return reports.shift();
      };
    };
    const readAll = async (port: ConsolePort, length: number) => {
      let text = "";
      while (text.length < length) text += Buffer.from(await port.read()).toString("latin1");
      return text;
    };

    it("carries bytes both ways, unchanged", async () => {
      const { port, type, printed } = await opened();
      expect(port.device).toMatch(/./);
      await port.write(new TextEncoder().encode("\u001b[2J\r\n\u0003end"));
      expect(await printed("end")).toBe("\u001b[2J\r\n\u0003end");
      await type("\u001b[A\r\u0003\u007f");
      expect(await readAll(port, 6)).toBe("\u001b[A\r\u0003\u007f");
    });

    it("waits for input, and gives at least one byte", async () => {
      const { port, type } = await opened();
      const reading = port.read();
      await type("x");
      expect(await reading).toEqual(new Uint8Array([0x78]));
    });

    it("reads and writes at the same time", async () => {
      const { port, type, printed } = await opened();
      const reading = port.read();
      await port.write(new TextEncoder().encode("out"));
      expect(await printed("out")).toBe("out");
      await type("i");
      expect(Buffer.from(await reading).toString()).toBe("i");
    });

    it("refuses a second read or write while one waits", async () => {
      const { port, type } = await opened();
      const reading = port.read();
      await expect(port.read()).rejects.toMatchObject({ kind: "busy" });
      const writing = port.write(new Uint8Array([1]));
      await expect(port.write(new Uint8Array([2]))).rejects.toMatchObject({ kind: "busy" });
      await writing;
      await type("x");
      expect(await reading).toHaveLength(1);
    });

    it("opens exclusively, and again after close", async () => {
      const { port, ports, device } = await opened();
      await expect(ports.open(device, line)).rejects.toMatchObject({ kind: "busy", device });
      await port.close();
      await (await ports.open(device, line)).close();
    });

    it("rejects with `closed` after close, also what was waiting; close again does nothing", async () => {
      const { port } = await opened();
      const reading = expect(port.read()).rejects.toMatchObject({ name: "HalError", kind: "closed" });
      await port.close();
      await reading;
      await expect(port.read()).rejects.toMatchObject({ kind: "closed" });
      await expect(port.write(new Uint8Array([1]))).rejects.toMatchObject({ kind: "closed" });
      await port.close();
    });

    it("rejects with `closed` at a hang-up, also a read that was waiting", async () => {
      const { port, unplug } = await opened();
      const reading = expect(port.read()).rejects.toMatchObject({ kind: "closed" });
      await unplug();
      await reading;
      await expect(port.read()).rejects.toMatchObject({ kind: "closed" });
      await expect(port.write(new Uint8Array([1]))).rejects.toMatchObject({ kind: "closed" });
    });

    it("works again under the same name after a replug", async () => {
      const { port, plug, unplug, ports, device, type } = await opened();
      const reading = expect(port.read()).rejects.toMatchObject({ kind: "closed" });
      await unplug();
      await reading;
      await port.close();
      await plug();
      const again = await ports.open(device, line);
      const next = again.read();
      await type("y");
      expect(Buffer.from(await next).toString()).toBe("y");
      await again.close();
    });

    it("refuses a device that is not there", async () => {
      const { ports, device } = await bench();
      await expect(ports.open(device, line)).rejects.toMatchObject({ name: "HalError", kind: "absent", device });
    });

    it("reports what is there now, what comes and what goes", async () => {
      const made = await bench();
      const next = watched(made);
      expect(await next()).toEqual([]);
      await made.plug();
      expect(await next()).toEqual([made.device]);
      await made.unplug();
      expect(await next()).toEqual([]);
      await made.plug();
      expect(await next()).toEqual([made.device]);
      const nextOfAnother = watched(made);
      expect(await nextOfAnother()).toEqual([made.device]);
    });

    it("reports nothing after the watch was stopped", async () => {
      const made = await bench();
      const reports: (readonly string[])[] = [];
      made.ports.watch([made.pattern], (devices) => reports.push(devices))();
      const next = watched(made);
      await next();
      await made.plug();
      await next();
      expect(reports).toEqual([]);
    });
  });
}
