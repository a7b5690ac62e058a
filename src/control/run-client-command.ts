import type { Clock } from "../../hal/clock.ts";
import type { Files } from "../../hal/files.ts";
import type { Config } from "../config/config.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import { type ConfigProblem, describeConfigProblem, loadConfig, showConfig } from "../config/load.ts";
import { never, type Result } from "../model/result.ts";
import { type Answer, type Client, type ClientFailure, createClient } from "./client.ts";
import type { ClientCommand, Place, UsageError } from "./command-line.ts";
import { helpText } from "./commands/help.ts";
import { describeStatus, drawScreen } from "./commands/print.ts";
import type { KeysRequest, ScreenDocument } from "./schema.ts";

/** 0 done, 1 not well, 2 wrong usage or configuration, 3 the daemon does not answer, 4 not permitted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What a command may touch. */
export interface CommandParts {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly version: string;
  readonly clock: Clock;
  readonly files: Pick<Files, "read">;
  /** What the configuration names and this machine lacks: a board, a file. */
  readonly inspect: (config: Config) => Promise<readonly Pick<ConfigProblem, "key" | "message">[]>;
  /** What would be done to bring the machine to the stored settings, as text that ends in a newline; or why that cannot be told. */
  readonly planChange: (config: Config) => Promise<Result<string, string>>;
  /** Ends a request to the daemon early. */
  readonly signal?: AbortSignal;
}

/** Says what was wrong with the command line, and where to read on. */
export function reportUsage({ message, topic }: UsageError, stderr: (text: string) => void): ExitCode {
  stderr(`bezel: ${message}\nTry: bezel help${topic === null ? "" : ` ${topic}`}\n`);
  return 2;
}

/** Does everything but `run` and `sim`. Results go to stdout, complaints to stderr. */
export async function runClientCommand(command: ClientCommand, parts: CommandParts): Promise<ExitCode> {
  switch (command.name) {
    case "help":
      parts.stdout(helpText(command.topic));
      return 0;
    case "version":
      parts.stdout(`bezel ${parts.version}\n`);
      return 0;
    case "status":
      return withClient(command.place, parts, async (client) =>
        report(await client.status(parts.signal), parts, ({ document, raw }) => {
          parts.stdout(command.json ? toJson(raw) : describeStatus(document));
          return document.fault === null ? 0 : 1;
        }),
      );
    case "screen":
      return withClient(command.place, parts, async (client) =>
        report(await client.screen(parts.signal), parts, ({ document, raw }) => {
          parts.stdout(command.json ? toJson(raw) : drawScreen(document));
          return 0;
        }),
      );
    case "press":
      return enter(command.place, { keys: [...command.keys] }, parts);
    case "type":
      return enter(command.place, { text: command.text }, parts);
    case "config":
      return runConfig(command, parts);
    default:
      return never(command);
  }
}

function enter(place: Place, request: KeysRequest, parts: CommandParts): Promise<ExitCode> {
  return withClient(place, parts, async (client) =>
    report(await client.keys(request, parts.signal), parts, ({ document }: Answer<ScreenDocument>) => {
      parts.stdout(drawScreen(document));
      return 0;
    }),
  );
}

async function withClient(
  place: Place,
  parts: CommandParts,
  use: (client: Client) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (place.url !== null) return use(createClient({ kind: "url", url: place.url }, parts.clock));
  const config = await loadConfig(parts.files, place.config);
  if (!config.ok) return reportProblems(config.error, parts);
  return use(createClient({ kind: "socket", path: config.value.control.socket }, parts.clock));
}

const exitCodes: Readonly<Record<ClientFailure["kind"], ExitCode>> = {
  broken: 1,
  refused: 2,
  unreachable: 3,
  denied: 4,
};

function report<T>(result: Result<T, ClientFailure>, parts: CommandParts, show: (value: T) => ExitCode): ExitCode {
  if (result.ok) return show(result.value);
  parts.stderr(`bezel: ${result.error.message}\n`);
  return exitCodes[result.error.kind];
}

function reportProblems(problems: readonly ConfigProblem[], { stderr }: CommandParts): ExitCode {
  for (const problem of problems) stderr(`bezel: ${describeConfigProblem(problem)}\n`);
  return 2;
}

async function runConfig(
  { action, config: file }: Extract<ClientCommand, { name: "config" }>,
  parts: CommandParts,
): Promise<ExitCode> {
  if (action === "schema") {
    parts.stdout(toJson(configJsonSchema()));
    return 0;
  }
  const config = await loadConfig(parts.files, file);
  if (!config.ok) return reportProblems(config.error, parts);
  switch (action) {
    case "check": {
      const missing = await parts.inspect(config.value);
      if (missing.length > 0) {
        return reportProblems(
          missing.map((problem) => ({ file, line: null, ...problem })),
          parts,
        );
      }
      parts.stdout(`${file}: no problem found\n`);
      return 0;
    }
    case "show":
      parts.stdout(showConfig(config.value));
      return 0;
    case "plan": {
      const plan = await parts.planChange(config.value);
      if (plan.ok) parts.stdout(plan.value);
      else parts.stderr(`bezel: ${plan.error}\n`);
      return plan.ok ? 0 : 1;
    }
    default:
      return never(action);
  }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
