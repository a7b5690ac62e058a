import { expect, it } from "vitest";
import { findSourceAddress } from "../../../hal/linux/source-address.ts";

it.each([
  ["127.0.0.1", "127.0.0.1"],
  // Of no link in particular.
  ["fe80::1", null],
])("towards %s it is %s", async (towards, source) => {
  expect(await findSourceAddress(towards)).toBe(source);
});
