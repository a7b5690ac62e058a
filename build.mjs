// Builds what ships: the controller as one CommonJS file (the fastest to start) and the bench's page.
// The native add-ons stay outside and are found in node_modules beside the bundle.
import { chmod, cp, mkdir, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const root = new URL(".", import.meta.url).pathname;
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
const dist = `${root}dist`;

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20.19",
  define: { BEZEL_VERSION: JSON.stringify(version) },
  external: ["i2c-bus", "onoff", "serialport"],
  legalComments: "none",
  logLevel: "warning",
};

if (process.argv[2] === "bench") {
  await build({ ...shared, entryPoints: ["bench/main.ts"], outfile: `${dist}/bench.mjs`, format: "esm" });
} else {
  await rm(dist, { recursive: true, force: true });
  await mkdir(`${dist}/page`, { recursive: true });
  await Promise.all([
    build({
      ...shared,
      entryPoints: ["src/main.ts"],
      outfile: `${dist}/bezel.cjs`,
      format: "cjs",
      banner: { js: "#!/usr/bin/env node" },
      minify: true,
      sourcemap: "linked",
    }),
    build({
      ...shared,
      entryPoints: ["sim/page/page.ts"],
      outfile: `${dist}/page/page.js`,
      platform: "browser",
      target: "es2022",
      format: "esm",
      external: [],
      minify: true,
      loader: { ".svg": "text" },
    }),
    cp(`${root}sim/page/index.html`, `${dist}/page/index.html`),
  ]);
  await chmod(`${dist}/bezel.cjs`, 0o755);
}
