import * as z from "zod";
import { type Bandwidth, mbpsOf, recommendedMbps } from "./bandwidth.ts";
import type { CheckReport } from "./check.ts";
import { checkRungs } from "./check-rungs.ts";

/** What `bezel check --json` prints, for those who read it. Made at each call: the program never reads its own words. */
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

/** The report for programs. */
export function toDocument(
  { ok, interrupted, hosts, bandwidth }: CheckReport,
  advice: readonly string[],
): CheckDocument {
  return {
    ok,
    interrupted,
    hosts: hosts.map(({ host, ok, rungs, fault, issuer, warnings }) => ({
      host,
      ok,
      rungs: [...rungs],
      fault,
      issuer,
      warnings: [...warnings],
    })),
    bandwidthMbps: mbpsOf(bandwidth),
    bandwidth: { recommendedMbps, detail: describeBandwidth(bandwidth) },
    advice: [...advice],
  };
}

/** How fast, measured how; or why not. One line. */
export function describeBandwidth(bandwidth: Bandwidth): string {
  if (bandwidth.kind === "notMeasured") return `not measured: ${bandwidth.reason}`;
  const { mbps, bytes, ms, from } = bandwidth;
  const seconds = `${(ms / 1000).toFixed(ms < 10 ? 4 : 2)} s`;
  return bandwidth.kind === "less"
    ? `less than ${mbps} Mbit/s: ${bytes} bytes from ${from} did not come in ${seconds}`
    : `${mbps} Mbit/s: ${bytes} bytes from ${from} in ${seconds}`;
}
