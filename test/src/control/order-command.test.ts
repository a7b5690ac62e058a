import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { CommandParts } from "../../../src/control/run-client-command.ts";
import type { OrderReport } from "../../../src/model/order.ts";
import { useClientBench } from "./client-bench.ts";
import { keptReport } from "./fake-appliance.ts";

const { appliance, socket, serve, bezel } = useClientBench();

describe("order", () => {
  const document = '{"schema": 1, "revision": 7, "items": []}';
  const configured = (): CommandParts["files"] => ({
    read: async (path) => {
      const files = new Map([
        ["/etc/bezel/bezel.toml", `[control]\nsocket = "${socket()}"\n`],
        ["order.json", document],
        ["broken.json", "{"],
        ["bytes.json", "\xff"],
      ]);
      const text = files.get(path);
      if (text === undefined) throw new HalError("absent", path, "no such file");
      return Buffer.from(text, "latin1");
    },
  });
  const order = (file = "order.json", change: Partial<CommandParts> = {}, ...options: string[]) =>
    bezel(["order", file, ...options], { files: configured(), ...change });
  const failing = { ...keptReport, results: [...keptReport.results, { id: "route-1", ok: false, message: "no way" }] };

  it("sends the file and says what became of it", async () => {
    await serve();
    expect(await order()).toEqual({ code: 0, stdout: "kept, revision 7, 1 item\n", stderr: "" });
    expect(appliance().orders).toEqual([JSON.parse(document)]);
  });

  it("sends standard input", async () => {
    await serve();
    expect(await order("-", { stdin: async () => Buffer.from('{"schema":2}') })).toMatchObject({ code: 0 });
    expect(appliance().orders).toEqual([{ schema: 2 }]);
  });

  it.each<[string, OrderReport, 0 | 1, string]>([
    ["an item failed", failing, 1, "kept, revision 7, 1 of 2 items failed\nroute-1: no way\n"],
    [
      "it was refused",
      { revision: 7, outcome: "refused", reason: "a: no", results: [{ id: "a", ok: false, message: "no" }] },
      1,
      "refused, revision 7, 1 of 1 item failed: a: no\na: no\n",
    ],
    ["it has no items", { ...keptReport, results: [] }, 0, "kept, revision 7, 0 items\n"],
    [
      "it was not understood",
      { revision: null, outcome: "refused", reason: "no", results: [] },
      1,
      "refused, 0 items: no\n",
    ],
    [
      "it comes at a bad time",
      { revision: 7, outcome: "busy", reason: "busy", results: [] },
      1,
      "busy, revision 7, 0 items: busy\n",
    ],
    [
      "it cost the contact",
      { revision: 7, outcome: "reverted", reason: "x", results: [] },
      1,
      "reverted, revision 7, 0 items: x\n",
    ],
  ])("says that %s, and ends accordingly", async (_, report, code, stdout) => {
    await serve();
    appliance().answerOrders(() => report);
    expect(await order()).toEqual({ code, stdout, stderr: "" });
    const json = await order("order.json", {}, "--json");
    expect([json.code, JSON.parse(json.stdout)]).toEqual([code, report]);
  });

  it.each([
    ["missing.json", "missing.json: there is no such file"],
    ["broken.json", "broken.json: is not JSON"],
    ["bytes.json", "bytes.json: is not JSON"],
  ])("2: %s", async (file, message) => {
    await serve();
    expect(await order(file)).toEqual({ code: 2, stdout: "", stderr: `bezel: ${message}\n` });
    expect(appliance().orders).toEqual([]);
  });

  it.each([
    ["unsupported", "standard input: is larger than 1024 KiB"],
    ["io", "standard input: cannot be read: stdin: a reason"],
  ] as const)("2: standard input that is %s", async (kind, message) => {
    const stdin = () => Promise.reject(new HalError(kind, "stdin", "a reason"));
    expect(await order("-", { stdin })).toEqual({ code: 2, stdout: "", stderr: `bezel: ${message}\n` });
  });

  it("3: nobody answers; 4: the daemon takes no orders", async () => {
    expect((await order()).code).toBe(3);
    await serve({ keys: true, settings: false });
    const { code, stderr } = await order();
    expect([code, stderr]).toEqual([4, expect.stringMatching(/settings = true under \[control\]/)]);
  });

  it("waits for minutes", async () => {
    await serve();
    const clock = createFakeClock();
    appliance().answerOrders(async () => {
      await clock.advance(600_000);
      return keptReport;
    });
    expect(await order("order.json", { clock })).toMatchObject({ code: 0 });
  });

  it("takes a report of thousands of items", async () => {
    await serve();
    const message = "10.9.0.0/16: the gateway 10.77.0.1 cannot be reached, LAN is 10.88.0.99/24".padEnd(300, ".");
    const results = Array.from({ length: 5000 }, (_, n) => ({ id: `item-${n}`.padEnd(64, "-"), ok: false, message }));
    appliance().answerOrders(() => ({ ...keptReport, results }));
    const { code, stdout } = await order();
    expect([code, stdout.split("\n").length]).toEqual([1, 5002]);
  });

  describe("when it is interrupted", () => {
    const interruptedWhile = async (stdout: OrderReport, canceled: boolean) => {
      await serve();
      if (!canceled) appliance().cancelOrder();
      const interrupted = new AbortController();
      const report = new Promise<OrderReport>((resolve) => {
        appliance().answerOrders(() => {
          interrupted.abort();
          return report;
        });
        const seen = appliance().cancelOrder;
        appliance().cancelOrder = () => {
          resolve(stdout);
          return seen();
        };
      });
      return order("order.json", { untilInterrupted: () => interrupted.signal });
    };

    it("takes the order back, and says what became of it", async () => {
      const canceled = { ...keptReport, outcome: "canceled" as const, reason: "it was canceled", results: [] };
      expect(await interruptedWhile(canceled, true)).toEqual({
        code: 1,
        stdout: "canceled, revision 7, 0 items: it was canceled\n",
        stderr: "bezel: canceling the order\n",
      });
    });

    it("says so when it was too late", async () => {
      expect(await interruptedWhile(keptReport, false)).toEqual({
        code: 0,
        stdout: "kept, revision 7, 1 item\n",
        stderr: "bezel: canceling the order\nbezel: there is no order to cancel any more\n",
      });
    });

    it("does not wait for a daemon that cannot be told", async () => {
      const server = await serve();
      const interrupted = new AbortController();
      appliance().answerOrders(async () => {
        // Nobody is to be reached at the socket any more; the order hangs on.
        await rm(socket());
        interrupted.abort();
        return new Promise<OrderReport>(() => {});
      });
      const { code, stderr } = await order("order.json", { untilInterrupted: () => interrupted.signal });
      expect([code, stderr]).toEqual([3, expect.stringMatching(/no answer \(the order could not be canceled\)/)]);
      await server.close();
    });
  });
});
