import * as z from "zod";
import type { Clock } from "../hal/clock.ts";
import { keyNames } from "../hal/keypad.ts";
import { done, type Route, refuse, withBody } from "../src/control/api.ts";
import type { Bench } from "./bench.ts";
import { createBenchPatchSchema } from "./bench-document.ts";
import { createPageFeed } from "./page-feed.ts";

const powerSchema = () => z.strictObject({ action: z.enum(["cut", "restore", "button"]) });
const keySchema = () => z.strictObject({ key: z.enum(keyNames), down: z.boolean() });
const consoleSchema = () =>
  z.union([z.strictObject({ input: z.string().max(4096) }), z.strictObject({ plugged: z.boolean() })]);

const jobsSchema = () =>
  z.union([
    z.strictObject({ order: z.enum(["scan", "update"]), seconds: z.number().min(1).max(86_400) }),
    z.strictObject({ cancel: z.literal(true) }),
  ]);

/** What the bench adds to the local API: its switches, and what the page needs. */
export function benchRoutes(bench: Bench, system: Clock): readonly Route[] {
  return [
    { method: "GET", path: "/v1/bench", handle: () => done(bench.document()) },
    {
      method: "PATCH",
      path: "/v1/bench",
      handle: withBody(createBenchPatchSchema, async (patch) => {
        await bench.patch(patch);
        return done(bench.document());
      }),
    },
    {
      method: "POST",
      path: "/v1/bench/power",
      handle: withBody(powerSchema, ({ action }) => {
        bench.host[action]();
        return done(bench.host.power());
      }),
    },
    {
      method: "POST",
      path: "/v1/bench/jobs",
      handle: withBody(jobsSchema, (body) => {
        if ("cancel" in body) {
          bench.account.cancelJobs();
          return done({});
        }
        const ordered = bench.account.order(body.order, body.seconds);
        return ordered.ok ? done({}) : refuse("bad-request", ordered.error);
      }),
    },
    {
      method: "POST",
      path: "/v1/bench/panel",
      handle: withBody(keySchema, ({ key, down }) => {
        bench.key(key, down);
        return done({});
      }),
    },
    {
      method: "POST",
      path: "/v1/bench/console",
      handle: withBody(consoleSchema, (body) => {
        if ("input" in body) bench.line.type(body.input);
        else bench.line.plug(body.plugged);
        return done({});
      }),
    },
    {
      method: "GET",
      path: "/v1/bench/stream",
      handle: () => ({ kind: "events", feed: createPageFeed(bench, system) }),
    },
  ];
}
