import type { PollReport } from "../../src/uplink/exchange.ts";

/** A box that has nothing to tell. */
export const emptyReport: PollReport = {
  serial: "29001",
  model: "m",
  versions: { software: "0.1.0", scanner: null, signatures: null },
  network: { mode: "ipv4+v6", lan: { mac: null, ipv4: [], ipv6: [] }, wan: null },
  settings: { revision: null, results: [] },
  jobs: [],
  health: null,
  faults: [],
};
