import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "../hal/linux/clock.ts";
import { createFiles } from "../hal/linux/files.ts";
import { createProcesses } from "../hal/linux/processes.ts";
import type { Resolver } from "../hal/resolver.ts";
import { createFolderStore, createPlatform } from "../platform/platform.ts";
import { createCurlHttps } from "../src/https/curl.ts";
import { createProxyOffers } from "../src/https/proxy-offers.ts";
import { silentLog } from "../src/model/log.ts";
import { exchange, type Way } from "../src/uplink/exchange.ts";
import { ensureIdentity, type Identity } from "../src/uplink/identity.ts";
import { pollUrl } from "../src/uplink/protocol.ts";
import { pollReport } from "../src/uplink/report.ts";
import { someFacts } from "../test/support/some-facts.ts";
import { alternate, type Effort, type Figure, showSpread, timeProgram } from "./measure.ts";

const hostName = "platform.example";
const goalMs = 10;

const way: Way = { family: 4, servers: ["127.0.0.1"], source: null, interface: null, proxy: null };
/** Answers at once: what a name server takes is not ours. */
const resolver: Resolver = {
  resolve: async () => ({ kind: "addresses", addresses: ["127.0.0.1"], server: "127.0.0.1" }),
};

/** One whole poll against one bare curl that sends the same request to the same platform. */
export async function measurePoll({ pairs }: Effort): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), "bezel-benchmark-"));
  const platform = createPlatform({ hostName, store: createFolderStore(join(folder, "platform")), now: Date.now });
  try {
    const { url, port, caPem } = await platform.start();
    const authorityFile = join(folder, "authority.pem");
    await writeFile(authorityFile, caPem);
    const found = await ensureIdentity({ files: createFiles(), directory: folder, serial: "29001", log: silentLog });
    if (!found.ok) throw new Error(found.error.message);

    const report = pollReport(someFacts(), null, []);
    const options = {
      https: createCurlHttps({ processes: createProcesses() }),
      offers: createProxyOffers({ curlHasNtlm: () => true, clock: createSystemClock() }),
      resolver,
      platformUrl: url,
      authorityFile,
      identity: async () => found,
    };
    const ours = async () => {
      const startMs = performance.now();
      const outcome = await exchange(options, way, report, new AbortController().signal);
      if (outcome?.kind !== "ok") throw new Error(`the poll ended with ${JSON.stringify(outcome)}`);
      return performance.now() - startMs;
    };

    const body = join(folder, "request.json");
    await writeFile(body, JSON.stringify({ nonce: "0".repeat(22), ...report }));
    const args = pollByCurl({ url, authorityFile, identity: found.value, body });
    const bare = () => timeProgram("curl", [...args, "--resolve", `${hostName}:${port}:127.0.0.1`]);

    const { a, b } = await alternate(pairs, bare, ours);
    const more = b.median - a.median;
    return {
      title: "Poll: one exchange with the platform",
      notes: [
        `Reference platform on loopback, TLS with a device certificate; ${pairs} pairs, alternated. Against: curl with the same request.`,
      ],
      rows: [
        {
          what: "poll",
          ours: `${showSpread(b)} ms`,
          against: `${showSpread(a)} ms`,
          ratio: `${(b.median / a.median).toFixed(2)} (${more >= 0 ? "+" : ""}${more.toFixed(1)} ms)`,
          goal: `<= bare + ${goalMs} ms`,
          met: more <= goalMs,
        },
      ],
    };
  } finally {
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Arguments of curl for the same request, by the platform's name. `body` is a file. */
export function pollByCurl(poll: {
  readonly url: string;
  readonly authorityFile: string;
  readonly identity: Identity;
  readonly body: string;
}): readonly string[] {
  const { certificateFile, keyFile } = poll.identity;
  return [
    ...["-q", "--silent", "--fail", "--noproxy", "*", "--ipv4"],
    ...["--cacert", poll.authorityFile, "--cert", certificateFile, "--key", keyFile],
    ...["--header", "Content-Type: application/json", "--data-binary", `@${poll.body}`, pollUrl(poll.url)],
  ];
}
