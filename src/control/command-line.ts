import { parseArgs } from "node:util";
import { failed, ok, type Result } from "../model/result.ts";
import { type CommandName, commandTable, isCommandName, type OptionName } from "./commands/table.ts";
import { parseKeys, parseText } from "./keys.ts";

/** Where a client command finds the daemon: at `url`, else at the socket that the configuration names. */
export interface Place {
  readonly url: string | null;
  readonly config: string;
}

export const configActions = ["check", "schema", "show", "plan"] as const;
export type ConfigAction = (typeof configActions)[number];

export type ClientCommand =
  | { readonly name: "help"; readonly topic: CommandName | null }
  | { readonly name: "version" }
  | { readonly name: "status" | "screen"; readonly json: boolean; readonly place: Place }
  | { readonly name: "press"; readonly keys: readonly string[]; readonly place: Place }
  /** Escapes are replaced already. */
  | { readonly name: "type"; readonly text: string; readonly place: Place }
  /** `file` is `-` for standard input. */
  | { readonly name: "order"; readonly file: string; readonly json: boolean; readonly place: Place }
  | { readonly name: "config"; readonly action: ConfigAction; readonly config: string };

/** As it was typed: what it means is for the check to say. */
export interface CheckCommand {
  readonly name: "check";
  readonly json: boolean;
  readonly preset: string | null;
  readonly hosts: readonly string[];
  readonly proxy: string | null;
  /** null: the default file, if there is one. */
  readonly config: string | null;
}

export type Command =
  | ClientCommand
  | CheckCommand
  | { readonly name: "run"; readonly config: string }
  /** `output` is `-` for standard output; null: a name of its own in the current directory. */
  | { readonly name: "support"; readonly output: string | null; readonly place: Place }
  | {
      readonly name: "sim";
      /** 0 picks one. */
      readonly port: number;
      /** null: a new box each time. */
      readonly state: string | null;
      readonly activated: boolean;
      readonly headless: boolean;
      /** null: the bench's own. */
      readonly config: string | null;
    };

/** Wrong usage, said for a person. */
export interface UsageError {
  readonly message: string;
  readonly topic: CommandName | null;
}

export const defaultConfigFile = "/etc/bezel/bezel.toml";
export const defaultBenchPort = 8080;

const optionTypes = {
  config: { type: "string" },
  url: { type: "string" },
  json: { type: "boolean" },
  output: { type: "string" },
  port: { type: "string" },
  state: { type: "string" },
  activated: { type: "boolean" },
  headless: { type: "boolean" },
  preset: { type: "string" },
  host: { type: "string", multiple: true },
  proxy: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const satisfies Record<
  OptionName | "help" | "version",
  { type: "string" | "boolean"; short?: string; multiple?: boolean }
>;

/** Reads the arguments after the program's name. Pure. */
export function parseCommandLine(argv: readonly string[]): Result<Command, UsageError> {
  const parsed = parseOptions(argv);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const [name, ...operands] = positionals;
  if (values.version === true) return ok({ name: "version" });
  if (name === undefined) {
    return values.help === true ? ok({ name: "help", topic: null }) : wrong("which command?");
  }
  if (!isCommandName(name)) return wrong(`there is no command ${name}`);
  if (values.help === true) return ok({ name: "help", topic: name });

  const { options, operands: takes } = commandTable[name];
  const foreign = Object.keys(values).find((option) => !options.some((allowed) => allowed === option));
  if (foreign !== undefined) return wrong(`${name} has no option --${foreign}`, name);
  if (operands.length > takes.max) return wrong(`${name}: too many arguments, from ${operands[takes.max]}`, name);
  if (operands.length < takes.min) return wrong(`${name}: ${takes.names} is missing`, name);
  return build(name, operands, values);
}

type Values = ReturnType<typeof strictParse>["values"];

function strictParse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true, strict: true });
}

function parseOptions(argv: readonly string[]): Result<ReturnType<typeof strictParse>, UsageError> {
  try {
    return ok(strictParse(argv));
  } catch (error) {
    if (error instanceof TypeError) return wrong(error.message);
    throw error;
  }
}

function wrong(message: string, topic: CommandName | null = null): Result<never, UsageError> {
  return failed({ message, topic });
}

function build(name: CommandName, operands: readonly string[], values: Values): Result<Command, UsageError> {
  const config = values.config ?? defaultConfigFile;
  const place: Place = { url: values.url ?? null, config };
  if (place.url !== null && !isBaseUrl(place.url)) {
    return wrong(`--url takes an address such as http://127.0.0.1:8080, not ${place.url}`, name);
  }
  switch (name) {
    case "run":
      return ok({ name, config });
    case "sim":
      return buildSim(values);
    case "status":
    case "screen":
      return ok({ name, json: values.json ?? false, place });
    case "press": {
      const keys = operands.map((key) => key.toUpperCase());
      const inputs = parseKeys(keys);
      return inputs.ok ? ok({ name, keys, place }) : wrong(`press: ${inputs.error}`, name);
    }
    case "type": {
      const text = replaceEscapes(operands[0] ?? "");
      const inputs = parseText(text);
      return inputs.ok ? ok({ name, text, place }) : wrong(`type: ${inputs.error}`, name);
    }
    case "order":
      return ok({ name, file: operands[0] ?? "", json: values.json ?? false, place });
    case "check":
      return ok({
        name,
        json: values.json ?? false,
        preset: values.preset ?? null,
        hosts: values.host ?? [],
        proxy: values.proxy ?? null,
        config: values.config ?? null,
      });
    case "config": {
      const action = configActions.find((candidate) => candidate === operands[0]);
      return action === undefined
        ? wrong(`config: ${operands[0]} is none of ${configActions.join(", ")}`, name)
        : ok({ name, action, config });
    }
    case "support":
      if (values.output === "") return wrong("--output takes the name of a file, or -", name);
      return ok({ name, output: values.output ?? null, place });
    case "help": {
      const [topic] = operands;
      if (topic === undefined) return ok({ name, topic: null });
      return isCommandName(topic) ? ok({ name, topic }) : wrong(`there is no command ${topic}`);
    }
  }
}

function buildSim(values: Values): Result<Command, UsageError> {
  const port = values.port === undefined ? defaultBenchPort : /^\d{1,5}$/.test(values.port) ? Number(values.port) : -1;
  if (port < 0 || port > 65535) return wrong(`--port takes a number from 0 to 65535, not ${values.port}`, "sim");
  return ok({
    name: "sim",
    port,
    state: values.state ?? null,
    activated: values.activated ?? false,
    headless: values.headless ?? false,
    config: values.config ?? null,
  });
}

function isBaseUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "http:";
}

const escapes: Readonly<Record<string, string>> = { "\\n": "\n", "\\b": "\b", "\\\\": "\\" };

/** `\n` is ENTER, `\b` deletes before the cursor, `\\` is a backslash; any other backslash stands for itself. */
function replaceEscapes(text: string): string {
  return text.replace(/\\[nb\\]/g, (sequence) => escapes[sequence] ?? sequence);
}
