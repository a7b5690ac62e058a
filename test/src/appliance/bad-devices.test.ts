import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMockKeypad } from "../../../hal/mock/keypad.ts";
import { active } from "../../support/scripted-platform.ts";
import { createVt100Screen } from "../../support/vt100-screen.ts";
import { type Bench, startBox, startedBox } from "./harness.ts";

const deadBus = { kind: "noAck", afterBytes: 0, times: Number.POSITIVE_INFINITY } as const;
const device = "/dev/ttyUSB0";
const home = ["is_box         ↵", "10.77.0.100    P"];
const roundMs = 220_000;

/** A person at a terminal of the console. */
function terminalOf({ consoles, advance }: Bench) {
  const screen = createVt100Screen();
  const peer = consoles.peer(device);
  const look = () => {
    // The probe for UTF-8 stays unanswered: the terminal is an old one.
    screen.write(peer.take().replaceAll("\x1b[6n", "").replaceAll("\xb0", "?"));
    return screen.rows();
  };
  return {
    type: async (text: string) => {
      peer.write(text);
      await advance(1000);
    },
    look,
    /** The two rows of the glass inside their border. */
    glass: () =>
      look()
        .slice(1, 3)
        .map((row) => row.slice(1, 17)),
  };
}

describe("the display", () => {
  it("is missing at the start: the rest goes on, and it shows the picture when it comes", async () => {
    const box = await startBox({ prepare: ({ controls }) => controls.failBus(deadBus) });
    await box.until("home");
    expect(box.facts().panel.state).toBe("lost");
    expect(box.glass()).toEqual([]);
    await box.press("ENTER");
    expect(box.screen()).toBe("main/setup-network");
    await box.press("UP");
    box.controls.failBus(null);
    await box.advance(6000);
    expect([box.glass(), box.facts().panel.state]).toEqual([home, "degraded"]);
    await box.advance(10_000);
    expect(box.facts().panel.state).toBe("ok");
  });

  it("is pulled out with the whole panel and comes back: glass, LEDs and keys", async () => {
    const box = await startedBox();
    box.platform.jobs = [{ id: "scan-1", kind: "scan", parameters: { seconds: 10_000 } }];
    await box.until(({ controls }) => controls.leds().s1, roundMs);
    box.controls.unplug();
    // The display's loss is found at the next picture.
    box.platform.registration = { ...active, name: "is_dc2" };
    await box.advance(roundMs);
    expect(box.facts()).toMatchObject({ phase: "ready", panel: { state: "lost" } });
    expect(box.platform.polls.at(-1)?.jobs[0]?.state).toBe("running");
    box.controls.plugIn();
    await box.advance(6000);
    expect([box.glass(), box.controls.leds().s1]).toEqual([["is_dc2         ↵", home[1]], true]);
    await box.press("ENTER");
    expect(box.glass()[0]).toMatch(/^SETUP/);
    await box.advance(12_000);
    expect(box.facts().panel.state).toBe("ok");
  });

  it("is drawn afresh after a transfer that was cut anywhere", async () => {
    const box = await startedBox({ disturbed: true });
    for (let afterBytes = 0; afterBytes < 60; afterBytes += 7) {
      box.controls.failBus({ kind: "noAck", afterBytes, times: 1 });
      await box.press("ENTER");
      expect(box.glass()[0]?.slice(0, 5)).toBe("SETUP");
      await box.press("UP");
      expect(box.glass()).toEqual(home);
      await box.advance(10_000);
      expect(box.facts().panel.state).toBe("ok");
    }
  });
});

describe("the keypad", () => {
  it("is unplugged with a key held down: nothing repeats, the picture stays, and keys work again", async () => {
    const clock = createFakeClock();
    const { keypad, keys } = createMockKeypad({ clock });
    const box = await startedBox({ clock, board: (panel) => ({ ...panel, keypad }) });
    const press = async (key: "ENTER" | "UP") => {
      const pressed = keys.press(key);
      await box.advance(200);
      await pressed;
    };
    keys.down("ENTER");
    await box.advance(50);
    keys.unplug();
    await box.advance(60_000);
    expect([box.screen(), box.facts().panel.state]).toEqual(["main/setup-network", "degraded"]);
    keys.up("ENTER");
    keys.plugIn();
    await box.advance(15_000);
    expect(box.facts().panel.state).toBe("ok");
    await press("UP");
    expect(box.glass()).toEqual(home);
  });
});

describe("a console", () => {
  it("shows the same panel, takes keys, and may be pulled out and plugged in again", async () => {
    const box = await startedBox({ prepare: ({ consoles }) => consoles.plug(device) });
    const terminal = terminalOf(box);
    expect(box.facts().consoles).toEqual([{ device, state: "open" }]);
    expect(terminal.look().join("").replaceAll("#", "")).toBe("");
    await terminal.type("\r");
    expect(terminal.glass()).toEqual(["is_box         E", home[1]]);
    expect(terminal.look().some((row) => row.includes("02:be:2e:10:00:01"))).toBe(true);
    await terminal.type("\r");
    expect([box.screen(), terminal.glass()[0]?.slice(0, 5)]).toEqual(["main/setup-network", "SETUP"]);
    expect(box.glass()[0]?.slice(0, 5)).toBe("SETUP");

    box.consoles.unplug(device);
    await box.advance(1000);
    expect(box.facts().consoles).toEqual([]);
    await box.press("UP");
    box.consoles.plug(device);
    await box.advance(1000);
    const again = terminalOf(box);
    await again.type("\r");
    expect(again.glass()).toEqual(["is_box         E", home[1]]);
    expect(box.facts().consoles).toEqual([{ device, state: "open" }]);
  });

  it("is all that a box without display, keys and LEDs has", async () => {
    const bare = { display: null, keypad: null, indicators: null };
    const box = await startedBox({
      board: (panel) => ({ ...panel, ...bare }),
      prepare: ({ consoles }) => consoles.plug(device),
    });
    const terminal = terminalOf(box);
    await terminal.type("\r");
    await terminal.type("\r");
    expect(terminal.glass()[0]).toMatch(/^SETUP/);
    expect(box.glass()).toEqual([]);
  });
});
