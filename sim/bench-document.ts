import * as z from "zod";
import { type PlatformAnswer, platformAnswers } from "../platform/platform.ts";
import { indicatorSchema, nameSchema } from "../src/uplink/protocol.ts";
import { createWorldPatchShape, type WorldPatch, type WorldState } from "./network/world.ts";

/** Longest skip of the clock: a week. */
export const maxAdvanceSeconds = 7 * 86_400;

/** How the reference platform treats the box. */
export interface PlatformState {
  readonly answer: PlatformAnswer;
  readonly activated: boolean;
  readonly name: string;
  readonly indicator: string;
}

/** Body of `PATCH /v1/bench`. Checked whole before anything is applied. */
export interface BenchPatch extends WorldPatch {
  readonly platform?: { readonly [Key in keyof PlatformState]?: PlatformState[Key] | undefined } | undefined;
  readonly clock?: { readonly advanceSeconds?: number | undefined } | undefined;
}

export function createBenchPatchSchema(): z.ZodType<BenchPatch> {
  return z.strictObject({
    ...createWorldPatchShape(),
    platform: z
      .strictObject({
        answer: z.enum(platformAnswers).optional(),
        activated: z.boolean().optional(),
        name: nameSchema.optional(),
        indicator: indicatorSchema.optional(),
      })
      .optional(),
    clock: z.strictObject({ advanceSeconds: z.number().min(0).max(maxAdvanceSeconds).optional() }).optional(),
  });
}

/** `GET /v1/bench`: what a patch may name, as it is now. */
export interface BenchDocument extends WorldState {
  readonly platform: PlatformState;
  /** Nothing is left to advance: always 0, so that what was read can be sent back. */
  readonly clock: { readonly advanceSeconds: 0 };
}
