import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import {
  jobOrderSchema,
  type PollReply,
  type PollRequest,
  type RefusalReason,
  type SettingsItem,
  settingsItemSchema,
} from "../src/uplink/protocol.ts";
import { newActivationCode, normalizedCode } from "./activation-code.ts";
import {
  type Appliance,
  type ApplianceChange,
  applianceChangeSchema,
  changed,
  enroll,
  isEnded,
  refusalOf,
  replyTo,
  reported,
} from "./appliance.ts";

/** A poll as it came in; `at` is ISO 8601 UTC. */
export interface LastPoll {
  readonly at: string;
  readonly request: PollRequest;
}

/** An appliance with what is known of it since the platform's start. */
export interface KnownAppliance extends Appliance {
  readonly lastPoll: LastPoll | null;
}

/** What an operator asked for, done or refused with a reason for people. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The operator's side. */
export interface Operations {
  /** In the order of their first poll. */
  appliances(): readonly KnownAppliance[];
  /** Activates the appliance that shows this code; case, spaces and hyphens do not matter. Gives its fingerprint. */
  activate(code: string, change?: Pick<ApplianceChange, "name" | "indicator">): Outcome<string>;
  /** From now on an appliance is activated at its first poll, without a code; null: not any more. */
  activateOnSight(change: Pick<ApplianceChange, "name" | "indicator"> | null): void;
  change(fingerprint: string, change: ApplianceChange): Outcome<null>;
  /** Gives the job's id. */
  queueJob(
    fingerprint: string,
    job: { readonly kind: "scan" | "update"; readonly parameters?: object },
  ): Outcome<string>;
  cancelJob(fingerprint: string, id: string): Outcome<null>;
  /** Replaces all pushed settings. Gives the new revision. */
  pushSettings(fingerprint: string, items: readonly SettingsItem[]): Outcome<number>;
  /** Called after each poll and each change with the appliance as it is then. */
  subscribe(listener: (appliance: KnownAppliance) => void): () => void;
}

/** All appliances of a platform: the operator's side and the poll's. */
export interface Fleet extends Operations {
  /** Takes in a poll. `refusal` refuses it whatever the appliance's state. */
  poll(fingerprint: string, request: PollRequest, refusal: RefusalReason | null): PollReply | RefusalReason;
  /** What to store. */
  all(): readonly Appliance[];
  /** What was stored; before the first poll. */
  restore(appliances: readonly Appliance[]): void;
}

export interface FleetOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Something is to be stored. */
  readonly save: (appliances: readonly Appliance[]) => void;
}

/** What one reply holds: 64 jobs of 4 KiB and the settings stay below the limit of a reply. */
const maxOpenJobs = 64;
const maxJobBytes = 4096;
const maxSettingsBytes = 704 * 1024;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

export function createFleet({ now, save }: FleetOptions): Fleet {
  const fleet = new Map<string, Appliance>();
  const lastPolls = new Map<string, LastPoll>();
  const listeners = new Set<(appliance: KnownAppliance) => void>();
  let onSight: Pick<ApplianceChange, "name" | "indicator"> | null = null;

  const known = (appliance: Appliance) => ({ ...appliance, lastPoll: lastPolls.get(appliance.fingerprint) ?? null });
  const put = (appliance: Appliance) => {
    if (!isDeepStrictEqual(fleet.get(appliance.fingerprint), appliance)) {
      fleet.set(appliance.fingerprint, appliance);
      save([...fleet.values()]);
    }
    for (const listener of [...listeners]) listener(known(appliance));
  };
  /** Changes the appliance unless the new one is not as it must be. */
  const update = <T>(fingerprint: string, change: (appliance: Appliance) => Outcome<[Appliance, T]>): Outcome<T> => {
    const appliance = fleet.get(fingerprint);
    if (appliance === undefined) return refuse(`No appliance with the key ${fingerprint}`);
    const outcome = change(appliance);
    if (!outcome.ok) return outcome;
    const [next, value] = outcome.value;
    put(next);
    return done(value);
  };
  const change: Operations["change"] = (fingerprint, wish) =>
    update(fingerprint, (appliance) => {
      const problem = problemOf(applianceChangeSchema, wish);
      return problem ?? done([changed(appliance, wish, newActivationCode), null]);
    });

  return {
    all: () => [...fleet.values()],
    restore: (appliances) => {
      for (const appliance of appliances) fleet.set(appliance.fingerprint, appliance);
    },
    appliances: () => [...fleet.values()].map(known),
    poll: (fingerprint, request, refusal) => {
      const fresh = () => {
        const enrolled = enroll(fingerprint, newActivationCode());
        return onSight === null ? enrolled : changed(enrolled, { ...onSight, state: "active" }, newActivationCode);
      };
      const appliance = fleet.get(fingerprint) ?? fresh();
      const at = new Date(now()).toISOString();
      lastPolls.set(fingerprint, { at, request });
      const reason = refusal ?? refusalOf(appliance);
      const next = reason === null ? reported(appliance, request) : appliance;
      put(next);
      return reason ?? replyTo(next, request, at);
    },
    activate: (typed, wish = {}) => {
      const code = normalizedCode(typed);
      const appliance = [...fleet.values()].find((candidate) => candidate.code === code);
      if (appliance === undefined) return refuse(`No appliance shows the activation code ${code}`);
      const outcome = change(appliance.fingerprint, { ...wish, state: "active" });
      return outcome.ok ? done(appliance.fingerprint) : outcome;
    },
    activateOnSight: (wish) => {
      onSight = wish;
    },
    change,
    queueJob: (fingerprint, { kind, parameters = {} }) =>
      update(fingerprint, (appliance) => {
        const id = `${kind}-${randomBytes(6).toString("hex")}`;
        const order = { id, kind, parameters: { ...parameters } };
        const job = { ...order, state: "queued" as const, cancel: false };
        const open = appliance.jobs.filter((known) => !isEnded(known)).length;
        if (open >= maxOpenJobs) return refuse(`${maxOpenJobs} jobs wait for this appliance already`);
        if (bytesOf(order) > maxJobBytes) return refuse(`A job takes at most ${maxJobBytes} bytes`);
        const problem = problemOf(jobOrderSchema, order);
        return problem ?? done([{ ...appliance, jobs: [job, ...appliance.jobs] }, id]);
      }),
    cancelJob: (fingerprint, id) =>
      update(fingerprint, (appliance) => {
        if (!appliance.jobs.some((job) => job.id === id)) return refuse(`No job ${id} of this appliance`);
        const jobs = appliance.jobs.map((job) => (job.id === id ? { ...job, cancel: true } : job));
        return done([{ ...appliance, jobs }, null]);
      }),
    pushSettings: (fingerprint, items) =>
      update(fingerprint, (appliance) => {
        const problem = problemOf(z.array(settingsItemSchema).max(5000), items);
        if (bytesOf(items) > maxSettingsBytes) return refuse(`Settings take at most ${maxSettingsBytes} bytes`);
        const revision = (appliance.settings?.revision ?? 0) + 1;
        return problem ?? done([{ ...appliance, settings: { revision, items: [...items] } }, revision]);
      }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function done<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** null: the value is as the schema wants it. */
function problemOf(schema: z.ZodType, value: unknown): { readonly ok: false; readonly problem: string } | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return refuse(`${issue?.path.join(".")}: ${issue?.message}`);
}
