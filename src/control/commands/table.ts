export const commandNames = [
  "run",
  "sim",
  "status",
  "screen",
  "press",
  "type",
  "order",
  "check",
  "config",
  "support",
  "help",
] as const;
export type CommandName = (typeof commandNames)[number];
export type OptionName =
  | "config"
  | "url"
  | "json"
  | "output"
  | "port"
  | "state"
  | "activated"
  | "headless"
  | "preset"
  | "host"
  | "proxy";

export interface CommandEntry {
  /** After `bezel`. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  readonly options: readonly OptionName[];
  readonly operands: { readonly names: string; readonly min: number; readonly max: number };
  /** Lines for `bezel help COMMAND`. */
  readonly text: readonly string[];
}

const none = { names: "", min: 0, max: 0 };

/** All commands: what they take, and their manual. */
export const commandTable: Readonly<Record<CommandName, CommandEntry>> = {
  run: {
    usage: "run [--config FILE]",
    summary: "the daemon: drives panel, consoles and network, and keeps contact with the platform",
    options: ["config"],
    operands: none,
    text: [
      "Stays in the foreground until SIGTERM or SIGINT. Logs JSON lines to standard error.",
      'With backend = "networkmanager", the default, it configures the ports of this machine; with "simulated" it leaves them',
      "alone and has a network of its own making.",
    ],
  },
  sim: {
    usage: "sim [--port N] [--state DIR] [--activated] [--headless] [--config FILE]",
    summary: "the bench: the whole appliance on mock hardware, with a page of its front panel",
    options: ["port", "state", "activated", "headless", "config"],
    operands: none,
    text: [
      "In a terminal it is itself a serial console: arrows and ENTER work, Ctrl-C ends.",
      "With --headless it prints one line of JSON when it is ready: the address of the page and the control socket.",
    ],
  },
  status: {
    usage: "status [--json] [--url URL | --config FILE]",
    summary: "how the appliance is",
    options: ["json", "url", "config"],
    operands: none,
    text: ["Exit code 1 when a fault stands."],
  },
  screen: {
    usage: "screen [--json] [--url URL | --config FILE]",
    summary: "what the front panel shows",
    options: ["json", "url", "config"],
    operands: none,
    text: ["The cursor is where the two arrow heads in the frame meet."],
  },
  press: {
    usage: "press KEY... [--url URL | --config FILE]",
    summary: "press keys of the front panel, then print the screen",
    options: ["url", "config"],
    operands: { names: "KEY", min: 1, max: 10_000 },
    text: [
      "Keys are UP, DOWN, LEFT, RIGHT and ENTER. LEFT+RIGHT presses both together; UP*12 holds UP until it has repeated",
      "12 times. The daemon takes keys only with keys = true under [control]; the bench always does.",
    ],
  },
  type: {
    usage: "type TEXT [--url URL | --config FILE]",
    summary: "type as on the serial console, then print the screen",
    options: ["url", "config"],
    operands: { names: "TEXT", min: 1, max: 1 },
    text: [
      "\\n is ENTER, \\b deletes before the cursor, \\\\ is a backslash. A text that begins with a dash stands after --:",
      "bezel type -- -text",
      "When something of it is refused the screen says so, and the rest is dropped: it was meant for other fields.",
    ],
  },
  order: {
    usage: "order FILE [--json] [--url URL | --config FILE]",
    summary: "order settings as the platform does, and wait for what becomes of them",
    options: ["json", "url", "config"],
    operands: { names: "FILE", min: 1, max: 1 },
    text: [
      "FILE holds a document of settings as JSON, - is standard input. Prints the outcome, then a line for each item that is",
      "not in force. What would cost the contact to the platform is reverted. Ctrl-C takes the order back and says what",
      "became of it; a second Ctrl-C does not wait. Exit code 1 unless all of it is in force.",
      "The daemon takes orders only with settings = true under [control]; the bench always does.",
    ],
  },
  check: {
    usage: "check [--json] [--preset NAME] [--host HOST[:PORT]]... [--proxy URL] [--config FILE]",
    summary:
      "checks from this machine whether the platform can be reached: no root, no daemon, no configuration needed",
    options: ["json", "preset", "host", "proxy", "config"],
    operands: none,
    text: [
      "Run it on a laptop at the cable that the appliance will have. For each host: name, connection, TLS with the issuer",
      "of the certificate, HTTP, clock; then the bandwidth. What is wrong is said with the rule to ask the firewall's",
      "keeper for. The hosts are those of the configuration (url and hosts under [platform]), if there is one, and those of",
      "--host; or those of --preset qualys-qg3, with the addresses that they should have, and advice for filters.",
      "A proxy's password is asked for, without echo; where standard input is no terminal its first line is taken.",
      "Ctrl-C ends it at once with what is known. Exit code 1 when something is not well.",
    ],
  },
  config: {
    usage: "config check|schema|show|plan [--config FILE]",
    summary: "the configuration file",
    options: ["config"],
    operands: { names: "check, schema, show or plan", min: 1, max: 1 },
    text: [
      "check   says what is wrong with the file, each with line and key",
      "schema  prints the JSON schema of the file",
      "show    prints the configuration with all defaults; secrets are masked",
      "plan    prints what would be done to bring this machine to the stored settings, and does nothing",
    ],
  },
  support: {
    usage: "support [--output FILE] [--url URL | --config FILE]",
    summary: "one file with all that explains a fault: log, faults, network, versions, settings without secrets",
    options: ["output", "url", "config"],
    operands: none,
    text: [
      "Writes bezel-support-SERIAL-TIME.tar.gz into the current directory, for nobody else to read, and prints its path.",
      "Takes at most a minute. What cannot be had is said in the bundle: the daemon need not run. As root it holds more.",
      "Ctrl-C ends it without a file; a file that exists is never written over. Exit code 1 when it cannot be written.",
    ],
  },
  help: {
    usage: "help [COMMAND]",
    summary: "this text, or the manual of a command",
    options: [],
    operands: { names: "COMMAND", min: 0, max: 1 },
    text: [],
  },
};

export function isCommandName(text: string): text is CommandName {
  return commandNames.some((name) => name === text);
}
