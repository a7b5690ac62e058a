import { parse, stringify, TomlError } from "smol-toml";
import type * as z from "zod";
import { HalError } from "../../hal/errors.ts";
import type { Files } from "../../hal/files.ts";
import { failed, ok, type Result } from "../model/result.ts";
import type { Config } from "./config.ts";
import { locate } from "./locate.ts";
import { type ConfigFile, createFileSchema } from "./schema.ts";

const maxFileBytes = 64 * 1024;
const mask = "********";

/** Something that is wrong with the configuration file. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; null where no line is to blame. */
  readonly line: number | null;
  /** Such as `panel.cols`; null where no key is to blame. */
  readonly key: string | null;
  readonly message: string;
}

/** `/etc/bezel/bezel.toml:12: panel.cols: must be 16 or 20` */
export function describeConfigProblem({ file, line, key, message }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${line}`;
  return key === null ? `${place}: ${message}` : `${place}: ${key}: ${message}`;
}

/** Reads and checks the configuration file. A file that cannot be read is a problem as well: we never guess what it says. */
export async function loadConfig(
  files: Pick<Files, "read">,
  file: string,
): Promise<Result<Config, readonly ConfigProblem[]>> {
  const problem = (message: string) => failed([{ file, line: null, key: null, message }]);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await files.read(file, maxFileBytes));
    return parseConfig(text, file);
  } catch (error) {
    if (error instanceof TypeError) return problem("is not UTF-8 text");
    if (!(error instanceof HalError)) throw error;
    if (error.kind === "absent") return problem("there is no such file; name another one with --config FILE");
    if (error.kind === "unsupported") return problem(`is larger than ${maxFileBytes / 1024} KiB`);
    return problem(`cannot be read: ${error.message}`);
  }
}

/** Checks the text of a configuration file; all problems at once, in the order of the file. `file` is named in them. */
export function parseConfig(text: string, file: string): Result<Config, readonly ConfigProblem[]> {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n", 1).join("").replace("Invalid TOML document: ", "");
    return failed([{ file, line: error.line, key: null, message: `is not valid TOML: ${reason}` }]);
  }
  const schema = createFileSchema();
  const parsed = schema.safeParse(document);
  if (parsed.success) return ok(toConfig(parsed.data));

  const flaws = parsed.error.issues.flatMap((issue) => flawsOf(issue, schema.parse({})));
  // Several items of a list may be wrong in the same way.
  const messages = new Map(flaws.map(({ key, message }) => [key, message]));
  const lines = locate(text, [...messages.keys()]);
  const problems = [...messages].map(([key, message]) => ({ file, line: lines.get(key) ?? null, key, message }));
  return failed(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

/** The configuration of an empty file. */
export function defaultConfig(): Config {
  return toConfig(createFileSchema().parse({}));
}

/** The configuration as a file that says the same, for people: the PIN is masked. */
export function showConfig({
  product,
  appliance,
  platform,
  network,
  panel,
  console,
  control,
  state,
  log,
}: Config): string {
  const file = {
    product,
    appliance,
    platform: { url: platform.url, ca_file: platform.caFile ?? "", hosts: platform.hosts },
    network,
    panel: {
      board: panel.board,
      cols: panel.cols,
      rows: panel.rows,
      pin: panel.pin === "" ? "" : mask,
      idle_seconds: panel.idleSeconds,
      blank_seconds: panel.blankSeconds,
      keys: panel.keys,
    },
    console: { devices: console.devices, baud: console.baud, stop_bits: console.stopBits },
    control,
    state,
    log,
  };
  return stringify(file);
}

function toConfig({ product, appliance, platform, network, panel, console, control, state, log }: ConfigFile): Config {
  return {
    product,
    appliance,
    platform: {
      // Paths are appended to it.
      url: platform.url.replace(/\/+$/, ""),
      caFile: platform.ca_file === "" ? null : platform.ca_file,
      hosts: platform.hosts,
    },
    network,
    panel: {
      board: panel.board,
      cols: panel.cols,
      rows: panel.rows,
      pin: panel.pin,
      idleSeconds: panel.idle_seconds,
      blankSeconds: panel.blank_seconds,
      keys: panel.keys,
    },
    console: { devices: console.devices, baud: console.baud, stopBits: console.stop_bits },
    control,
    state,
    log,
  };
}

function flawsOf(issue: z.core.$ZodIssue, defaults: ConfigFile): readonly { key: string; message: string }[] {
  // Of a list only the key has a line: `platform.hosts`, not `platform.hosts.2`.
  const path = issue.path.filter((part) => typeof part === "string");
  if (issue.code !== "unrecognized_keys") return [{ key: path.join("."), message: issue.message }];
  const [section] = path;
  const known = Object.keys(section === undefined ? defaults : defaults[section as keyof ConfigFile]).join(", ");
  const message = section === undefined ? `unknown; there are ${known}` : `unknown; [${section}] has ${known}`;
  return issue.keys.map((key) => ({ key: [...path, key].join("."), message }));
}
