import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createSimulatedScanNetwork } from "../../../sim/network/scan-network.ts";
import { addressesOf } from "../../../src/network/scan/differ.ts";
import { describeScanNetwork } from "../../contract/scan-network.ts";
import { someVlan } from "../../support/some-scans.ts";

describeScanNetwork("simulation", async () => {
  const clock = createFakeClock();
  const held = new Set<number>();
  const network = createSimulatedScanNetwork({ clock, held: () => [...held] });
  return {
    network,
    settle: async (work) => {
      let done = false;
      const mark = () => {
        done = true;
      };
      work.then(mark, mark);
      while (!done) await clock.advance(10);
      return work;
    },
    hold: async (tag, isHeld) => void (isHeld ? held.add(tag) : held.delete(tag)),
    lose: async (tag) => network.lose(tag),
    shown: async () => {
      const { links, routes } = network.current();
      return {
        links: links
          .map((link) => ({ tag: link.tag, identity: link, addresses: addressesOf(link) }))
          .sort((a, b) => a.tag - b.tag),
        routes: routes
          .map(({ via, destination, gateway }) => ({ tag: Number(via), destination, gateway }))
          .sort((a, b) => a.destination.localeCompare(b.destination)),
      };
    },
    close: async () => {},
  };
});

describe("the simulated scan network", () => {
  it("takes longer for more", async () => {
    const clock = createFakeClock();
    const network = createSimulatedScanNetwork({ clock, held: () => [] });
    const took = async (tags: number) => {
      const vlans = Array.from({ length: tags }, (_, at) => someVlan(at + 1));
      let done = false;
      const startMs = clock.monotonic();
      void network.bring({ vlans, routes: [] }, new AbortController().signal).then(() => {
        done = true;
      });
      while (!done) await clock.advance(10);
      return clock.monotonic() - startMs;
    };
    expect([await took(4094), await took(4094), await took(4093)]).toEqual([3320, 40, 50]);
  });
});
