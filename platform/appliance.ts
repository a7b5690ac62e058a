import * as z from "zod";
import {
  activationCodeSchema,
  defaultPollIntervalSeconds,
  indicatorSchema,
  jobOrderSchema,
  mostFaults,
  nameSchema,
  type PollReply,
  type PollRequest,
  pollIntervalSecondsSchema,
  type RefusalReason,
  settingsItemSchema,
  type ToldFault,
  toldFaultSchema,
} from "../src/uplink/protocol.ts";

/** `queued`: not reported by the appliance yet; after that its own word for it. */
const platformJobSchema = jobOrderSchema.extend({
  state: z.enum(["queued", "running", "canceling", "done", "canceled", "failed"]),
  /** Somebody wants it canceled. */
  cancel: z.boolean(),
});

/** What may be changed by hand. */
export const applianceChangeSchema = z.strictObject({
  /** `disabled`, `expired` and `removed` are refused with a reason of their own; `unactivated` gives it a new code. */
  state: z.enum(["unactivated", "active", "disabled", "expired", "removed"]).optional(),
  name: nameSchema.optional(),
  indicator: indicatorSchema.optional(),
  pollIntervalSeconds: pollIntervalSecondsSchema.optional(),
  /** The software that it should run; null: whatever it has. */
  wantedVersion: z
    .string()
    .regex(/^[!-~]{1,64}$/)
    .nullable()
    .optional(),
});

/** What the platform keeps of an appliance. */
export const applianceSchema = applianceChangeSchema.required().extend({
  /** SHA-256 of its public key, hexadecimal: the appliance. All else may change. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  serial: z.string(),
  model: z.string(),
  /** What activates it; null unless `unactivated`. */
  code: activationCodeSchema.nullable(),
  /** The latest pushed settings. */
  settings: z.strictObject({ revision: z.int(), items: z.array(settingsItemSchema) }).nullable(),
  /** Newest first. */
  jobs: z.array(platformJobSchema),
  /** The last that it told, newest first. */
  faults: z.array(toldFaultSchema).max(mostFaults).default([]),
});

export type Appliance = z.infer<typeof applianceSchema>;
export type ApplianceChange = z.infer<typeof applianceChangeSchema>;
export type PlatformJob = z.infer<typeof platformJobSchema>;

/** How soon an appliance that waits for its activation asks again. */
const pollAfterSeconds = 10;
const keptJobs = 50;

/** An appliance that polled for the first time. */
export function enroll(fingerprint: string, code: string): Appliance {
  return {
    fingerprint,
    serial: "",
    model: "",
    state: "unactivated",
    code,
    name: "scanner",
    indicator: "P",
    pollIntervalSeconds: defaultPollIntervalSeconds,
    wantedVersion: null,
    settings: null,
    jobs: [],
    faults: [],
  };
}

/** `newCode` is used when the appliance is put back to `unactivated`. */
export function changed(appliance: Appliance, change: ApplianceChange, newCode: () => string): Appliance {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const next: Appliance = { ...appliance, ...given };
  if (next.state === appliance.state) return next;
  return { ...next, code: next.state === "unactivated" ? newCode() : null };
}

/** Why the appliance is refused; null: it is not. */
export function refusalOf(appliance: Appliance): RefusalReason | null {
  switch (appliance.state) {
    case "removed":
      return "unknown-appliance";
    case "disabled":
      return "disabled";
    case "expired":
      return "account-expired";
    default:
      return null;
  }
}

/** Takes in what the appliance reports of itself. */
export function reported(appliance: Appliance, request: PollRequest): Appliance {
  const jobs = appliance.jobs.map((job) => ({ ...job, state: jobState(job, request) }));
  const isOpen = (job: PlatformJob) => !isEnded(job);
  const room = keptJobs - jobs.filter(isOpen).length;
  const ended = jobs.filter(isEnded).slice(0, Math.max(0, room));
  return {
    ...appliance,
    serial: request.serial,
    model: request.model,
    jobs: jobs.filter((job) => isOpen(job) || ended.includes(job)),
    faults: withTold(appliance.faults, request.faults),
  };
}

/** What is told again, because its end or a lost reply made it, takes its own place. A box that lost its numbers begins anew. */
function withTold(known: readonly ToldFault[], told: readonly ToldFault[]): ToldFault[] {
  const again = (fault: ToldFault) => (other: ToldFault) =>
    other.number === fault.number && other.since === fault.since;
  const fresh = told.filter((fault) => !known.some(again(fault)));
  return [...fresh, ...known.map((fault) => told.find(again(fault)) ?? fault)].slice(0, mostFaults);
}

function jobState(job: PlatformJob, request: PollRequest): PlatformJob["state"] {
  const seen = request.jobs.find(({ id }) => id === job.id);
  if (seen !== undefined) return seen.state;
  if (isEnded(job)) return job.state;
  // The order may have reached the appliance with a reply that nobody saw the result of; now it is known not to have.
  if (job.state === "queued") return job.cancel ? "canceled" : "queued";
  // It ran and is not known any more: the appliance was restarted.
  return "failed";
}

export function isEnded({ state }: PlatformJob): boolean {
  return state === "done" || state === "canceled" || state === "failed";
}

/** The reply to an appliance that is not refused; `reported` comes first. */
export function replyTo(appliance: Appliance, request: PollRequest, time: string): PollReply {
  const { nonce } = request;
  const { code, name, indicator, pollIntervalSeconds, settings, jobs, wantedVersion } = appliance;
  if (appliance.state === "unactivated") {
    const registration = { state: "unactivated" as const, code: code ?? "", pollAfterSeconds };
    return { nonce, time, registration, settings: null, jobs: [], cancellations: [], update: null };
  }
  return {
    nonce,
    time,
    registration: { state: "active", name, indicator, pollIntervalSeconds },
    settings: settings?.revision === request.settings.revision ? null : settings,
    jobs: jobs
      .filter(({ state, cancel }) => state === "queued" && !cancel)
      .map(({ id, kind, parameters }) => ({ id, kind, parameters })),
    cancellations: jobs.filter((job) => job.cancel && !isEnded(job) && job.state !== "queued").map(({ id }) => id),
    update: wantedVersion === null || wantedVersion === request.versions.software ? null : { version: wantedVersion },
  };
}
