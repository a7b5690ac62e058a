import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { factorySettings } from "../src/model/settings.ts";
import { carryOrder } from "../src/network/order/carry-order.ts";
import { reportOf } from "../src/network/order/report.ts";
import { itemSchemas, parseOrder } from "../src/network/order/schema.ts";
import { somePort } from "./support/some-facts.ts";

const text = readFileSync(resolve(import.meta.dirname, "../docs/orders.md"), "utf8");
const [document, report] = [...text.matchAll(/```json\n(.*?)```/gs)].map(
  ([, json]) => JSON.parse(json ?? "") as unknown,
);

describe("docs/orders.md", () => {
  it("shows a document that is understood, and the report that comes of it", () => {
    const order = parseOrder(document);
    if (!order.ok) throw new Error(order.error.message);
    const network = { lan: somePort(), wan: null, separated: false };
    expect(carryOrder(order.value, { standing: factorySettings(), network, mostVlans: 4094 })).toMatchObject({
      ok: true,
    });
    expect(report).toEqual(reportOf(order.value, "kept", null, []));
  });

  it("has a row for each kind of item and each outcome, and no other", () => {
    const rows = [...text.matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) \|/gm)].flatMap(([, names = ""]) =>
      names.match(/[\w-]+/g),
    );
    const outcomes = ["kept", "refused", "reverted", "canceled", "busy"];
    expect(rows.sort()).toEqual([...Object.keys(itemSchemas), ...outcomes].sort());
  });
});
