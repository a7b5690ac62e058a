// Runs a lab for people: main.ts bundled, since Node 20 runs no TypeScript.
import { execFileSync } from "node:child_process";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url).pathname;
process.chdir(root);
const bundle = `${root}node_modules/.cache/bezel-lab.mjs`;
execFileSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
await build({
  entryPoints: [`${root}test/lab/main.ts`],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
await import(bundle);
