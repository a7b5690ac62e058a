import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HalError } from "../../hal/errors.ts";
import type { KeyEdge, KeyName, Keypad } from "../../hal/keypad.ts";

/** A keypad, fingers on it, and time. */
export interface KeypadUnderTest {
  readonly keypad: Keypad;
  down(key: KeyName): void;
  up(key: KeyName): void;
  /** Pulls the keypad's cable, if it has one. */
  readonly unplug: (() => void) | null;
  readonly plugIn: (() => void) | null;
  monotonic(): number;
  advance(ms: number): Promise<void>;
}

/** What every Keypad has to do. Contacts may bounce for 5 ms; 50 ms later an edge has been delivered. */
export function describeKeypad(name: string, make: () => KeypadUnderTest): void {
  describe(`${name} is a Keypad`, () => {
    let unit: KeypadUnderTest;
    let edges: KeyEdge[];
    let losses: HalError[];
    const watch = () =>
      unit.keypad.watch(
        (edge) => edges.push(edge),
        (error) => losses.push(error),
      );
    const seen = () => edges.map(({ key, pressed }) => `${key} ${pressed ? "down" : "up"}`);

    beforeEach(() => {
      unit = make();
      edges = [];
      losses = [];
    });
    afterEach(() => unit.keypad.halt());

    it("reports a press and a release once each, with the time of the edge", async () => {
      await watch();
      await unit.advance(100);
      const downAt = unit.monotonic();
      unit.down("ENTER");
      await unit.advance(100);
      const upAt = unit.monotonic();
      unit.up("ENTER");
      await unit.advance(100);
      expect(edges).toEqual([
        { key: "ENTER", pressed: true, atMs: downAt },
        { key: "ENTER", pressed: false, atMs: upAt },
      ]);
    });

    it("reports two keys that are down together", async () => {
      await watch();
      unit.down("LEFT");
      await unit.advance(50);
      unit.down("RIGHT");
      await unit.advance(50);
      unit.up("LEFT");
      await unit.advance(50);
      unit.up("RIGHT");
      await unit.advance(50);
      expect(seen()).toEqual(["LEFT down", "RIGHT down", "LEFT up", "RIGHT up"]);
    });

    it("gives no edge of a key that was held from the start until it is released", async () => {
      unit.down("UP");
      await unit.advance(50);
      await watch();
      await unit.advance(100);
      expect(seen()).toEqual([]);
      unit.up("UP");
      await unit.advance(50);
      unit.down("UP");
      await unit.advance(50);
      expect(seen()).toEqual(["UP up", "UP down"]);
    });

    it("reports nothing after stop, and again after another watch", async () => {
      const stop = await watch();
      stop();
      stop();
      unit.down("DOWN");
      await unit.advance(50);
      unit.up("DOWN");
      await unit.advance(50);
      expect(seen()).toEqual([]);
      await watch();
      unit.down("DOWN");
      await unit.advance(50);
      expect(seen()).toEqual(["DOWN down"]);
    });

    it("tells once that it was lost, and is found again by another watch", async (context) => {
      if (unit.unplug === null || unit.plugIn === null) return context.skip("this keypad cannot be unplugged");
      await watch();
      unit.unplug();
      await unit.advance(100);
      expect(losses.map(({ kind }) => kind)).toEqual(["absent"]);
      await expect(watch()).rejects.toMatchObject({ kind: "absent" });
      unit.plugIn();
      await watch();
      unit.down("ENTER");
      await unit.advance(50);
      expect(seen()).toEqual(["ENTER down"]);
      expect(losses).toHaveLength(1);
    });

    it("reports nothing after halt, which may be called twice", async () => {
      await watch();
      await unit.keypad.halt();
      await unit.keypad.halt();
      unit.down("ENTER");
      await unit.advance(100);
      expect(seen()).toEqual([]);
    });
  });
}
