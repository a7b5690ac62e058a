import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createMask, maskText } from "../../../src/model/mask.ts";
import { failed, ok } from "../../../src/model/result.ts";
import { type BundleAbout, bundleName, bundleOf, packBundle } from "../../../src/support/bundle.ts";
import type { Gathered } from "../../../src/support/gather.ts";
import type { Item } from "../../../src/support/items.ts";

const gathered = (file: string, change: Partial<Gathered> = {}, of: Partial<Item> = {}): Gathered => ({
  item: { file, from: { programs: [["ip", "rule"]] }, maxBytes: 1000, withoutRoot: "all", newestFirst: false, ...of },
  ms: 12,
  exitCode: 0,
  content: ok("[]\n"),
  note: "",
  ...change,
});

const about: BundleAbout = {
  madeAt: "2026-01-01T00:00:00.000Z",
  version: "0.1.0",
  isRoot: true,
  secrets: "1 stored one",
};

describe("the files of a bundle", () => {
  it("are an index, what is there, and the reason of what is missing", () => {
    const bundle = bundleOf(
      [
        gathered("rules.json", { note: "ip ended with 1", exitCode: 1 }),
        gathered(
          "status.json",
          { content: failed("nobody answers\nat all"), exitCode: null },
          { from: { told: "status" } },
        ),
        gathered("all.txt", {}, { from: { programs: [["df"], ["findmnt"]] } }),
      ],
      createMask([]),
      about,
    );
    expect(bundle.files.slice(1)).toEqual([
      { name: "rules.json", text: "[]\n" },
      { name: "status.json.missing", text: "nobody answers\nat all\n" },
      { name: "all.txt", text: "[]\n" },
    ]);
    expect(bundle.missing).toEqual([{ file: "status.json", reason: "nobody answers\nat all" }]);
    expect(bundle.files[0]).toEqual({
      name: "index.txt",
      text: `Support bundle of bezel 0.1.0, made at 2026-01-01T00:00:00.000Z by root
Secrets: 1 stored one

file                 bytes  ms  exit  from
rules.json           3      12  1     ip rule
    ip ended with 1
status.json.missing  22     12  -     bezel's status
    nobody answers
all.txt              3      12  0     df and 1 more
`,
    });
  });

  it("hold no secret: not in a content, a reason, a remark or the index", () => {
    const bundle = bundleOf(
      [
        gathered("a.txt", { content: ok("say canary-1 twice: canary-1\n"), note: "canary-1 is odd" }),
        gathered("b.txt", { content: failed("canary-1 refused") }),
        gathered("c.txt", {}, { from: { programs: [["echo", "canary-1"]] } }),
      ],
      createMask(["canary-1"]),
      about,
    );
    expect(JSON.stringify(bundle)).not.toContain("canary");
    expect(bundle.files[1]?.text).toBe(`say ${maskText} twice: ${maskText}\n`);
    expect(bundle.files[0]?.text).toContain("masked in 2 places");
  });

  it("say what root would get more of, to others only", () => {
    const items = [
      gathered("log.jsonl", {}, { withoutRoot: "less" }),
      gathered("filter.txt", { content: failed("not permitted") }, { withoutRoot: "nothing" }),
      gathered("permitted.txt", {}, { withoutRoot: "nothing" }),
      gathered("all.txt", { content: failed("nobody answers") }),
    ];
    const needRoot = (isRoot: boolean) => bundleOf(items, createMask([]), { ...about, isRoot }).needRoot;
    expect(needRoot(false)).toEqual(["log.jsonl", "filter.txt"]);
    expect(needRoot(true)).toEqual([]);
  });
});

describe("the packed bundle", () => {
  // 19 half-kilobytes of headers and contents, and one more, fill a record of tar to its end.
  it.each([1, 9, 10, 11, 37])(
    "of %d files is one that tar takes without complaint, to be read by its owner",
    async (count) => {
      const files = Array.from({ length: count }, (_, at) => ({ name: `network/${at}.txt`, text: `${at} ←\n` }));
      const packed = await packBundle(
        [...files, { name: "empty.txt", text: "" }],
        "bezel-support-1",
        Date.UTC(2026, 0, 1),
      );
      const tar = (...args: readonly string[]) =>
        spawnSync("tar", [...args, "--file=-"], {
          input: packed,
          encoding: "utf8",
          env: { ...process.env, TZ: "UTC" },
        });
      const listed = tar("--list", "--gzip", "--verbose", "--numeric-owner");
      expect([listed.status, listed.stderr]).toEqual([0, ""]);
      const lines = listed.stdout.trim().split("\n");
      expect(lines).toHaveLength(count + 1);
      expect(lines.at(-1)).toMatch(/^-rw------- 0\/0 +0 2026-01-01 00:00 bezel-support-1\/empty\.txt$/);
      const last = tar("--extract", "--gzip", "--to-stdout", `bezel-support-1/network/${count - 1}.txt`);
      expect(last.stdout).toBe(`${count - 1} ←\n`);
    },
  );

  it.each([
    ["29001", "bezel-support-29001-20260101T000000Z"],
    ["../A B", "bezel-support-.._A_B-20260101T000000Z"],
    ["", "bezel-support-unknown-20260101T000000Z"],
  ])("of serial %j is named %s", (serial, name) => {
    expect(bundleName(serial, "2026-01-01T00:00:00.000Z")).toBe(name);
  });
});
