import { ipv6Rules } from "./rules.ts";
import { textField } from "./text.ts";

/** An IPv6 address in any notation; its value is in the form of RFC 5952. Opens with an address; empty is none. */
export const ipv6Field = textField(ipv6Rules);

/** The same, but UP leaves it while nothing was done to it. */
export const ipv6FieldThatUpLeaves = textField({ ...ipv6Rules, upLeaves: true });
