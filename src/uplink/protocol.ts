import * as z from "zod";

/**
 * What the appliance and its platform say to each other, as `docs/platform-api.yaml` describes it. Both sides are strict:
 * a field that this version does not know makes a message bad, so a new field means a new version in the path.
 */
export const pollPath = "/appliance/v1/poll";

/** Random bytes for whoever wants to know how fast they come; no device certificate is needed. */
export const bandwidthPath = "/appliance/v1/bandwidth";
/** Five seconds on the slowest line that is recommended, 1.5 Mbit/s. */
export const bandwidthBytes = 1_000_000;

/** Results of 4094 VLANs and 99 routes fit. */
export const maxRequestBytes = 1024 * 1024;
/** 4094 pushed VLANs with their addresses fit. */
export const maxReplyBytes = 1024 * 1024;
/** Until the platform says otherwise. */
export const defaultPollIntervalSeconds = 180;

/** What every screen and log can show: printable ASCII. */
const printable = (max: number) =>
  z
    .string()
    .regex(/^[ -~]*$/)
    .max(max);
const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const version = z.string().regex(/^[!-~]{1,64}$/);
const count = z.int().min(0).max(0x7fffffff);
const bytes = z.int().min(0);
const parameters = z.record(z.string().max(64), z.unknown());
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/)
  .refine((text) => Number.isFinite(Date.parse(text)), "no such date");

const portSummary = z.strictObject({
  mac: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
    .nullable(),
  ipv4: z.array(z.string().max(18)).max(16),
  ipv6: z.array(z.string().max(49)).max(16),
});

export const healthSchema = z.strictObject({
  uptimeSeconds: count,
  /** Runnable processes, averaged over a minute. */
  load: z.number().min(0).max(1e6),
  memory: z.strictObject({ totalBytes: bytes, availableBytes: bytes }),
  /** The file system that holds the appliance's state; null where it cannot be told. */
  disk: z.strictObject({ totalBytes: bytes, freeBytes: bytes }).nullable(),
  temperatureCelsius: z.number().min(-100).max(200).nullable(),
});

/** How many faults a request tells, and how many are worth keeping of an appliance. */
export const mostFaults = 50;

/** What was wrong with an appliance, or still is. */
export const toldFaultSchema = z.strictObject({
  /** In the order of their beginnings, whatever the clock said. The end of a fault is told by the same number and `since`. */
  number: count,
  code: z.string().regex(/^[a-z0-9-]{1,32}$/),
  message: printable(32),
  legacyCode: z
    .string()
    .regex(/^E\d{2}$/)
    .nullable(),
  detail: printable(200),
  /** By the appliance's clock, which may have been wrong. */
  since: instant,
  /** null: it stands. */
  until: instant.nullable(),
});

export const pollRequestSchema = z.strictObject({
  /** Echoed in the reply: tells the platform's answer from that of something in between. */
  nonce,
  serial: printable(64),
  model: printable(64),
  versions: z.strictObject({
    software: version,
    scanner: version.nullable(),
    signatures: version.nullable(),
  }),
  network: z.strictObject({
    mode: z.enum(["ipv4+v6", "ipv6-only"]),
    lan: portSummary,
    wan: portSummary.nullable(),
  }),
  /** Pushed settings that were applied; revision null: none yet. */
  settings: z.strictObject({
    revision: count.nullable(),
    results: z.array(z.strictObject({ id, ok: z.boolean(), message: printable(120) })).max(5000),
  }),
  jobs: z
    .array(
      z.strictObject({
        id,
        state: z.enum(["running", "canceling", "done", "canceled", "failed"]),
        percent: z.number().min(0).max(100),
      }),
    )
    .max(64),
  health: healthSchema.nullable(),
  /** What no good reply has followed yet, newest first; repeated until one does. */
  faults: z.array(toldFaultSchema).max(mostFaults),
});

/** As it fits the home screen: 15 characters beside the ENTER glyph, no space. */
export const nameSchema = z.string().regex(/^[!-~]{1,15}$/);
/** The platform's letter in the lower right corner. */
export const indicatorSchema = z.string().regex(/^[!-~]$/);
/** Fits one row of 16. */
export const activationCodeSchema = z.string().regex(/^[0-9A-Z-]{4,16}$/);
export const pollIntervalSecondsSchema = z.int().min(60).max(3600);

const registration = z.discriminatedUnion("state", [
  z.strictObject({
    state: z.literal("unactivated"),
    code: activationCodeSchema,
    pollAfterSeconds: z.int().min(10).max(30),
  }),
  z.strictObject({
    state: z.literal("active"),
    name: nameSchema,
    indicator: indicatorSchema,
    pollIntervalSeconds: pollIntervalSecondsSchema,
  }),
]);

export const jobOrderSchema = z.strictObject({ id, kind: z.enum(["scan", "update"]), parameters });

/** One pushed item. Its value is checked by whoever applies that kind, so that one bad item fails by its id and not the reply. */
export const settingsItemSchema = z.strictObject({
  id,
  kind: z.string().regex(/^[a-z0-9-]{1,32}$/),
  value: parameters,
});

export const pollReplySchema = z.strictObject({
  nonce,
  /** The platform's clock. */
  time: instant,
  registration,
  /** null: the appliance has the latest revision. */
  settings: z.strictObject({ revision: count, items: z.array(settingsItemSchema).max(5000) }).nullable(),
  /** Jobs to start; each is repeated until a request reports its id. */
  jobs: z.array(jobOrderSchema).max(64),
  /** Ids of jobs to cancel; each is repeated until its job is reported as ended. */
  cancellations: z.array(id).max(64),
  /** The software that the appliance should run; null: what it has. */
  update: z.strictObject({ version: version }).nullable(),
});

/** Body of a 403. */
export const refusalReasonSchema = z.enum(["unknown-appliance", "disabled", "account-expired", "unknown-scan"]);
export const refusalSchema = z.strictObject({ reason: refusalReasonSchema, message: printable(200) });

/** Body of any other refusal; for people, the appliance decides by the status alone. */
export const errorSchema = z.strictObject({ message: printable(200) });

export type PollRequest = z.infer<typeof pollRequestSchema>;
export type PollReply = z.infer<typeof pollReplySchema>;
export type ToldFault = z.infer<typeof toldFaultSchema>;
export type Health = z.infer<typeof healthSchema>;
export type JobOrder = z.infer<typeof jobOrderSchema>;
export type SettingsItem = z.infer<typeof settingsItemSchema>;
export type RefusalReason = z.infer<typeof refusalReasonSchema>;

/** The poll's address under the configured platform URL, which may hold a path and may end in a slash. */
export function pollUrl(platformUrl: string): string {
  return platformUrl.replace(/\/+$/, "") + pollPath;
}

/** As {@link pollUrl}. */
export function bandwidthUrl(platformUrl: string): string {
  return platformUrl.replace(/\/+$/, "") + bandwidthPath;
}
