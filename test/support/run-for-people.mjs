// Runs test/NAME/main.ts for people, `node run-for-people.mjs NAME [ARG...]`: bundled, since Node 20 runs no TypeScript.
import { execFileSync } from "node:child_process";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url).pathname;
process.chdir(root);
const [name] = process.argv.splice(2, 1);
const bundle = `${root}node_modules/.cache/bezel-${name}.mjs`;
execFileSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
await build({
  entryPoints: [`${root}test/${name}/main.ts`],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
await import(bundle);
