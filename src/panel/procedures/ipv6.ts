import type { Effect } from "../../model/effect.ts";
import type { Facts } from "../../model/facts.ts";
import type { Ipv6Settings, Settings } from "../../model/settings.ts";
import { checkGateway6, checkHostAddress6, checkPrefixLength6 } from "../../model/validate.ts";
import { lanIsAuto6 } from "../conditions.ts";
import { ipv6Field, ipv6FieldThatUpLeaves } from "../fields/ipv6.ts";
import { prefixLengthField } from "../fields/prefix-length.ts";
import { readOnlyField } from "../fields/read-only.ts";
import { ipv6InForce } from "../in-force.ts";
import { change, type FieldRow, given, of, type Procedure } from "../procedure-parts.ts";

/** Management in mode `ipv6-only`: a fixed address on LAN, or what routers announce. */

function withIpv6(settings: Settings, ipv6: Ipv6Settings): Settings {
  return { ...settings, lan: { ...settings.lan, ipv6 } };
}

type InForce6 = ReturnType<typeof ipv6InForce>;

const fixed = (name: string, prompt: string, optional: boolean, initial: (now: InForce6) => string | undefined) => ({
  id: `lan6-static/${name}`,
  name,
  prompt,
  optional,
  initial: (facts: Facts) => initial(ipv6InForce(facts)) ?? "",
  open: ipv6Field,
  check: checkHostAddress6,
});

export const static6Lan: Procedure = {
  begin: null,
  fields: [
    fixed("address", "IPv6 ADDR", false, (now) => now.address),
    {
      ...fixed("prefix", "IPv6 PREFLEN", false, (now) => now.prefixLength),
      open: prefixLengthField,
      check: (value) => checkPrefixLength6(Number(value)),
    },
    {
      ...fixed("gateway", "IPv6 GW", false, (now) => now.gateway),
      check: (value, entered) => checkGateway6(value, of(entered, "address"), Number(of(entered, "prefix"))),
    },
    fixed("dns1", "IPv6 DNS1", false, (now) => now.dns[0]),
    fixed("dns2", "IPv6 DNS2", true, (now) => now.dns[1]),
  ],
  confirm: { id: "confirm/static6-lan", text: "REALLY SETUP STATIC LAN IPV6?" },
  effect: (entered, { settings }) => {
    const ipv6: Ipv6Settings = {
      method: "static",
      address: of(entered, "address"),
      prefixLength: Number(of(entered, "prefix")),
      gateway: of(entered, "gateway"),
      dns: given(entered, "dns1", "dns2"),
    };
    return change(withIpv6(settings, ipv6), "static6-lan", "ENABLING STATIC IPv6 ON LAN");
  },
};

/** What the router announced, to be read. While a fixed address is set nothing is known of it. */
const announced = (name: string, prompt: string, initial: (now: InForce6) => string): FieldRow => ({
  id: `lan6-auto/${name}`,
  name,
  prompt,
  optional: true,
  when: lanIsAuto6.holds,
  initial: (facts) => initial(ipv6InForce(facts)) || "none",
  open: readOnlyField,
});

/** Asked before the servers of the network. */
const manual = (name: string, prompt: string, index: number, open: FieldRow["open"]): FieldRow => ({
  id: `lan6-auto/${name}`,
  name,
  prompt,
  optional: true,
  initial: ({ settings: { lan } }) => (lan.ipv6.method === "auto" ? lan.ipv6.dns[index] : undefined) ?? "",
  open,
  check: checkHostAddress6,
});

export const auto6Lan: Procedure = {
  begin: null,
  fields: [
    announced("address", "Auto v6 ADDR", (now) => now.address),
    announced("prefix", "Auto PREFLEN", (now) => now.prefixLength),
    announced("gateway", "Auto GATEWAY", (now) => now.gateway),
    manual("dns1", "Manual DNS1", 0, ipv6FieldThatUpLeaves),
    manual("dns2", "Manual DNS2", 1, ipv6Field),
  ],
  confirm: { id: "confirm/auto6-lan", text: "REALLY SETUP AUTO LAN IPV6?" },
  effect: (entered, { settings }) => auto6(settings, given(entered, "dns1", "dns2")),
};

/** Where nothing is changed the routers are asked again. */
function auto6(settings: Settings, dns: readonly string[]): Effect {
  const { ipv6 } = settings.lan;
  if (ipv6.method === "auto" && ipv6.dns.join() === dns.join()) {
    const progress = { what: "change", id: "renew-auto6-lan", text: "RENEWING AUTO IPv6 ON LAN" } as const;
    return { type: "renew-lease", port: "lan", progress };
  }
  return change(withIpv6(settings, { method: "auto", dns }), "auto6-lan", "ENABLING AUTO IPv6 ON LAN");
}
