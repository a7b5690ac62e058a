import * as z from "zod";
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
 */
export function createFileSchema() {
  return z.strictObject({
    product: section({
      name: text(/^[ -~]{1,16}$/, "must be 1 to 16 printable ASCII characters").default("Qualys"),
    }),
    appliance: section({
      serial: text(/^[!-~]{0,32}$/, "must be at most 32 printable ASCII characters without spaces").default(""),
      model: text(/^[ -~]{0,32}$/, "must be at most 32 printable ASCII characters").default(""),
    }),
    platform: section({
      url: httpsUrl().default("https://platform.example"),
      ca_file: text(
        /^(\/\P{Cc}{1,254})?$/u,
        "must be an absolute path, or empty for the authorities of the system",
      ).default(""),
      hosts: list(isHost, maxHosts, 'strings "host" or "host:port"').default([]),
    }),
    network: table({
      lan: interfaceName().default("lan0"),
      wan: interfaceName().default("wan0"),
      backend: oneOf(["networkmanager", "simulated"]).default("networkmanager"),
    })
      .refine(({ lan, wan }) => lan !== wan, { path: ["wan"], error: "must be another interface than network.lan" })
      .prefault({}),
    panel: section({
      board: text(/^\P{Cc}{1,255}$/u, "must be the name of a board or the path of a board file").default("mock"),
      cols: oneOf([16, 20]).default(16),
      rows: oneOf([2, 4]).default(2),
      pin: text(/^(\d{4,8})?$/, "must be 4 to 8 digits in quotes, or empty for none").default(""),
      idle_seconds: seconds("0 for never").default(300),
      blank_seconds: seconds("0 for never").default(0),
      keys: oneOf([4, 5]).default(5),
    }),
    console: section({
      devices: list(isDevicePattern, maxConsoles, "absolute paths, with * and ? in the last part only").default([
        "/dev/ttyUSB*",
      ]),
      baud: oneOf(bauds).default(9600),
      stop_bits: oneOf([1, 2]).default(2),
    }),
    control: section({
      socket: socketPath().default("/run/bezel/control.sock"),
      keys: z.boolean({ error: "must be true or false" }).default(false),
    }),
    state: section({
      directory: text(/^\/\P{Cc}{0,254}$/u, `must be an absolute path of at most ${maxPath} characters`).default(
        "/var/lib/bezel",
      ),
    }),
    log: section({ level: oneOf(logLevels).default("info") }),
  });
}

/** What a valid file says, defaults filled in. */
export type ConfigFile = z.output<ReturnType<typeof createFileSchema>>;

/** JSON schema of the file, for editors and for `bezel config schema`. */
export function configJsonSchema(): object {
  return z.toJSONSchema(createFileSchema(), { io: "input" });
}

function table<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be a table" : undefined),
  });
}

/** A table that may be left out, in which every key has a default. */
function section<Shape extends Readonly<Record<string, z.ZodDefault>>>(shape: Shape) {
  return table(shape).prefault({} as z.input<ReturnType<typeof table<Shape>>>);
}

function text(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}

function oneOf<const Values extends readonly (string | number)[]>(values: Values) {
  const words = values.map((value) => JSON.stringify(value));
  return z.literal(values, { error: `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}` });
}

function seconds(special: string) {
  const error = `must be a whole number of seconds from 0 to ${dayInSeconds} (${special})`;
  return z.int({ error }).min(0, { error }).max(dayInSeconds, { error });
}

function list(accepts: (item: string) => boolean, max: number, items: string) {
  const error = `must be a list of at most ${max} ${items}`;
  return z.array(z.string({ error }).refine(accepts, { error }), { error }).max(max, { error });
}

function interfaceName() {
  return text(
    new RegExp(`^(?!\\.{1,2}$)[!-.0-9;-~]{1,${maxInterfaceName}}$`),
    `must be the name of a network interface, 1 to ${maxInterfaceName} characters`,
  );
}

function httpsUrl() {
  const error = 'must be an https address without user, query and fragment, such as "https://platform.example"';
  return text(/^https:\/\//, error).refine(isPlainUrl, { error });
}

function isPlainUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

function socketPath() {
  const error = `must be an absolute path of at most ${maxSocketPath} bytes`;
  return text(/^\/\P{Cc}+$/u, error).refine((path) => Buffer.byteLength(path) <= maxSocketPath, { error });
}

function isHost(value: string): boolean {
  const port = /:(\d+)$/.exec(value)?.[1];
  return hostAndPort.test(value) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65535));
}

/** Wildcards in the last part only: the console port looks into one folder. */
function isDevicePattern(value: string): boolean {
  return value.length <= maxPath && /^\/([^*?\p{Cc}]*\/)?[^/\p{Cc}]+$/u.test(value);
}
