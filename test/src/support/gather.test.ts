import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import type { Argv, Processes } from "../../../hal/processes.ts";
import { failed, ok } from "../../../src/model/result.ts";
import { type GatherParts, gather, limits, type Told } from "../../../src/support/gather.ts";
import type { Item } from "../../../src/support/items.ts";

const nothing = async () => failed("not asked");
const told: Told = {
  status: nothing,
  screen: nothing,
  faults: nothing,
  config: nothing,
  settings: nothing,
  plan: nothing,
};

const item = (file: string, programs: readonly Argv[], change: Partial<Item> = {}): Item => ({
  file,
  from: { programs },
  maxBytes: 1000,
  withoutRoot: "all",
  newestFirst: false,
  ...change,
});

function start(items: readonly Item[], change: Partial<GatherParts> = {}) {
  const clock = createFakeClock();
  const processes = createScriptedProcesses([]);
  const gathered = gather(items, { clock, processes, told, signal: new AbortController().signal, ...change });
  return { clock, gathered };
}

/** What becomes of an item with these programs, when they end so. */
async function gatherOne(change: Partial<Item>, ...replies: readonly (readonly [Argv, Reply])[]) {
  const processes = createScriptedProcesses(replies.map(([expect, reply]) => ({ expect, reply })));
  const one = item(
    "one.txt",
    replies.map(([argv]) => argv),
    change,
  );
  const [gathered] = await start([one], { processes }).gathered;
  processes.done();
  return gathered;
}

describe("an item", () => {
  it("of one program is its output as it is", async () => {
    expect(await gatherOne({}, [["ip", "rule"], { stdout: "[]\n" }])).toMatchObject({
      content: ok("[]\n"),
      exitCode: 0,
      note: "",
    });
  });

  it("of several has each output under its command line, with what went wrong", async () => {
    const gathered = await gatherOne(
      {},
      [["curl", "--version"], { stdout: "curl 7.88.1\n" }],
      [["nft", "--version"], { kind: "notFound", program: "nft" }],
      [["ethtool", "lan0"], { code: 75, stderr: "netlink error: No such device\nmore\n" }],
    );
    expect(gathered).toMatchObject({
      content: ok(
        [
          "# curl --version\ncurl 7.88.1\n",
          "# nft --version\n(nft is not installed)\n",
          "# ethtool lan0\n(ethtool ended with 75: netlink error: No such device)\n",
        ].join("\n"),
      ),
      exitCode: 75,
      note: "nft is not installed; ethtool ended with 75: netlink error: No such device",
    });
  });

  it.each<[string, Reply, string]>([
    ["is not there", { kind: "notFound", program: "nft" }, "nft is not installed"],
    ["refuses", { code: 1, stderr: "Operation not permitted\n" }, "nft ended with 1: Operation not permitted"],
    ["fails without a word", { code: 2 }, "nft ended with 2"],
    ["is too slow", { kind: "timeout", stdout: "", stderr: "" }, "nft: no end within 10 s"],
  ])("is missing where its program %s", async (_, reply, reason) => {
    expect((await gatherOne({}, [["nft", "list"], reply]))?.content).toEqual(failed(reason));
  });

  it("keeps what a program printed before it failed, hung or printed too much", async () => {
    const kept = async (reply: Reply) => {
      const gathered = await gatherOne({ maxBytes: 2048 }, [["ss"], reply]);
      return [gathered?.content, gathered?.note];
    };
    expect(await kept({ code: 3, stdout: "a\n" })).toEqual([ok("a\n"), "ss ended with 3"]);
    expect(await kept({ kind: "timeout", stdout: "a\n", stderr: "" })).toEqual([ok("a\n"), "ss: no end within 10 s"]);
    expect(await kept({ kind: "tooMuchOutput", stdout: "a\nb", stderr: "" })).toEqual([
      ok("a\nb"),
      "ss: cut off after 2 KiB",
    ]);
  });

  it("of a log has its oldest line first, and no half of one", async () => {
    const log = async (reply: Reply) => (await gatherOne({ newestFirst: true }, [["journalctl"], reply]))?.content;
    expect(await log({ stdout: "3\n2\n1\n" })).toEqual(ok("1\n2\n3\n"));
    expect(await log({ kind: "tooMuchOutput", stdout: "3\n2\n1 is too lo", stderr: "" })).toEqual(ok("2\n3\n"));
    expect(await log({ stdout: "" })).toEqual(ok(""));
  });

  it("that is too long where nobody else counts its bytes is cut off", async () => {
    const status: Item = { ...item("status.json", []), from: { told: "status" }, maxBytes: 1024 };
    const long = { ...told, status: async () => ok("x".repeat(1025)) };
    expect(await start([status], { told: long }).gathered).toMatchObject([
      { content: ok("x".repeat(1024)), note: "cut off after 1 KiB" },
    ]);
  });

  it("is missing where the machine can start no program", async () => {
    const run = () => Promise.reject(new HalError("io", "nft", "no memory"));
    expect(await start([item("a", [["nft"]])], { processes: { run } }).gathered).toMatchObject([
      { content: failed("nft: no memory") },
    ]);
  });

  it("that a bug of ours breaks is not passed over", async () => {
    const run = () => Promise.reject(new Error("a bug"));
    await expect(start([item("a", [["nft"]])], { processes: { run } }).gathered).rejects.toThrow("a bug");
  });
});

describe("gathering", () => {
  /** Ends when its signal aborts, or, for `stuck`, never: as a child that the kernel does not let go of. */
  const hanging = (ran: string[]): Processes => ({
    run: ([program], { signal }) => {
      ran.push(program);
      if (program === "well") return Promise.resolve({ kind: "exited", code: 0, stdout: "well\n", stderr: "" });
      return new Promise((resolve) => {
        if (program === "stuck") return;
        signal?.addEventListener("abort", () => resolve({ kind: "aborted", stdout: "", stderr: "" }));
      });
    },
  });

  it("gives each item ten seconds, four at a time, and keeps their order", async () => {
    const ran: string[] = [];
    const names = ["hangs", "stuck", "hangs", "hangs", "well", "well"];
    const items = names.map((name, at) => item(`${at}`, [[name]]));
    const { clock, gathered } = start(items, { processes: hanging(ran) });
    await clock.advance(limits.itemMs - 1);
    expect(ran).toEqual(names.slice(0, 4));
    await clock.advance(1);
    expect(ran).toEqual(names);
    await clock.advance(3000);
    const contents = (await gathered).map(({ content }) => content);
    expect(contents).toEqual([
      failed("hangs: no end within the time for it"),
      failed("no end within 10 s"),
      failed("hangs: no end within the time for it"),
      failed("hangs: no end within the time for it"),
      ok("well\n"),
      ok("well\n"),
    ]);
    expect(clock.pending()).toEqual([]);
  });

  it("ends within a minute where everything hangs, and says of each item that it is missing", async () => {
    const items = Array.from({ length: 40 }, (_, at) => item(`${at}`, [["stuck"], ["stuck"]]));
    const { clock, gathered } = start(items, { processes: hanging([]) });
    let ended = false;
    void gathered.then(() => {
      ended = true;
    });
    await clock.advance(60_000);
    expect(ended).toBe(true);
    const contents = (await gathered).map(({ content }) => content);
    expect(contents.slice(0, 4)).toEqual(Array(4).fill(failed("no end within 10 s")));
    expect(contents.at(-1)).toEqual(failed("no time was left for it"));
    expect(contents).toHaveLength(40);
    expect(clock.pending()).toEqual([]);
  });

  it("ends at once when it is interrupted, what does not hang included", async () => {
    const interruption = new AbortController();
    const { gathered, clock } = start([item("a", [["hangs"]]), item("b", [["well"]])], {
      processes: hanging([]),
      signal: interruption.signal,
    });
    await clock.advance(0);
    interruption.abort();
    expect((await gathered).map(({ content }) => content.ok)).toEqual([false, true]);
    expect(clock.pending()).toEqual([]);
  });
});
