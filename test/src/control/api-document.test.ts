import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { controlRoutes } from "../../../src/control/api.ts";
import { createAnswerSchemas, createKeysRequestSchema } from "../../../src/control/schema.ts";
import { orderSchema } from "../../../src/network/order/schema.ts";
import { menus } from "../../../src/panel/menus.ts";
import { cancelScan } from "../../../src/panel/procedure.ts";
import { procedures } from "../../../src/panel/procedures.ts";
import { readings } from "../../../src/panel/readings.ts";
import { fakeAppliance } from "./fake-appliance.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const document = parse(readFileSync(new URL("../../../docs/control-api.yaml", import.meta.url), "utf8")) as {
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> };
};

/** One way of writing a schema: references followed, no prose, nullable as a list of types, no order of `required`. */
function plain(schema: Json | undefined): Json {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== "object" || schema === null) return schema ?? null;
  const node = schema as JsonObject;
  if (typeof node.$ref === "string") return plain(document.components.schemas[node.$ref.split("/").at(-1) ?? ""]);
  const entries = Object.entries(node)
    .filter(
      ([key, value]) => key !== "description" && key !== "$schema" && !(key === "maximum" && value === 2 ** 53 - 1),
    )
    .map(([key, value]) => {
      if (key === "required" && Array.isArray(value)) return [key, [...value].sort()] as const;
      if (key === "properties") {
        return [
          key,
          Object.fromEntries(Object.entries(value as JsonObject).map(([name, one]) => [name, plain(one)])),
        ] as const;
      }
      return [key, plain(value)] as const;
    });
  return Object.fromEntries(entries);
}

const schemas = createAnswerSchemas();
const { shape } = schemas.status;

describe("docs/control-api.yaml", () => {
  it.each([
    ["Screen", schemas.screen],
    ["KeysRequest", createKeysRequestSchema()],
    ["Status", schemas.status],
    ["Lan", shape.lan],
    ["Wan", shape.wan.unwrap()],
    ["NetworkTest", shape.test.unwrap()],
    ["Rung", shape.test.unwrap().shape.rungs.element.shape.rung],
    ["RungPort", shape.test.unwrap().shape.rungs.element.shape.port],
    ["Fault", shape.fault.unwrap()],
    ["FaultRecord", shape.faults.element],
    ["Lease", shape.lan.shape.lease],
    ["Leds", shape.leds],
    ["Error", schemas.error],
    ["Order", orderSchema()],
    ["OrderReport", schemas.report],
    ["Results", schemas.report.shape.results],
    ["Settings", schemas.settings],
    ["Cancellation", schemas.cancellation],
  ] as const)("describes %s as the program checks it", (name, schema) => {
    expect(plain(document.components.schemas[name])).toEqual(plain(z.toJSONSchema(schema, { io: "input" }) as Json));
  });

  it("has no component that is not compared above", () => {
    expect(Object.keys(document.components.schemas).sort()).toEqual(
      [
        ...["Error", "Fault", "FaultRecord", "KeysRequest", "Lan", "Leds", "Lease", "Screen", "Status", "Wan"],
        ...["NetworkTest", "Rung", "RungPort", "Order", "OrderReport", "Results", "Settings", "Cancellation"],
      ].sort(),
    );
  });

  it("lists the screens that are shown", () => {
    const { properties } = document.components.schemas.Screen as {
      readonly properties: { readonly screen: { readonly description: string } };
    };
    const described = [...properties.screen.description.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
    const offered = Object.values(menus).flatMap((items) => items.map(({ id }) => id));
    const prompted = Object.values(procedures).flatMap(({ begin, fields, confirm }) =>
      [begin, ...fields, confirm].flatMap((part) => part?.id ?? []),
    );
    const read = Object.entries(readings).map(([name, { numbered }]) => (numbered ? `${name}/1` : name));
    const known = new Set([...offered, ...prompted, ...read, cancelScan.id]);
    expect([...known].filter((id) => !described.includes(id))).toEqual([]);
    const listed = described.filter((id) =>
      /^(main|setup|wan|reset|begin|confirm|vlan|proxy|ports|(lan|wan|lan6)-\w+)\/|-notice$/.test(id),
    );
    expect(listed.filter((id) => !known.has(id))).toEqual([]);
  });

  it("lists the routes that are served, and no other", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = controlRoutes(fakeAppliance(), { keys: true, settings: true }).map(
      ({ method, path }) => `${method} ${path}`,
    );
    expect(described.sort()).toEqual(served.sort());
  });
});
