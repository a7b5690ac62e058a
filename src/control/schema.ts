import * as z from "zod";
import { linkModes } from "../../hal/ethernet.ts";
import { rungNames } from "../model/network-test.ts";

export const errorKinds = [
  "bad-request",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "too-large",
  "busy",
  "internal",
] as const;

/** A body of `POST /v1/settings`: 4094 VLANs and 99 routes, and room. */
export const maxOrderBytes = 1024 * 1024;

/** Longest list and longest text of one request; what they amount to is bounded again by `maxInputs`. */
const maxEntries = 10_000;

/** Body of `POST /v1/keys`. */
export function createKeysRequestSchema() {
  return z.union(
    [
      z.strictObject({ keys: z.array(z.string().max(32)).max(maxEntries) }),
      z.strictObject({ text: z.string().max(maxEntries) }),
    ],
    { error: 'expected {"keys": ["ENTER", ...]} or {"text": "..."}' },
  );
}

/**
 * What the local API answers with, for those who read it. `docs/control-api.yaml` describes the same; a test compares the
 * two. Made at each call: the daemon never reads its own answers, and building costs some milliseconds of its start.
 */
export function createAnswerSchemas() {
  const text = z.string();
  /** ISO 8601 UTC. */
  const time = z.string();
  const count = z.int().min(0);
  const leds = z.object({ s1: z.boolean(), s2: z.boolean(), s3: z.boolean() });
  const jobState = z.enum(["running", "canceling", "done", "canceled", "failed"]);

  const screen = z.object({
    screen: text,
    cols: z.int().min(1),
    rows: z.int().min(1),
    lines: z.array(text),
    cursor: z.object({ row: z.int().min(0), col: z.int().min(0) }).nullable(),
    leds,
    blank: z.boolean(),
  });

  const fault = z.object({
    code: text,
    message: text,
    legacyCode: z
      .string()
      .regex(/^E(0\d|1[0-4])$/)
      .nullable(),
    detail: text,
    next: text,
    since: time,
  });

  const portName = z.enum(["lan", "wan"]).nullable();
  const rung = z.enum(rungNames);
  const test = z.object({
    state: z.enum(["running", "done", "canceled", "refused"]),
    reason: text.nullable(),
    started: time,
    rungs: z.array(z.object({ rung, port: portName, ok: z.boolean(), ms: count, detail: text })),
    climbing: z.object({ rung, port: portName }).nullable(),
    fault: fault.omit({ since: true }).nullable(),
  });

  const port = z.object({
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
  });

  const scanState = z.enum(["unknown", "working", "settled", "unavailable"]);
  const revision = count.nullable();

  const status = z.object({
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
    fault: fault.nullable(),
    faults: z.array(fault.extend({ until: time.nullable() })),
    test: test.nullable(),
    name: text.nullable(),
    activationCode: text.nullable(),
    platformIndicator: text.nullable(),
    mode: z.enum(["ipv4+v6", "ipv6-only"]),
    lan: port.extend({ vlan: z.int().min(0).max(4094), wins: z.array(text) }),
    wan: port.nullable(),
    proxy: z.object({ host: text, port: z.int().min(1).max(65535), user: text.nullable() }).nullable(),
    secrets: z.enum(["sealed", "plain", "unopened"]).nullable(),
    leds,
    poll: z.object({
      intervalSeconds: z.number(),
      lastAttempt: time.nullable(),
      lastSuccess: time.nullable(),
      next: time.nullable(),
    }),
    scans: z.array(z.object({ id: text, state: jobState, percent: z.number().min(0).max(100) })),
    scanNetworks: z.object({
      revision,
      vlans: count,
      routes: count,
      failed: count,
      state: scanState,
      detail: text.nullable(),
    }),
    update: z.object({ version: text, state: jobState }).nullable(),
    panel: z.object({ board: text, state: z.enum(["ok", "degraded", "lost"]) }),
    consoles: z.array(z.object({ device: text, state: z.enum(["open", "lost"]) })),
  });

  const results = z.array(z.object({ id: text, ok: z.boolean(), message: text }));
  const report = z.object({
    revision,
    outcome: z.enum(["kept", "refused", "reverted", "canceled", "busy"]),
    reason: text.nullable(),
    results,
  });
  const settings = z.object({
    revision,
    vlans: count,
    routes: count,
    state: scanState,
    detail: text.nullable(),
    results,
    last: report.nullable(),
  });
  const cancellation = z.object({ canceled: z.boolean() });

  const error = z.object({ error: z.object({ kind: z.enum(errorKinds), message: text }) });

  return { screen, status, report, settings, cancellation, error };
}

type AnswerSchemas = ReturnType<typeof createAnswerSchemas>;
export type ScreenDocument = z.infer<AnswerSchemas["screen"]>;
export type StatusDocument = z.infer<AnswerSchemas["status"]>;
export type ScanNetworksDocument = StatusDocument["scanNetworks"];
export type OrderReportDocument = z.infer<AnswerSchemas["report"]>;
export type SettingsDocument = z.infer<AnswerSchemas["settings"]>;
export type CancellationDocument = z.infer<AnswerSchemas["cancellation"]>;
export type ErrorDocument = z.infer<AnswerSchemas["error"]>;
export type ErrorKind = (typeof errorKinds)[number];
export type KeysRequest = z.infer<ReturnType<typeof createKeysRequestSchema>>;
