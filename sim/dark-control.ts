import type { Controllable } from "../src/control/api.ts";
import type { Facts } from "../src/model/facts.ts";
import type { Frame, Geometry } from "../src/model/frame.ts";
import type { OrderReport } from "../src/model/order.ts";
import type { BoxHost } from "./box-host.ts";

/**
 * The box as the local API sees it, whether it lives or not. Without power the glass is dark, keys do nothing, and the
 * status is the last one with all that needs power gone. A box that has switched itself off keeps its last picture.
 */
export function createDarkControl(
  host: Pick<BoxHost, "box" | "power" | "subscribe">,
  geometry: Geometry,
): Controllable {
  const { box, power } = host;
  const frame = (): Frame => (power().plugged ? box().frame() : darkFrame(geometry));
  return {
    frame,
    facts: () => (power().plugged ? box().facts() : darkFacts(box().facts())),
    input: (inputs) => (power().plugged ? box().input(inputs) : frame()),
    takesText: () => power().plugged && box().takesText(),
    order: async (document) => (power().plugged ? box().order(document) : unheard),
    cancelOrder: () => power().plugged && box().cancelOrder(),
    subscribe: (changed) => {
      let followed = box();
      let stopBox = followed.subscribe(changed);
      const stopHost = host.subscribe(() => {
        if (box() !== followed) {
          stopBox();
          followed = box();
          stopBox = followed.subscribe(changed);
        }
        changed();
      });
      return () => {
        stopHost();
        stopBox();
      };
    },
  };
}

const unheard: OrderReport = { revision: null, outcome: "busy", reason: "the box has no power", results: [] };

function darkFrame({ cols, rows }: Geometry): Frame {
  return {
    screen: "off",
    cols,
    rows,
    lines: Array.from({ length: rows }, () => " ".repeat(cols)),
    cursor: null,
    leds: { s1: false, s2: false, s3: false },
    blank: true,
  };
}

function darkFacts(last: Facts): Facts {
  const dark = {
    carrier: false,
    speedMbps: null,
    duplex: null,
    ipv4: [],
    ipv6: [],
    gateway: null,
    dns: [],
    lease: null,
  };
  const { lan, wan } = last.network;
  return {
    ...last,
    phase: "shutting-down",
    progress: null,
    fault: null,
    network: { lan: { ...lan, ...dark }, wan: wan === null ? null : { ...wan, ...dark }, separated: false },
    poll: { ...last.poll, next: null },
    jobs: [],
    panel: { ...last.panel, state: "lost" },
    consoles: [],
  };
}
