import type { Controllable } from "../src/control/api.ts";
import type { Facts } from "../src/model/facts.ts";
import type { Frame, Geometry } from "../src/model/frame.ts";
import type { BoxHost } from "./box-host.ts";

/**
 * The box as the local API sees it, whether it lives or not. Without power the glass is dark, keys do nothing, and the
 * status is the last one with all that needs power gone. A box that has switched itself off keeps its last picture.
 */
export function createDarkControl(host: Pick<BoxHost, "box" | "subscribe">, geometry: Geometry): Controllable {
  let last: Facts | null = null;
  const frame = (): Frame => host.box()?.frame() ?? darkFrame(geometry);
  const facts = (): Facts => {
    const box = host.box();
    if (box !== null) {
      last = box.facts();
      return last;
    }
    if (last === null) throw new Error("the bench starts with a box");
    return darkFacts(last);
  };
  return {
    frame,
    facts,
    input: (inputs) => host.box()?.input(inputs) ?? frame(),
    subscribe: (changed) => {
      let box = host.box();
      let stopBox = box?.subscribe(changed) ?? (() => {});
      const stopHost = host.subscribe(() => {
        if (host.box() !== box) {
          // What the box knew at its end is what the dark one remembers.
          if (box !== null) last = box.facts();
          stopBox();
          box = host.box();
          stopBox = box?.subscribe(changed) ?? (() => {});
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
    network: { lan: { ...lan, ...dark }, wan: wan === null ? null : { ...wan, ...dark } },
    poll: { ...last.poll, next: null },
    jobs: [],
    panel: { ...last.panel, state: "lost" },
    consoles: [],
  };
}
