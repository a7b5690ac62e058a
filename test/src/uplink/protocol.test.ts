import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import {
  bandwidthBytes,
  bandwidthPath,
  errorSchema,
  pollPath,
  pollReplySchema,
  pollRequestSchema,
  pollUrl,
  refusalSchema,
} from "../../../src/uplink/protocol.ts";

// biome-ignore lint/suspicious/noExplicitAny: a parsed document of unknown shape
const api: any = parse(readFileSync(new URL("../../../docs/platform-api.yaml", import.meta.url), "utf8"));
const poll = api.paths[pollPath].post;

/** References resolved, remarks dropped, so that only what decides is compared. */
function bare(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(bare);
  if (schema === null || typeof schema !== "object") return schema;
  if ("$ref" in schema) return bare(api.components.schemas[String(schema.$ref).split("/").at(-1) ?? ""]);
  const entries = Object.entries(schema)
    .filter(([key, value]) => key !== "$schema" && !(key === "description" && typeof value === "string"))
    .map(([key, value]) => [key, key === "required" ? [...(value as string[])].sort() : bare(value)]);
  return Object.fromEntries(entries);
}

describe("docs/platform-api.yaml and the schemas", () => {
  it.each([
    ["PollRequest", pollRequestSchema],
    ["PollReply", pollReplySchema],
    ["Refusal", refusalSchema],
    ["Error", errorSchema],
  ])("%s says the same in both", (name, schema) => {
    expect(bare(z.toJSONSchema(schema))).toEqual(bare(api.components.schemas[name]));
  });

  it("name the same bytes to measure with", () => {
    const { headers } = api.paths[bandwidthPath].get.responses["200"];
    expect(headers["Content-Length"].schema.const).toBe(bandwidthBytes);
  });

  const bodies = [
    ...Object.entries(poll.requestBody.content["application/json"].examples).map(
      ([name, example]) => [`request ${name}`, pollRequestSchema, example] as const,
    ),
    ...["200", "403"].flatMap((status) =>
      Object.entries(poll.responses[status].content["application/json"].examples).map(
        ([name, example]) =>
          [`${status} ${name}`, status === "200" ? pollReplySchema : refusalSchema, example] as const,
      ),
    ),
  ];
  it.each(bodies)("the example %s is what the schema accepts", (_name, schema, example) => {
    const { value } = example as { value: unknown };
    expect(schema.parse(value)).toEqual(value);
  });
});

const reply = {
  nonce: "AAAAAAAAAAAAAAAAAAAAAA",
  time: "2026-01-01T00:00:00.000Z",
  registration: { state: "active", name: "is_quays_ab", indicator: "P", pollIntervalSeconds: 180 },
  settings: null,
  jobs: [],
  cancellations: [],
  update: null,
};
const active = (change: object) => ({ ...reply, registration: { ...reply.registration, ...change } });
const unactivated = (change: object) => ({
  ...reply,
  registration: { state: "unactivated", code: "KTPW-HRXN-CDMF", pollAfterSeconds: 15, ...change },
});
const job = (id: string) => ({ id, kind: "scan", parameters: {} });

describe("a reply", () => {
  it.each<[string, unknown, boolean]>([
    ["as it should be", reply, true],
    ["of an unactivated appliance", unactivated({}), true],
    ["with the longest name", active({ name: "x".repeat(15) }), true],
    ["with a name of 16", active({ name: "x".repeat(16) }), false],
    ["with a space in the name", active({ name: "is quays" }), false],
    ["with an empty name", active({ name: "" }), false],
    ["with a name beyond ASCII", active({ name: "is_mül" }), false],
    ["with an indicator of two", active({ indicator: "PP" }), false],
    ["with a blank indicator", active({ indicator: " " }), false],
    ["with the shortest interval", active({ pollIntervalSeconds: 60 }), true],
    ["with the longest interval", active({ pollIntervalSeconds: 3600 }), true],
    ["with an interval of 59", active({ pollIntervalSeconds: 59 }), false],
    ["with an interval of 3601", active({ pollIntervalSeconds: 3601 }), false],
    ["with half a second", active({ pollIntervalSeconds: 60.5 }), false],
    ["with a code of 17", unactivated({ code: "A".repeat(17) }), false],
    ["with a code of two rows", unactivated({ code: "ABCD\nEFGH" }), false],
    ["that asks again in 9 s", unactivated({ pollAfterSeconds: 9 }), false],
    ["that asks again in 31 s", unactivated({ pollAfterSeconds: 31 }), false],
    ["of a month 13", { ...reply, time: "2026-13-01T00:00:00Z" }, false],
    ["in another zone", { ...reply, time: "2026-01-01T00:00:00+01:00" }, false],
    ["with a field of a later version", { ...reply, shutdown: true }, false],
    ["without a field", { ...reply, cancellations: undefined }, false],
    ["with a job", { ...reply, jobs: [job("scan-1")] }, true],
    ["with a job whose id is a path", { ...reply, jobs: [job("../../etc")] }, false],
    ["with 65 jobs", { ...reply, jobs: Array.from({ length: 65 }, (_, index) => job(`${index}`)) }, false],
  ])("%s", (_name, value, good) => {
    expect(pollReplySchema.safeParse(value).success).toBe(good);
  });

  it("is refused, never thrown at us, whatever arrives", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(pollReplySchema.safeParse(value).success).toBe(false);
      }),
    );
  });
});

it.each([
  ["https://platform.example", "https://platform.example/appliance/v1/poll"],
  ["https://platform.example/", "https://platform.example/appliance/v1/poll"],
  ["https://[fd00::1]:8443/fleet//", "https://[fd00::1]:8443/fleet/appliance/v1/poll"],
])("polls of %s go to %s", (platform, url) => {
  expect(pollUrl(platform)).toBe(url);
});
