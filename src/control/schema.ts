import { z } from "zod";
import { linkModes } from "../../hal/ethernet.ts";

/** The documents of the local API. `docs/control-api.yaml` describes the same; a test compares the two. */

const ledsSchema = z.object({ s1: z.boolean(), s2: z.boolean(), s3: z.boolean() });
const text = z.string();
/** ISO 8601 UTC. */
const time = z.string();

export const screenSchema = z.object({
  screen: text,
  cols: z.int().min(1),
  rows: z.int().min(1),
  lines: z.array(text),
  cursor: z.object({ row: z.int().min(0), col: z.int().min(0) }).nullable(),
  leds: ledsSchema,
  blank: z.boolean(),
});

const faultFields = {
  message: text,
  legacyCode: z
    .string()
    .regex(/^E(0\d|1[0-4])$/)
    .nullable(),
  detail: text,
  next: text,
  since: time,
};

const portFields = {
  interface: text,
  mac: text.nullable(),
  carrier: z.boolean(),
  speedMbps: z.number().nullable(),
  duplex: z.enum(["full", "half"]).nullable(),
  link: z.enum(linkModes),
  method: z.enum(["dhcp", "static", "auto6", "static6"]),
  ipv4: z.array(text),
  ipv6: z.array(text),
  gateway: text.nullable(),
  dns: z.array(text),
  domain: text.nullable(),
  lease: z.object({ server: text.nullable(), expires: time }).nullable(),
};

export const statusSchema = z.object({
  product: text,
  version: text,
  model: text,
  serial: text,
  phase: z.enum([
    "starting",
    "contacting",
    "activation",
    "ready",
    "communication-failure",
    "network-error",
    "rebooting",
    "shutting-down",
  ]),
  fault: z.object(faultFields).nullable(),
  faults: z.array(z.object({ ...faultFields, until: time.nullable() })),
  name: text.nullable(),
  activationCode: text.nullable(),
  platformIndicator: text.nullable(),
  mode: z.enum(["ipv4+v6", "ipv6-only"]),
  lan: z.object({ ...portFields, vlan: z.int().min(0).max(4094), wins: z.array(text) }),
  wan: z.object(portFields).nullable(),
  proxy: z.object({ host: text, port: z.int().min(1).max(65535), user: text.nullable() }).nullable(),
  leds: ledsSchema,
  poll: z.object({
    intervalSeconds: z.number(),
    lastAttempt: time.nullable(),
    lastSuccess: time.nullable(),
    next: time.nullable(),
  }),
  scans: z.array(
    z.object({
      id: text,
      state: z.enum(["running", "canceling", "done", "canceled", "failed"]),
      percent: z.number().min(0).max(100),
    }),
  ),
  update: z.object({ version: text, state: z.enum(["running", "canceling", "done", "canceled", "failed"]) }).nullable(),
  panel: z.object({ board: text, state: z.enum(["ok", "degraded", "lost"]) }),
  consoles: z.array(z.object({ device: text, state: z.enum(["open", "lost"]) })),
});

/** Longest list and longest text of one request; what they amount to is bounded again by `maxInputs`. */
const maxEntries = 10_000;

export const keysRequestSchema = z.union([
  z.strictObject({ keys: z.array(z.string().max(32)).max(maxEntries) }),
  z.strictObject({ text: z.string().max(maxEntries) }),
]);

export const errorKinds = [
  "bad-request",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "too-large",
  "internal",
] as const;

export const errorSchema = z.object({ error: z.object({ kind: z.enum(errorKinds), message: text }) });

export type ScreenDocument = z.infer<typeof screenSchema>;
export type StatusDocument = z.infer<typeof statusSchema>;
export type KeysRequest = z.infer<typeof keysRequestSchema>;
export type ErrorKind = (typeof errorKinds)[number];
export type ErrorDocument = z.infer<typeof errorSchema>;
