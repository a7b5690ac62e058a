import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createAnswer } from "../../../src/helper/answer.ts";
import { socketLine } from "../../../src/helper/client.ts";
import {
  createChildScanHelper,
  createScanHelper,
  maxScanReplyBytes,
  maxScanRequestBytes,
} from "../../../src/helper/scan/client.ts";
import { scanVerbs } from "../../../src/helper/scan/verbs.ts";
import { serveHelper } from "../../../src/helper/server.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createModelKernel } from "../../support/model-scan-kernel.ts";
import { connect, pending } from "./peer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bezel-helper-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

/** The helper inside, on a real socket, over a modelled kernel with 4094 links of three addresses each. */
async function serve() {
  const kernel = createModelKernel();
  for (let tag = 1; tag <= 4094; tag++) {
    const addresses = [
      `10.${tag >> 8}.${tag & 255}.20/24`,
      `2001:db8:${tag.toString(16)}::20/64`,
      "fe80::1234:5678:9abc/64",
    ];
    kernel.add({ name: `lan0.${tag}`, up: true, addresses: addresses.map((text) => ({ text })) });
  }
  const path = join(folder, "scan.sock");
  const clock = createFakeClock();
  const controller = new AbortController();
  const ethernet = { setMode: () => Promise.reject(new Error("not asked for")) };
  const machine = { interfaces: { lan: "lan0", wan: "wan0" }, ethernet, processes: kernel.inside };
  const answer = createAnswer({ machine, log: silentLog, verbs: scanVerbs });
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((listening) => {
    const options = { answer, clock, signal: controller.signal, maxRequestBytes: maxScanRequestBytes, listening };
    ended = serveHelper({ ...options, listen: { path } });
  });
  const line = socketLine({ path, unit: "bezel-scan", clock: createFakeClock(), maxReplyBytes: maxScanReplyBytes });
  const stop = async () => {
    controller.abort();
    await ended;
  };
  return { kernel, path, clock, line, helper: createScanHelper({ beside: line, inside: line }), stop };
}

describe("the helper of the scans", { timeout: 60_000 }, () => {
  it("takes a request and gives a reply as long as there can be", async () => {
    const { kernel, helper, stop } = await serve();
    const read = await helper.readState({ tags: null, routes: true }, never);
    expect(read.ok && read.value.links.map(({ addresses }) => addresses.length)).toEqual(Array(4094).fill(3));
    const changes = Array.from({ length: 700 }, (_, at) => ({
      tag: at + 3001,
      remove: [`10.${(at + 3001) >> 8}.${(at + 3001) & 255}.20/24`, `2001:db8:${(at + 3001).toString(16)}::20/64`],
      add: ["10.200.200.200/24", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"],
    }));
    expect(await helper.setLinks(changes, never)).toEqual({ ok: true, value: [] });
    expect(kernel.links[3000]?.addresses.map(({ text }) => text)).toContain("10.200.200.200/24");
    const none = Array.from({ length: 700 }, (_, at) => ({ tag: at + 1, remove: ["10.0.0.1/8"], add: [] }));
    const refused = await helper.setLinks(none, never);
    expect(refused.ok && refused.value).toHaveLength(700);
    await stop();
  });

  it("lets go of a peer that does not take its reply", async () => {
    const { path, clock, stop } = await serve();
    const { socket } = await connect(path);
    socket.pause();
    socket.write('{"verb":"scan-read","port":"lan","tags":null,"routes":false}\n');
    await pending(clock, "reply");
    await clock.advance(10_000);
    await pending(clock, "helper idle");
    socket.destroy();
    await stop();
  });

  it("names its own units where nobody listens", async () => {
    const line = socketLine({ path: join(folder, "none.sock"), unit: "bezel-scan", clock: createFakeClock() });
    const detail = expect.stringContaining("is bezel-scan.socket started? (systemctl start bezel-scan.socket)");
    expect(await createScanHelper({ beside: line, inside: line }).readState({ tags: [], routes: true }, never)).toEqual(
      {
        ok: false,
        error: { kind: "unavailable", detail },
      },
    );
  });

  it("is a child inside the namespace where root runs the controller", async () => {
    const runs: (readonly string[])[] = [];
    const processes = {
      run: async (argv: readonly string[]) => {
        runs.push(argv);
        return { kind: "exited" as const, code: 0, stdout: '{"ok":true,"value":[]}\n', stderr: "" };
      },
    };
    const helper = createChildScanHelper({ processes, argv: ["node", "bezel.cjs", "helper"] });
    expect(await helper.makeLinks([1], never)).toEqual({ ok: true, value: [] });
    expect(await helper.removeLinks([1], never)).toEqual({ ok: true, value: [] });
    expect(runs).toEqual([
      ["node", "bezel.cjs", "helper"],
      ["nsenter", "--net=/run/netns/scan", "--", "node", "bezel.cjs", "helper", "--inside"],
    ]);
  });
});
