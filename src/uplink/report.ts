import type { Facts, Registration } from "../model/facts.ts";
import type { NumberedFault } from "../model/fault.ts";
import type { PortState } from "../model/network-state.ts";
import { resultsOf } from "../model/order.ts";
import type { PollReport } from "./exchange.ts";
import { type Health, mostFaults, type PollReply, type PollRequest, type ToldFault } from "./protocol.ts";

/** The pushed settings in force, with what became of each VLAN and route. */
function appliedOf({ settings, scanNetworks }: Pick<Facts, "settings" | "scanNetworks">): PollRequest["settings"] {
  const { revision, vlans, routes } = settings.scan;
  const ids = [...vlans, ...routes].map(({ id }) => id);
  const results = resultsOf(ids, scanNetworks.failures);
  return { revision, results: results.map((result) => ({ ...result, message: printable(result.message, 120) })) };
}

/**
 * What the appliance tells of itself: the facts, cut to what the protocol allows. `faults` are those that the platform has not
 * heard of, newest first.
 */
export function pollReport(
  facts: Pick<Facts, "product" | "settings" | "network" | "scanNetworks" | "jobs">,
  health: Health | null,
  faults: readonly NumberedFault[],
): PollReport {
  const { product, settings, network } = facts;
  return {
    serial: printable(product.serial),
    model: printable(product.model),
    versions: {
      software: printable(product.version).replaceAll(" ", "_") || "unknown",
      scanner: null,
      signatures: null,
    },
    network: {
      mode: settings.mode,
      lan: portSummary(network.lan),
      wan: network.wan === null ? null : portSummary(network.wan),
    },
    settings: appliedOf(facts),
    jobs: facts.jobs.map(({ id, state, percent }) => ({ id, state, percent })),
    health,
    faults: faults.slice(0, mostFaults).map(told),
  };
}

/** What to do next is for those who stand before the box. */
function told({ number, code, message, legacyCode, detail, since, until }: NumberedFault): ToldFault {
  return { number, code, message: printable(message, 32), legacyCode, detail: printable(detail, 200), since, until };
}

/** What a good reply says of the appliance, as the other rooms know it. */
export function registrationOf({ registration }: PollReply): Registration {
  return registration.state === "unactivated"
    ? { state: "unactivated", code: registration.code }
    : { state: "active", name: registration.name, indicator: registration.indicator };
}

function portSummary({ mac, ipv4, ipv6 }: PortState): PollRequest["network"]["lan"] {
  return { mac: mac?.toLowerCase() ?? null, ipv4: ipv4.slice(0, 16), ipv6: ipv6.slice(0, 16) };
}

function printable(text: string, length = 64): string {
  return text.replace(/[^ -~]/g, "?").slice(0, length);
}
