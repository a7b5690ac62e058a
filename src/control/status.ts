import { type Facts, ledsOf } from "../model/facts.ts";
import type { Fault, FaultRecord } from "../model/fault.ts";
import type { PortState } from "../model/network-state.ts";
import type { NetworkTest } from "../model/network-test.ts";
import type { StatusDocument } from "./schema.ts";
import { scanNetworksOf } from "./settings.ts";

/** All that the appliance tells of itself. Built field by field, so that a new fact is not told by accident. */
export function statusOf(facts: Facts): StatusDocument {
  const { product, settings, network, registration, poll, panel } = facts;
  const active = registration.state === "active" ? registration : null;
  const update = facts.jobs.find(({ kind }) => kind === "update");
  return {
    product: product.name,
    version: product.version,
    model: product.model,
    serial: product.serial,
    phase: facts.phase,
    fault: facts.fault === null ? null : faultOf(facts.fault),
    faults: facts.faults.map((fault) => ({ ...faultOf(fault), until: fault.until })),
    test: facts.test === null ? null : testOf(facts.test),
    name: active?.name ?? null,
    activationCode: registration.state === "unactivated" ? registration.code : null,
    platformIndicator: active?.indicator ?? null,
    mode: settings.mode,
    lan: { ...portOf(network.lan), vlan: network.lan.vlan, wins: [...network.lan.wins] },
    wan: network.wan === null ? null : portOf(network.wan),
    proxy:
      settings.proxy === null
        ? null
        : { host: settings.proxy.host, port: settings.proxy.port, user: settings.proxy.user },
    secrets: secretsOf(facts),
    leds: ledsOf(facts),
    poll: {
      intervalSeconds: poll.intervalSeconds,
      lastAttempt: poll.lastAttempt,
      lastSuccess: poll.lastSuccess,
      next: poll.next,
    },
    scans: facts.jobs.filter(({ kind }) => kind === "scan").map(({ id, state, percent }) => ({ id, state, percent })),
    scanNetworks: scanNetworksOf(facts),
    // An update job is named after the version that it installs.
    update: update === undefined ? null : { version: update.id, state: update.state },
    panel: { board: panel.board, state: panel.state },
    consoles: facts.consoles.map(({ device, state }) => ({ device, state })),
  };
}

function secretsOf({ secrets: { kept, problem } }: Pick<Facts, "secrets">): StatusDocument["secrets"] {
  return problem === null ? kept : "unopened";
}

function faultOf(fault: FaultRecord) {
  return { ...wordsOf(fault), since: fault.since };
}

function wordsOf({ code, message, legacyCode, detail, next }: Fault) {
  return { code, message, legacyCode, detail, next };
}

function testOf({ state, reason, started, rungs, climbing, fault }: NetworkTest): StatusDocument["test"] {
  return {
    state,
    reason,
    started,
    rungs: rungs.map(({ rung, port, ok, ms, detail }) => ({ rung, port, ok, ms: Math.round(ms), detail })),
    climbing: climbing === null ? null : { rung: climbing.rung, port: climbing.port },
    fault: fault === null ? null : wordsOf(fault),
  };
}

function portOf(port: PortState) {
  const { interface: name, mac, carrier, speedMbps, duplex, link, method, gateway, domain, lease } = port;
  return {
    interface: name,
    mac,
    carrier,
    speedMbps,
    duplex,
    link,
    method,
    ipv4: [...port.ipv4],
    ipv6: [...port.ipv6],
    gateway,
    dns: [...port.dns],
    domain,
    lease: lease === null ? null : { server: lease.server, expires: lease.expires },
  };
}
