import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Builds the bundle before the tests that run it: what is tested is what the sources say. */
export function setup(): void {
  execFileSync(process.execPath, ["build.mjs"], { cwd: resolve(import.meta.dirname, "../.."), stdio: "inherit" });
}
