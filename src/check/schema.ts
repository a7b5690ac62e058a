import * as z from "zod";
import { checkRungs } from "./check-rungs.ts";

/** What `bezel check --json` prints, for those who read it: `docs/check.schema.json`. The program itself does not need it. */
export function createCheckSchema() {
  const text = z.string().min(1);
  const rung = z.strictObject({
    rung: z.enum(checkRungs),
    ok: z.boolean(),
    /** How long it took, ms; 0 for what took no time of its own. */
    ms: z.number().min(0),
    detail: text,
  });
  const fault = z.strictObject({
    code: text,
    message: text,
    legacyCode: z
      .string()
      .regex(/^E(0\d|1[0-4])$/)
      .nullable(),
    detail: text,
    next: text,
    /** What to ask of those who keep the network. */
    rule: text.nullable(),
  });
  return z.strictObject({
    /** All hosts are well, the line is fast enough or was not measured, and nobody interrupted. */
    ok: z.boolean(),
    interrupted: z.boolean(),
    hosts: z
      .array(
        z.strictObject({
          /** `host:port`. */
          host: text,
          ok: z.boolean(),
          /** Up to the first broken one. */
          rungs: z.array(rung),
          fault: fault.nullable(),
          /** Who signed the certificate that was shown, trusted or not. */
          issuer: text.nullable(),
          warnings: z.array(text),
        }),
      )
      .min(1),
    /** null: not measured. */
    bandwidthMbps: z.number().min(0).nullable(),
    bandwidth: z.strictObject({
      recommendedMbps: z.number(),
      /** What was measured how, or why not. */
      detail: text,
    }),
    /** What cannot be seen from here, for those who keep the network. */
    advice: z.array(text),
  });
}

export type CheckDocument = z.infer<ReturnType<typeof createCheckSchema>>;
