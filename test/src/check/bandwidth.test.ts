import { describe, expect, it } from "vitest";
import {
  type Bandwidth,
  type Download,
  downloadsOf,
  isEnough,
  judgeDownload,
  mbpsOf,
  measureBandwidth,
  whyNoDownload,
} from "../../../src/check/bandwidth.ts";
import { describeBandwidth } from "../../../src/check/document.ts";
import type { HttpsOutcome } from "../../../src/https/https.ts";
import { failedWith, someSeen } from "./some-seen.ts";

/** So many bytes, the last of them so long after the first. */
const reply = (bytes: number, ms: number, status = 200): HttpsOutcome => ({
  kind: "reply",
  status,
  body: new Uint8Array(bytes),
  timings: { connectedMs: 1, tlsMs: 2, firstByteMs: 500, totalMs: 500 + ms },
});
const seen = (host: string, bytes: number) => someSeen({ contact: reply(bytes, 1) }, { host });
const platform = { target: { host: "b", port: 443 }, url: "https://b/bytes", bytes: 1_000_000 };

describe("what is measured with", () => {
  it.each<[string, Parameters<typeof downloadsOf>, readonly (readonly [string, string | null])[]]>([
    [
      "the platform's own bytes, then the largest page",
      [[seen("a", 70_000), seen("b", 0), seen("c", 90_000)], platform],
      [
        ["b", "https://b/bytes"],
        ["c", null],
      ],
    ],
    ["the largest page", [[seen("a", 70_000), seen("c", 90_000)], platform], [["c", null]]],
    ["nothing where pages are small", [[seen("a", 65_535)], null], []],
    ["a page of 64 KB", [[seen("a", 65_536)], null], [["a", null]]],
    ["nothing where nobody answers", [[someSeen({ contact: failedWith(7) }, { host: "b" })], platform], []],
  ])("is %s", (_, args, downloads) => {
    expect(downloadsOf(...args).map(({ seen, url }) => [seen.target.host, url])).toEqual(downloads);
  });
});

describe("a transfer", () => {
  const own: Download = { seen: seen("b", 0), url: platform.url, bytes: platform.bytes };
  const page: Download = { seen: seen("c", 0), url: null, bytes: null };
  const cut = (firstByteMs: number): HttpsOutcome => ({
    kind: "failed",
    exitCode: 28,
    proxyStatus: 0,
    message: "Operation timed out",
    timings: { connectedMs: 1, tlsMs: 2, firstByteMs, totalMs: 30_000 },
  });
  it.each<[string, Download, HttpsOutcome, string, number | null, boolean]>([
    ["on a slow line", own, reply(1_000_000, 8000), "1 Mbit/s: 1000000 bytes from b:443 in 8.00 s", 1, false],
    [
      "on a line as recommended",
      own,
      reply(1_000_000, 5333),
      "1.5 Mbit/s: 1000000 bytes from b:443 in 5.33 s",
      1.5,
      true,
    ],
    ["on a fast line", own, reply(1_000_000, 80), "100 Mbit/s: 1000000 bytes from b:443 in 0.08 s", 100, true],
    [
      "that was there at once",
      page,
      reply(65_536, 0),
      "5242.88 Mbit/s: 65536 bytes from c:443 in 0.0001 s",
      5242.88,
      true,
    ],
    [
      "that does not end in time",
      own,
      cut(500),
      "less than 0.27 Mbit/s: 1000000 bytes from b:443 did not come in 29.50 s",
      0.27,
      false,
    ],
    [
      "that does not begin in time",
      own,
      cut(0),
      "not measured: b:443 did not send all: Operation timed out",
      null,
      true,
    ],
    [
      "of nobody knows how much",
      page,
      cut(500),
      "not measured: c:443 did not send all: Operation timed out",
      null,
      true,
    ],
    [
      "of too little",
      own,
      reply(60, 1, 404),
      "not measured: b:443 answered HTTP/404 with 60 bytes, too few to measure with",
      null,
      true,
    ],
    [
      "of too much",
      page,
      { kind: "tooLarge", maxReplyBytes: 9 },
      "not measured: c:443 sent more than 9 bytes",
      null,
      true,
    ],
  ])("%s", (_, download, outcome, text, mbps, enough) => {
    const bandwidth = judgeDownload(download, outcome);
    expect([describeBandwidth(bandwidth), mbpsOf(bandwidth), isEnough(bandwidth)]).toEqual([text, mbps, enough]);
  });

  it("that comes to nothing is followed by the next one, and its reason is told where none is left", async () => {
    const outcomes = new Map([
      [own, reply(60, 1, 404)],
      [page, reply(70_000, 10)],
    ]);
    const measure = (downloads: readonly Download[]): Promise<Bandwidth> =>
      measureBandwidth(downloads, async (download) => outcomes.get(download) ?? { kind: "aborted" });
    expect(await measure([own, page])).toMatchObject({ kind: "measured", from: "c:443" });
    expect(describeBandwidth(await measure([own]))).toMatch(/^not measured: b:443 answered HTTP\/404/);
  });

  it("has a reason where there is nothing to measure with", () => {
    expect(whyNoDownload([someSeen({ contact: failedWith(7) })])).toBe("no host has answered");
    expect(whyNoDownload([someSeen({ contact: failedWith(7) }), someSeen()])).toBe(
      "no host has sent 64 KB, which it takes",
    );
  });
});
