import type { Facts } from "../../src/model/facts.ts";
import type { PortState } from "../../src/model/network-state.ts";
import { factorySettings } from "../../src/model/settings.ts";

/** LAN with a lease from a well kept network. */
export function somePort(change: Partial<PortState> = {}): PortState {
  return {
    interface: "lan0",
    present: true,
    configured: true,
    mac: "02:00:00:00:00:01",
    carrier: true,
    speedMbps: 1000,
    duplex: "full",
    link: "auto",
    vlan: 0,
    method: "dhcp",
    ipv4: ["10.77.0.20/24"],
    ipv6: [],
    gateway: "10.77.0.1",
    dns: ["10.77.0.1"],
    wins: [],
    domain: null,
    lease: { server: "10.77.0.1", expires: "2026-01-01T01:00:00.000Z" },
    routes: [],
    duplicate: null,
    ...change,
  };
}

/** The facts of a box that is on line with factory settings. */
export function someFacts(change: Partial<Facts> = {}): Facts {
  return {
    product: { name: "Qualys", version: "0.1.0", model: "QGSA-5120", serial: "29001" },
    phase: "ready",
    progress: null,
    notice: null,
    fault: null,
    faults: [],
    test: null,
    registration: { state: "active", name: "is_box", indicator: "P" },
    poll: { intervalSeconds: 180, lastAttempt: null, lastSuccess: null, next: null },
    settings: factorySettings(),
    lastGood: null,
    proxyDisabled: false,
    storage: { loaded: "current", problem: null },
    secrets: { kept: null, problem: null },
    fileSystem: { state: "sound", detail: "" },
    network: { lan: somePort(), wan: null, separated: false },
    networkUnread: null,
    configurationRefused: null,
    scanNetworks: { state: "unknown", detail: null, failures: [] },
    lastOrder: null,
    jobs: [],
    lock: null,
    panel: { board: "mock", state: "ok" },
    consoles: [],
    ...change,
  };
}
