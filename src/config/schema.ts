import * as z from "zod/mini";
import { logLevels } from "./config.ts";

const bauds = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400] as const;
/** Linux: IFNAMSIZ less the terminating zero. */
const maxInterfaceName = 15;
/** sun_path of unix(7) holds 108 bytes, the last one zero. */
const maxSocketPath = 107;
const maxPath = 255;
const maxHosts = 64;
const maxConsoles = 16;
const dayInSeconds = 86_400;

const hostName = "[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?";
const hostAndPort = new RegExp(`^(${hostName}|\\[[0-9A-Fa-f:.]{2,45}\\])(:\\d{1,5})?$`);

/**
 * The configuration file: keys as written there, every key optional. Made at each call, because building it costs time
 * that a start without a configuration file need not spend. Each field has one message for whatever is wrong with it.
 *
 * The first picture waits for this schema, hence zod's small form: it loads and builds in a third of the time.
 */
export function createFileSchema() {
  return z.strictObject({
    product: section({
      name: withDefault(text(/^[ -~]{1,16}$/, "must be 1 to 16 printable ASCII characters"), "Qualys"),
    }),
    appliance: section({
      serial: withDefault(text(/^[!-~]{0,32}$/, "must be at most 32 printable ASCII characters without spaces"), ""),
      model: withDefault(text(/^[ -~]{0,32}$/, "must be at most 32 printable ASCII characters"), ""),
    }),
    platform: section({
      url: withDefault(httpsUrl(), "https://platform.example"),
      ca_file: withDefault(
        text(/^(\/\P{Cc}{1,254})?$/u, "must be an absolute path, or empty for the authorities of the system"),
        "",
      ),
      hosts: withDefault(list(isHost, maxHosts, 'strings "host" or "host:port"'), []),
    }),
    network: z.prefault(
      table({
        lan: withDefault(interfaceName(), "lan0"),
        wan: withDefault(interfaceName(), "wan0"),
        backend: withDefault(oneOf(["networkmanager", "simulated"]), "networkmanager"),
        ping: withDefault(z.boolean({ error: "must be true or false" }), true),
      }).check(
        z.refine(({ lan, wan }) => lan !== wan, {
          path: ["wan"],
          error: "must be another interface than network.lan",
        }),
      ),
      {},
    ),
    panel: section({
      board: withDefault(text(/^\P{Cc}{1,255}$/u, "must be the name of a board or the path of a board file"), "mock"),
      cols: withDefault(oneOf([16, 20]), 16),
      rows: withDefault(oneOf([2, 4]), 2),
      pin: withDefault(text(/^(\d{4,8})?$/, "must be 4 to 8 digits in quotes, or empty for none"), ""),
      idle_seconds: withDefault(seconds("0 for never"), 300),
      blank_seconds: withDefault(seconds("0 for never"), 0),
      keys: withDefault(oneOf([4, 5]), 5),
    }),
    console: section({
      devices: withDefault(list(isDevicePattern, maxConsoles, "absolute paths, with * and ? in the last part only"), [
        "/dev/ttyUSB*",
      ]),
      baud: withDefault(oneOf(bauds), 9600),
      stop_bits: withDefault(oneOf([1, 2]), 2),
    }),
    control: section({
      socket: withDefault(socketPath(), "/run/bezel/control.sock"),
      keys: withDefault(yesOrNo(), false),
      settings: withDefault(yesOrNo(), false),
    }),
    state: section({
      directory: withDefault(
        text(/^\/\P{Cc}{0,254}$/u, `must be an absolute path of at most ${maxPath} characters`),
        "/var/lib/bezel",
      ),
    }),
    log: section({ level: withDefault(oneOf(logLevels), "info") }),
  });
}

/** What a valid file says, defaults filled in. */
export type ConfigFile = z.output<ReturnType<typeof createFileSchema>>;

function table<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be a table" : undefined),
  });
}

/** A table that may be left out, in which every key has a default. */
function section<Shape extends Readonly<Record<string, z.ZodMiniDefault>>>(shape: Shape) {
  return z.prefault(table(shape), {} as z.input<ReturnType<typeof table<Shape>>>);
}

const withDefault = z._default;

function text(pattern: RegExp, error: string) {
  return z.string({ error }).check(z.regex(pattern, { error }));
}

function oneOf<const Values extends readonly (string | number)[]>(values: Values) {
  const words = values.map((value) => JSON.stringify(value));
  return z.literal(values, { error: `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}` });
}

function yesOrNo() {
  return z.boolean({ error: "must be true or false" });
}

function seconds(special: string) {
  const error = `must be a whole number of seconds from 0 to ${dayInSeconds} (${special})`;
  return z.int({ error }).check(z.gte(0, { error }), z.lte(dayInSeconds, { error }));
}

function list(accepts: (item: string) => boolean, max: number, items: string) {
  const error = `must be a list of at most ${max} ${items}`;
  return z.array(z.string({ error }).check(z.refine(accepts, { error })), { error }).check(z.maxLength(max, { error }));
}

/**
 * What Linux takes, less a leading hyphen, which `ip` and `nmcli` would take for an option, and less what means something else
 * in a name for nft(8).
 */
function interfaceName() {
  return text(
    new RegExp(`^(?!-|\\.{1,2}$)(?!.*["*\\\\])[!-.0-9;-~]{1,${maxInterfaceName}}$`),
    `must be the name of a network interface, 1 to ${maxInterfaceName} characters, none of them " * or \\`,
  );
}

function httpsUrl() {
  const error = 'must be an https address without user, query and fragment, such as "https://platform.example"';
  return text(/^https:\/\//, error).check(z.refine(isPlainUrl, { error }));
}

function isPlainUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

function socketPath() {
  const error = `must be an absolute path of at most ${maxSocketPath} bytes`;
  return text(/^\/\P{Cc}+$/u, error).check(z.refine((path) => Buffer.byteLength(path) <= maxSocketPath, { error }));
}

function isHost(value: string): boolean {
  const port = /:(\d+)$/.exec(value)?.[1];
  return hostAndPort.test(value) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65535));
}

/** Wildcards in the last part only: the console port looks into one folder. */
function isDevicePattern(value: string): boolean {
  return value.length <= maxPath && /^\/([^*?\p{Cc}]*\/)?[^/\p{Cc}]+$/u.test(value);
}
