import { configJsonSchema } from "../config/json-schema.ts";
import { type ConfigProblem, describeConfigProblem, loadConfig, showConfig } from "../config/load.ts";
import { never } from "../model/result.ts";
import { type Answer, type Client, createClient } from "./client.ts";
import type { ClientCommand, Place, UsageError } from "./command-line.ts";
import { helpText } from "./commands/help.ts";
import { runOrder } from "./commands/order.ts";
import { type CommandParts, type ExitCode, report, toJson } from "./commands/parts.ts";
import { describeStatus, drawScreen } from "./commands/print.ts";
import type { KeysRequest, ScreenDocument } from "./schema.ts";

export type { CommandParts, ExitCode } from "./commands/parts.ts";

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
    case "order":
      return withClient(command.place, parts, (client) => runOrder(command, client, parts));
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
