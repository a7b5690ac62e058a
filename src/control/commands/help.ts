import { type CommandName, commandNames, commandTable, type OptionName } from "./table.ts";

const optionTexts: Readonly<Record<OptionName, readonly [usage: string, text: string]>> = {
  config: ["--config FILE", "the configuration file, /etc/bezel/bezel.toml by default"],
  url: ["--url URL", "the address of a bench, such as http://127.0.0.1:8080, instead of the daemon's socket"],
  json: ["--json", "for programs: the document of the local API"],
  output: ["--output FILE", "the file to write, which must not exist; - is standard output"],
  port: ["--port N", "of the bench's page on 127.0.0.1; 8080 by default, 0 picks a free one"],
  state: ["--state DIR", "keep the box there and take it up again; without it every bench is a new box"],
  activated: ["--activated", "start with a box that the platform knows"],
  headless: ["--headless", "no terminal part"],
  preset: ["--preset NAME", "the hosts of a known platform: qualys-qg3"],
  host: [
    "--host HOST[:PORT]",
    "a host that must be reached, port 443 by default; IPv6 as [ADDRESS]:PORT; as often as needed",
  ],
  proxy: ["--proxy URL", "go by a proxy: http://[user@]host:port, domain\\user where it wants one"],
};

const general: readonly (readonly [string, string])[] = [
  ["-h, --help", "this text, or the manual of a command"],
  ["--version", "the version"],
];

/** The codes that the program ends with. */
const exitCodes: readonly (readonly [string, string])[] = [
  ["0", "done, and well"],
  ["1", "what was asked about is not well: a fault stands, a check failed"],
  ["2", "wrong usage or configuration"],
  ["3", "the daemon does not answer"],
  ["4", "not permitted"],
];

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}

/** The manual: of the program, or of one command. Ends in a newline. */
export function helpText(topic: CommandName | null): string {
  return topic === null ? programHelp() : commandHelp(topic);
}

function programHelp(): string {
  const commands = commandNames.map((name) => [name, commandTable[name].summary] as const);
  const options: readonly OptionName[] = ["config", "url", "json"];
  return [
    "bezel - controller of a network appliance: front panel, serial console, network set-up, platform contact",
    "",
    "Usage:",
    ...commandNames.map((name) => `  bezel ${commandTable[name].usage}`),
    "",
    "Commands:",
    columns(commands),
    "",
    "Options:",
    columns([...options.map((name) => optionTexts[name]), ...general]),
    "",
    "Exit codes:",
    columns(exitCodes),
    "",
  ].join("\n");
}

function commandHelp(name: CommandName): string {
  const { usage, summary, options, text } = commandTable[name];
  return [
    `bezel ${name} - ${summary}`,
    "",
    "Usage:",
    `  bezel ${usage}`,
    "",
    ...(text.length === 0 ? [] : [...text.map((line) => `  ${line}`), ""]),
    "Options:",
    columns([...options.map((option) => optionTexts[option]), ...general.slice(0, 1)]),
    "",
  ].join("\n");
}
