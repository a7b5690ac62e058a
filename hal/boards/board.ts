import * as z from "zod";
import { romNames } from "../chips/character-roms.ts";
import { type Pcf8574Wiring, pcf8574Wirings } from "../chips/pcf8574.ts";

const portBit = z.int().min(0).max(7);

const wiringSchema = z
  .strictObject({
    rs: portBit,
    rw: portBit.nullable().default(null),
    en: portBit,
    data: z.tuple([portBit, portBit, portBit, portBit]),
    backlight: z
      .strictObject({ bit: portBit, on: z.enum(["high", "low"]) })
      .nullable()
      .default(null),
  })
  .refine((wiring) => {
    const bits = [wiring.rs, wiring.en, ...wiring.data, wiring.rw, wiring.backlight?.bit].filter((bit) => bit != null);
    return new Set(bits).size === bits.length;
  }, "two lines share a port bit");

const displaySchema = z.strictObject({
  chip: z.literal("hd44780"),
  expander: z.literal("pcf8574"),
  /** N of /dev/i2c-N. */
  bus: z.int().min(0).max(255),
  /** PCF8574: 0x20 to 0x27. PCF8574A: 0x38 to 0x3F. */
  address: z
    .int()
    .refine((it) => (it >= 0x20 && it <= 0x27) || (it >= 0x38 && it <= 0x3f), "not 0x20 to 0x27 or 0x38 to 0x3f"),
  /** The bus clock that the device tree sets. The chip waits are made of bus time, so a lower figure than the real one is an error. */
  hertz: z.int().min(10_000).max(400_000).default(100_000),
  wiring: z
    .union([z.enum(["lcm1602", "lcdproc"]), wiringSchema])
    .transform((it): Pcf8574Wiring => (typeof it === "string" ? pcf8574Wirings[it] : it)),
  rom: z.enum(romNames).default("A00"),
  cols: z.union([z.literal(16), z.literal(20)]),
  rows: z.union([z.literal(2), z.literal(4)]),
});

const lineOffset = z.int().min(0).max(1023);

/** Lines of one GPIO chip, which is known by its label: its number is the kernel's to choose. */
const gpio = {
  /** Labels that the chip may have, as in /sys/class/gpio/gpiochipN/label; the first one that is there counts. */
  labels: z.array(z.string().min(1).max(64)).min(1).max(8),
  active: z.enum(["low", "high"]),
};

const differ = (lines: object) => new Set(Object.values(lines)).size === Object.values(lines).length;

const keysSchema = z
  .strictObject({
    ...gpio,
    debounce_ms: z.number().min(1).max(100).default(10),
    /** A panel with four keys has no LEFT and RIGHT, or just lacks one. */
    lines: z
      .strictObject({
        UP: lineOffset,
        DOWN: lineOffset,
        LEFT: lineOffset.optional(),
        RIGHT: lineOffset.optional(),
        ENTER: lineOffset,
      })
      .refine(differ, "two keys share a line"),
  })
  .transform(({ debounce_ms, ...rest }) => ({ ...rest, debounceMs: debounce_ms }));

const ledsSchema = z.strictObject({
  ...gpio,
  lines: z
    .strictObject({ s1: lineOffset.optional(), s2: lineOffset.optional(), s3: lineOffset.optional() })
    .refine(differ, "two LEDs share a line"),
});

const boardSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower case letters, digits and hyphens only"),
  description: z.string().max(200).default(""),
  display: displaySchema.nullable().default(null),
  keys: keysSchema.nullable().default(null),
  leds: ledsSchema.nullable().default(null),
});

/** A board as it is written down. */
export type BoardFile = z.input<typeof boardSchema>;

/** A front panel's description, checked and complete. A part that is null is not there. */
export type Board = z.output<typeof boardSchema>;

/** Each problem names the key, such as `display.address: not 0x20 to 0x27 or 0x38 to 0x3f`. */
export type BoardResult =
  | { readonly ok: true; readonly value: Board }
  | { readonly ok: false; readonly error: readonly string[] };

/** Checks a board description, whatever it comes from. */
export function parseBoard(description: unknown): BoardResult {
  const parsed = boardSchema.safeParse(description);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    error: parsed.error.issues.map((issue) => [issue.path.join("."), issue.message].filter(Boolean).join(": ")),
  };
}
