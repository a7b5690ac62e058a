import type { Files } from "../../hal/files.ts";
import type { Processes } from "../../hal/processes.ts";
import { describeConfigProblem, loadConfig } from "../config/load.ts";
import { defaultConfigFile } from "../control/command-line.ts";
import { runProgram } from "../helper/program.ts";
import { rulesetOf, scanRulesetOf, strictest } from "../helper/ruleset.ts";
import { failed, ok, type Result } from "../model/result.ts";

export interface LockDownParts {
  readonly files: Pick<Files, "read">;
  readonly processes: Processes;
  readonly stderr: (text: string) => void;
}

interface LockDownOptions {
  readonly config: string;
  /** The network namespace it is run in: the machine's own, or that of the scans. */
  readonly namespace: "machine" | "scan";
}

/** A transaction takes some milliseconds; the rest is for a machine that boots. */
const timeoutMs = 30_000;

/**
 * `bezel lock-down [--config FILE] [--namespace scan]`: loads the packet filter of the network namespace that it runs in, as at
 * boot. 2: the configuration cannot be read, and the strictest rules were loaded; 1: none were.
 */
export async function lockDown(
  args: readonly string[],
  { files, processes, stderr }: LockDownParts,
): Promise<0 | 1 | 2> {
  const options = parseOptions(args);
  if (!options.ok) {
    stderr(`bezel lock-down: ${options.error}\n`);
    return 2;
  }
  const { config, namespace } = options.value;
  const read = await loadConfig(files, config);
  if (!read.ok) {
    for (const problem of read.error) stderr(`bezel: ${describeConfigProblem(problem)}\n`);
    stderr(`bezel lock-down: loads the strictest rules instead, for the ports ${strictest.lan} and ${strictest.wan}\n`);
  }
  const wanted = read.ok ? read.value.network : strictest;
  const input = namespace === "scan" ? scanRulesetOf(wanted) : rulesetOf(wanted);
  const loaded = await runProgram(processes, ["nft", "-f", "-"], { package: "nftables", timeoutMs, input });
  if (!loaded.ok) {
    stderr(`bezel lock-down: no rules were loaded: ${loaded.error.detail}\n`);
    return 1;
  }
  return read.ok ? 0 : 2;
}

function parseOptions(args: readonly string[]): Result<LockDownOptions, string> {
  let options: LockDownOptions = { config: defaultConfigFile, namespace: "machine" };
  for (let at = 0; at < args.length; at += 2) {
    const [option, value] = [args[at], args[at + 1]];
    if (option === "--config" && value !== undefined) options = { ...options, config: value };
    else if (option === "--namespace" && value === "scan") options = { ...options, namespace: value };
    else return failed("takes --config FILE and --namespace scan, and nothing else");
  }
  return ok(options);
}
