import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Config } from "../../../src/config/config.ts";
import { configJsonSchema } from "../../../src/config/json-schema.ts";
import { defaultConfig, describeConfigProblem, loadConfig, parseConfig, showConfig } from "../../../src/config/load.ts";

const full = `
[product]
name = "Acme"
[appliance]
serial = "29001"
model = "QGSA-5120"
[platform]
url = "https://platform.example:8443/base/"
ca_file = "/etc/bezel/ca.pem"
hosts = ["a.example", "b.example:8443", "192.0.2.1:443", "[2001:db8::1]:443"]
[network]
lan = "eth0"
wan = "eth1.5"
backend = "simulated"
ping = false
[panel]
board = "/etc/bezel/boards/mine.toml"
cols = 20
rows = 4
pin = "12345678"
idle_seconds = 0
blank_seconds = 86400
keys = 4
[console]
devices = ["/dev/ttyS0", "/dev/serial/by-id/*"]
baud = 115200
stop_bits = 1
[control]
socket = "/tmp/control.sock"
keys = true
settings = true
[state]
directory = "/tmp/bezel"
[log]
level = "debug"
`;

const fullConfig: Config = {
  product: { name: "Acme" },
  appliance: { serial: "29001", model: "QGSA-5120" },
  platform: {
    url: "https://platform.example:8443/base",
    caFile: "/etc/bezel/ca.pem",
    hosts: ["a.example", "b.example:8443", "192.0.2.1:443", "[2001:db8::1]:443"],
  },
  network: { lan: "eth0", wan: "eth1.5", backend: "simulated", ping: false },
  panel: {
    board: "/etc/bezel/boards/mine.toml",
    cols: 20,
    rows: 4,
    pin: "12345678",
    idleSeconds: 0,
    blankSeconds: 86400,
    keys: 4,
  },
  console: { devices: ["/dev/ttyS0", "/dev/serial/by-id/*"], baud: 115200, stopBits: 1 },
  control: { socket: "/tmp/control.sock", keys: true, settings: true },
  state: { directory: "/tmp/bezel" },
  log: { level: "debug" },
};

const problemsOf = (text: string) => {
  const parsed = parseConfig(text, "bezel.toml");
  return parsed.ok ? [] : parsed.error.map(describeConfigProblem);
};

describe("configuration file", () => {
  it("takes every key", () => {
    expect(parseConfig(full, "bezel.toml")).toEqual({ ok: true, value: fullConfig });
  });

  it("takes the default for every missing key", () => {
    const value: Config = {
      product: { name: "Qualys" },
      appliance: { serial: "", model: "" },
      platform: { url: "https://platform.example", caFile: null, hosts: [] },
      network: { lan: "lan0", wan: "wan0", backend: "networkmanager", ping: true },
      panel: { board: "mock", cols: 16, rows: 2, pin: "", idleSeconds: 300, blankSeconds: 0, keys: 5 },
      console: { devices: ["/dev/ttyUSB*"], baud: 9600, stopBits: 2 },
      control: { socket: "/run/bezel/control.sock", keys: false, settings: false },
      state: { directory: "/var/lib/bezel" },
      log: { level: "info" },
    };
    expect(parseConfig("", "bezel.toml")).toEqual({ ok: true, value });
    expect(parseConfig("[panel]\n[log]\n", "bezel.toml")).toEqual({ ok: true, value });
    expect(defaultConfig()).toEqual(value);
  });

  const seconds = "must be a whole number of seconds from 0 to 86400 (0 for never)";
  const url = 'must be an https address without user, query and fragment, such as "https://platform.example"';
  const hosts = 'must be a list of at most 64 strings "host" or "host:port"';
  const interfaceName = 'must be the name of a network interface, 1 to 15 characters, none of them " * or \\';
  const devices = "must be a list of at most 16 absolute paths, with * and ? in the last part only";
  const socket = "must be an absolute path of at most 107 bytes";

  it.each([
    // Syntax, in the parser's words.
    ["[panel]\ncols = = 16", "bezel.toml:2: is not valid TOML: invalid value"],
    [
      "[panel]\ncols = 16\ncols = 20",
      "bezel.toml:3: is not valid TOML: trying to redefine an already defined table or value",
    ],
    ["[panel\ncols = 16", "bezel.toml:1: is not valid TOML: illegal character in key"],
    // Keys that do not exist.
    [
      "colour = 1",
      "bezel.toml:1: colour: unknown; there are product, appliance, platform, network, panel, console, control, state, log",
    ],
    [
      "# scans\n\n[scans]\nmax = 1",
      "bezel.toml:3: scans: unknown; there are product, appliance, platform, network, panel, console, control, state, log",
    ],
    ["[console]\n\nspeed = 9600", "bezel.toml:3: console.speed: unknown; [console] has devices, baud, stop_bits"],
    ["[console]\nstopBits = 1", "bezel.toml:2: console.stopBits: unknown; [console] has devices, baud, stop_bits"],
    // Wrong types.
    ["panel = 3", "bezel.toml:1: panel: must be a table"],
    ["[[panel]]\ncols = 16", "bezel.toml:1: panel: must be a table"],
    ['[panel]\ncols = "16"', "bezel.toml:2: panel.cols: must be 16 or 20"],
    ["[panel]\npin = 1234", "bezel.toml:2: panel.pin: must be 4 to 8 digits in quotes, or empty for none"],
    ["[control]\nkeys = 1", "bezel.toml:2: control.keys: must be true or false"],
    ["[platform]\nhosts = 'a'", `bezel.toml:2: platform.hosts: ${hosts}`],
    ["[product]\nname = 2026-01-01", "bezel.toml:2: product.name: must be 1 to 16 printable ASCII characters"],
    // Values out of bounds.
    ["[product]\nname = ''", "bezel.toml:2: product.name: must be 1 to 16 printable ASCII characters"],
    [
      "[appliance]\nserial = 'a b'",
      "bezel.toml:2: appliance.serial: must be at most 32 printable ASCII characters without spaces",
    ],
    [
      `[appliance]\nmodel = '${"x".repeat(33)}'`,
      "bezel.toml:2: appliance.model: must be at most 32 printable ASCII characters",
    ],
    ["[platform]\nurl = 'http://platform.example'", `bezel.toml:2: platform.url: ${url}`],
    ["[platform]\nurl = 'https://user:secret@platform.example'", `bezel.toml:2: platform.url: ${url}`],
    ["[platform]\nurl = 'https://platform.example/?a=1'", `bezel.toml:2: platform.url: ${url}`],
    ["[platform]\nurl = 'https://'", `bezel.toml:2: platform.url: ${url}`],
    [
      "[platform]\nca_file = 'ca.pem'",
      "bezel.toml:2: platform.ca_file: must be an absolute path, or empty for the authorities of the system",
    ],
    ["[platform]\nhosts = [\n  'a.example',\n  'b.example:0',\n]", `bezel.toml:2: platform.hosts: ${hosts}`],
    ["[platform]\nhosts = ['b.example:65536', 'https://c.example']", `bezel.toml:2: platform.hosts: ${hosts}`],
    ["[network]\nlan = 'a/b'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nlan = '..'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nlan = '.'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nlan = 'a\"b'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nlan = 'lan*'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nlan = 'lan\\0'", `bezel.toml:2: network.lan: ${interfaceName}`],
    ["[network]\nping = 1", "bezel.toml:2: network.ping: must be true or false"],
    ["[network]\nwan = '-force'", `bezel.toml:2: network.wan: ${interfaceName}`],
    ["[network]\nwan = 'sixteencharacter'", `bezel.toml:2: network.wan: ${interfaceName}`],
    ["[network]\nlan = 'wan0'", "bezel.toml:1: network.wan: must be another interface than network.lan"],
    ["[network]\nbackend = 'netplan'", 'bezel.toml:2: network.backend: must be "networkmanager" or "simulated"'],
    ["[panel]\nboard = ''", "bezel.toml:2: panel.board: must be the name of a board or the path of a board file"],
    ["[panel]\nrows = 3", "bezel.toml:2: panel.rows: must be 2 or 4"],
    ["[panel]\npin = '123'", "bezel.toml:2: panel.pin: must be 4 to 8 digits in quotes, or empty for none"],
    ["[panel]\nidle_seconds = -1", `bezel.toml:2: panel.idle_seconds: ${seconds}`],
    ["[panel]\nblank_seconds = 1.5", `bezel.toml:2: panel.blank_seconds: ${seconds}`],
    ["[panel]\nkeys = 6", "bezel.toml:2: panel.keys: must be 4 or 5"],
    ["[console]\ndevices = ['ttyS0']", `bezel.toml:2: console.devices: ${devices}`],
    ["[console]\ndevices = ['/dev/*/a']", `bezel.toml:2: console.devices: ${devices}`],
    ['[console]\ndevices = ["/dev/a\\u0000"]', `bezel.toml:2: console.devices: ${devices}`],
    [
      "[console]\nbaud = 9601",
      "bezel.toml:2: console.baud: must be 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 or 230400",
    ],
    ["[console]\nstop_bits = 0", "bezel.toml:2: console.stop_bits: must be 1 or 2"],
    [`[control]\nsocket = '/${"é".repeat(60)}'`, `bezel.toml:2: control.socket: ${socket}`],
    ["[control]\nsocket = 'control.sock'", `bezel.toml:2: control.socket: ${socket}`],
    [
      "[state]\ndirectory = 'state'",
      "bezel.toml:2: state.directory: must be an absolute path of at most 255 characters",
    ],
    [
      "[log]\nlevel = 'loud'",
      'bezel.toml:2: log.level: must be "trace", "debug", "info", "warn", "error", "fatal" or "silent"',
    ],
  ])("refuses %j", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("names all problems at once, in the order of the file", () => {
    expect(problemsOf('[log]\nlevel = 1\n[panel]\nrows = 3\ncols = 1\n[console]\nstop_bits = "x"')).toEqual([
      'bezel.toml:2: log.level: must be "trace", "debug", "info", "warn", "error", "fatal" or "silent"',
      "bezel.toml:4: panel.rows: must be 2 or 4",
      "bezel.toml:5: panel.cols: must be 16 or 20",
      "bezel.toml:7: console.stop_bits: must be 1 or 2",
    ]);
  });

  it("never throws, whatever the text", () => {
    const scraps = fc.constantFrom("[panel]", "[", "]", "cols", "=", "16", '"', "\n", "#", "{", "}", ",", "a.b", "'''");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(scraps, { maxLength: 30 }).map((parts) => parts.join("")),
        ),
        (text) => {
          const parsed = parseConfig(text, "bezel.toml");
          if (!parsed.ok) expect(parsed.error.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("reading the configuration file", () => {
  const file = "/etc/bezel/bezel.toml";

  it("gives what it says", async () => {
    const files = createMemoryFiles();
    files.put(file, full);
    expect(await loadConfig(files, file)).toEqual({ ok: true, value: fullConfig });
  });

  it.each<[string, (files: ReturnType<typeof createMemoryFiles>) => unknown, string]>([
    ["missing", () => {}, `${file}: there is no such file; name another one with --config FILE`],
    ["too large", (files) => files.put(file, "#".repeat(70_000)), `${file}: is larger than 64 KiB`],
    ["not UTF-8", (files) => files.put(file, new Uint8Array([0x23, 0xff])), `${file}: is not UTF-8 text`],
    [
      "not ours to read",
      (files) => files.fail({ kind: "denied" }),
      `${file}: cannot be read: ${file}: read failed (injected)`,
    ],
  ])("says that it is %s", async (_, prepare, message) => {
    const files = createMemoryFiles();
    prepare(files);
    const loaded = await loadConfig(files, file);
    expect(loaded.ok ? [] : loaded.error.map(describeConfigProblem)).toEqual([message]);
  });
});

describe("showing the configuration", () => {
  it("says the same as the file, but for the PIN", () => {
    const shown = showConfig(fullConfig);
    expect(shown).not.toContain("12345678");
    expect(shown).toContain('pin = "********"');
    const again = parseConfig(shown.replace("********", "12345678"), "shown");
    expect(again).toEqual({ ok: true, value: fullConfig });
  });

  it("shows that there is no PIN", () => {
    expect(showConfig(defaultConfig())).toContain('pin = ""');
  });

  it("offers a JSON schema that takes what we take and refuses what we refuse", () => {
    const validate = new Ajv2020().compile(configJsonSchema());
    expect(validate({})).toBe(true);
    expect(validate(parse(full))).toBe(true);
    expect(validate({ panel: { cols: 17 } })).toBe(false);
    expect(validate({ panel: { colums: 16 } })).toBe(false);
    expect(validate({ platform: { url: "http://platform.example" } })).toBe(false);
  });
});
