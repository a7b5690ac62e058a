// Builds what ships: the controller and the bench's page. The controller is CommonJS, which starts fastest, and is cut where
// it loads something later, so that the first picture waits for the parsing of its own part only. The native add-ons stay
// outside, in node_modules beside it: the folder can be copied to another machine and runs there.
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { build } from "esbuild";

const root = new URL(".", import.meta.url).pathname;
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
// Built aside, under a name of its own, and put in place whole: one that is killed leaves no half of a program there.
const place = `${root}dist`;
const dist = await mkdtemp(`${place}-`);

/** Optional: a machine without a compiler has a panel on the bench only. */
const addOns = ["i2c-bus", "onoff", "serialport"];

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20.19",
  define: { BEZEL_VERSION: JSON.stringify(version) },
  external: addOns,
  legalComments: "none",
  logLevel: "warning",
};

/**
 * In two passes: esbuild cuts ES modules only; the second turns each piece into CommonJS. What a package offers as ES module
 * is preferred, since of a CommonJS package that is loaded by `import()` only the `default` export arrives.
 */
async function buildController() {
  const pieces = { outdir: dist, outExtension: { ".js": ".cjs" }, minify: true };
  await build({
    ...shared,
    ...pieces,
    entryPoints: { bezel: "src/main.ts" },
    chunkNames: "parts/[name]-[hash]",
    format: "esm",
    splitting: true,
    mainFields: ["module", "main"],
    sourcemap: "inline",
  });
  await build({
    ...shared,
    ...pieces,
    entryPoints: [`${dist}/bezel.cjs`, `${dist}/parts/*.cjs`],
    bundle: false,
    external: [],
    format: "cjs",
    supported: { "dynamic-import": false },
    sourcemap: "linked",
    allowOverwrite: true,
  });
  await chmod(`${dist}/bezel.cjs`, 0o755);
}

/** What the add-ons load here, with its licences: nothing that they are built from, no binary for another machine. */
async function copyAddOns() {
  const require = createRequire(import.meta.url);
  const loaded = addOns.filter((name) => {
    try {
      require(name);
      return true;
    } catch (error) {
      console.log(`dist: without ${name}, which does not load here (${String(error.message).split("\n")[0]})`);
      return false;
    }
  });
  if (loaded.length === 0) return;
  const { metafile } = await build({
    ...shared,
    stdin: { contents: loaded.map((name) => `require("${name}");`).join("\n"), resolveDir: root },
    external: [],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const scripts = Object.keys(metafile.inputs).filter((file) => file.startsWith("node_modules/"));
  const binaries = Object.keys(require.cache)
    .filter((file) => file.endsWith(".node"))
    .map((file) => relative(root, file));
  const packages = new Set(scripts.map((file) => file.replace(/^(.*node_modules\/(@[^/]+\/)?[^/]+)\/.*$/, "$1")));
  const papers = [...packages].flatMap((folder) =>
    readdirSync(`${root}${folder}`)
      .filter((name) => /^(package\.json|licen[cs]e.*)$/i.test(name))
      .map((name) => `${folder}/${name}`),
  );
  await Promise.all([...scripts, ...binaries, ...papers].map((file) => cp(`${root}${file}`, `${dist}/${file}`)));
}

async function buildPage() {
  await mkdir(`${dist}/page`);
  await cp(`${root}sim/page/index.html`, `${dist}/page/index.html`);
  await build({
    ...shared,
    entryPoints: ["sim/page/page.ts"],
    outfile: `${dist}/page/page.js`,
    platform: "browser",
    target: "es2022",
    format: "esm",
    external: [],
    minify: true,
    loader: { ".svg": "text" },
  });
}

/** The benchmarks measure what was just built. */
async function buildBenchmarks() {
  await build({
    ...shared,
    entryPoints: ["bench/main.ts"],
    outfile: `${dist}/bench.mjs`,
    format: "esm",
    packages: "external",
  });
}

/** A folder cannot be renamed over one with files in it. Where another build comes between the two steps, they are repeated. */
function putInPlace(attempts = 100) {
  try {
    if (existsSync(place)) renameSync(place, old);
    renameSync(dist, place);
  } catch (error) {
    if (attempts === 1 || !["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
    rmSync(old, { recursive: true, force: true });
    putInPlace(attempts - 1);
  }
}

const old = `${dist}-old`;
try {
  await Promise.all([buildController(), buildPage(), copyAddOns()]);
  if (process.argv[2] === "bench") await buildBenchmarks();
  await chmod(dist, 0o755);
  putInPlace();
} finally {
  for (const left of [dist, old]) await rm(left, { recursive: true, force: true });
}
