import { stringify } from "smol-toml";
import type { Config } from "../../config/config.ts";

/** What is wrong in a configuration file. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; null where the file as a whole is meant. */
  readonly line: number | null;
  /** Such as `panel.cols`; null where no key is meant. */
  readonly key: string | null;
  readonly message: string;
}

/** One line, in the form that editors jump to. */
export function describeProblem({ file, line, key, message }: ConfigProblem): string {
  return [line === null ? file : `${file}:${line}`, ...(key === null ? [] : [key]), message].join(": ");
}

const mask = "********";

/** The configuration as a file would say it, all keys given. Only the PIN is a secret; it is masked. */
export function showConfig(config: Config): string {
  const masked: Config = { ...config, panel: { ...config.panel, pin: config.panel.pin === "" ? "" : mask } };
  const tables = Object.entries(masked).map(([name, table]) => [name, fileTable(table)] as const);
  return stringify(Object.fromEntries(tables));
}

/** Keys in the file's spelling; what is null inside is empty there. */
function fileTable(table: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value ?? "",
    ]),
  );
}
