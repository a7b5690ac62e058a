// Collects the arguments and environments of all processes below a /proc, as fast as it can read them, until its standard input
// ends; then prints them as JSON. A program of its own, so that the test which starts those processes does not slow it down.
// usage: node argument-sampler.mjs PROC
import { readdirSync, readFileSync } from "node:fs";

const proc = process.argv[2];
const seen = { cmdline: new Set(), environ: new Set() };
let sweeps = 0;

function sweep() {
  sweeps += 1;
  for (const pid of readdirSync(proc)) {
    if (!/^[1-9]/.test(pid)) continue;
    for (const [what, texts] of Object.entries(seen)) {
      try {
        // Bytes that are no UTF-8 keep their places.
        texts.add(readFileSync(`${proc}/${pid}/${what}`, "latin1"));
      } catch {
        // It has ended.
      }
    }
  }
  setTimeout(sweep, 1);
}

process.stdin.resume().on("end", () => {
  const all = Object.fromEntries(Object.entries(seen).map(([what, texts]) => [what, [...texts]]));
  process.stdout.write(JSON.stringify({ sweeps, ...all }), () => process.exit(0));
});
process.stdout.write("\n");
sweep();
