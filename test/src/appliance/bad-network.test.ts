import { describe, expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import type { MemoryFiles } from "../../../hal/mock/memory-files.ts";
import { silentLog } from "../../../src/model/log.ts";
import { type NetworkState, noAddresses } from "../../../src/model/network-state.ts";
import { failed } from "../../../src/model/result.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import type { NetworkBackend, NetworkEvent, Operation, Refusal } from "../../../src/network/backend.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { type Bench, diskWithIdentity, startBox, startedBox, stateDirectory } from "./harness.ts";

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** What stands between the box and its ports, to be broken. */
interface Daemon {
  /** Does an operation; null: as it should. */
  perform: ((operation: Operation, signal: AbortSignal) => Promise<Refusal>) | null;
  /** Reads the ports; null: as it should. */
  observe: ((signal: AbortSignal) => Promise<never>) | null;
  /** Changes what is read. */
  shows: (state: NetworkState) => NetworkState;
  /** Something changed. */
  stir(): void;
  readonly tamper: (backend: NetworkBackend) => NetworkBackend;
}

function createDaemon(): Daemon {
  const listeners = new Set<(event: NetworkEvent) => void>();
  const daemon: Daemon = {
    perform: null,
    observe: null,
    shows: (state) => state,
    stir: () => {
      for (const listener of listeners) listener("link");
    },
    tamper: (backend) => ({
      perform: async (operation, signal) =>
        daemon.perform === null ? backend.perform(operation, signal) : failed(await daemon.perform(operation, signal)),
      observe: async (signal) =>
        daemon.observe === null ? daemon.shows(await backend.observe(signal)) : daemon.observe(signal),
      watch: (changed) => {
        listeners.add(changed);
        const unwatch = backend.watch(changed);
        return () => {
          listeners.delete(changed);
          unwatch();
        };
      },
    }),
  };
  return daemon;
}

const refuses =
  (kind: Refusal["kind"], detail: string): NonNullable<Daemon["perform"]> =>
  async () => ({ kind, detail });
const deaf = (detail: string) => () => Promise.reject(new HalError("io", "NetworkManager", detail));

const gone = (state: NetworkState): NetworkState => ({
  ...state,
  lan: { ...state.lan, present: false, configured: false, mac: null, carrier: false, ...noAddresses },
});

/** The menu opens and closes on whatever the glass shows. */
async function panelLives(box: Bench): Promise<void> {
  const screen = box.screen();
  await box.press("ENTER");
  expect(box.screen()).toBe("main/setup-network");
  await box.press("UP");
  expect(box.screen()).toBe(screen);
}

const setUpAgain = "Set the LAN interface up again; if it is refused again, report the detail to support.";
const checkCable = "Check that the cable is in the LAN port and the far end is on.";

interface Fault {
  readonly glass: string;
  readonly detail: RegExp;
  readonly next: string;
  readonly code: string | null;
}
const notConfigured = (detail: RegExp): Fault => ({
  glass: "Could not    →↓↵|configure LAN   ",
  detail,
  next: setUpAgain,
  code: "E10",
});
const noCarrier = (detail: RegExp): Fault => ({
  glass: "no CARRIER on→↓↵|LAN interface   ",
  detail,
  next: checkCable,
  code: null,
});

async function says(box: Bench, { glass, detail, next, code }: Fault): Promise<void> {
  expect(box.glass().join("|")).toBe(glass);
  expect(box.facts().fault).toMatchObject({ detail: expect.stringMatching(detail), next, legacyCode: code });
  await panelLives(box);
  await box.press("RIGHT");
  expect(box.screen()).toBe("network-error/detail");
  await box.press("LEFT");
}

describe("a machine that is not well at the start says what is wrong, keeps its menu, and recovers by itself", () => {
  const rows: readonly [name: string, spoil: (daemon: Daemon) => void, fault: Fault][] = [
    [
      "nmcli is missing",
      (daemon) => {
        daemon.observe = deaf("nmcli is missing");
        daemon.perform = refuses("unavailable", "nmcli is missing");
      },
      notConfigured(/nmcli is missing/),
    ],
    [
      "the daemon is dead",
      (daemon) => {
        daemon.perform = refuses("unavailable", "NetworkManager is not running");
      },
      notConfigured(/configure LAN: DHCP: NetworkManager is not running/),
    ],
    [
      "the daemon refuses",
      (daemon) => {
        daemon.perform = refuses("refused", "Error: not authorized");
      },
      notConfigured(/not authorized/),
    ],
    [
      "the daemon hangs",
      (daemon) => {
        daemon.perform = (_, signal) => never(signal);
      },
      notConfigured(/LAN has no orders from the network daemon/),
    ],
    [
      "the daemon hangs and cannot be read",
      (daemon) => {
        daemon.observe = never;
        daemon.perform = (_, signal) => never(signal);
      },
      notConfigured(/cannot be read, no answer within 10 s/),
    ],
    [
      "the port is missing, or has another name",
      (daemon) => {
        daemon.shows = gone;
        daemon.perform = refuses("refused", "Device 'lan0' not found");
      },
      noCarrier(/there is no interface lan0, which \[network\] lan of the configuration names/),
    ],
  ];

  it.each(rows)("%s", async (_name, spoil, fault) => {
    const daemon = createDaemon();
    spoil(daemon);
    const box = await startBox({ tamper: daemon.tamper });
    // The menu is there before an operation's limit of a minute has passed.
    await box.until("network-error", 45_000);
    await says(box, fault);
    // For as long as it lasts, and with no storm of polls or of anything else.
    await box.advance(600_000);
    const lines = box.log.length;
    await box.advance(600_000);
    expect(box.log.length - lines).toBeLessThan(200);
    await panelLives(box);

    Object.assign(daemon, { perform: null, observe: null, shows: (state: NetworkState) => state });
    await box.until("home", 120_000);
    expect(box.facts()).toMatchObject({ fault: null, networkUnread: null, configurationRefused: null });
  });

  it("a daemon that starts beside the box and comes late is waited for, and nothing is said of it", async () => {
    const daemon = createDaemon();
    daemon.observe = deaf("NetworkManager is not running");
    const box = await startBox({ tamper: daemon.tamper });
    await box.until(({ facts }) => facts().networkUnread !== null, 30_000);
    await box.advance(8000);
    expect(box.facts().progress).toEqual({ what: "boot", step: "coming-up" });
    daemon.observe = null;
    daemon.stir();
    const seen = new Set<string>();
    await box.until(({ screen }) => seen.add(screen()).has("home"), 20_000);
    expect([...seen]).not.toContain("network-error");
  });

  it("a daemon that hangs says so when its minute is over", async () => {
    const daemon = createDaemon();
    daemon.perform = (_, signal) => never(signal);
    const box = await startBox({ tamper: daemon.tamper });
    await box.until(({ facts }) => /no result within 60 s/.test(facts().fault?.detail ?? ""), 70_000);
    expect(box.glass().join("|")).toBe("Could not    →↓↵|configure LAN   ");
  });
});

/** What a technician is told of a change, and that it can be put away. */
async function changeIsUndone(box: Bench, reason: RegExp, before: Settings): Promise<void> {
  await box.until("change-notice", 400_000);
  expect(box.facts().notice).toMatch(reason);
  expect(box.facts().settings).toEqual(before);
  await box.press("ENTER");
  await panelLives(box);
}

/** From SETUP NETWORK through all static fields as they are offered, with a second DNS server. */
const setStatic = ["ENTER*2", "DOWN*2", "ENTER*2", "RIGHT*9", "DOWN", "RIGHT", "UP*2", "ENTER*3"];
const toTheEnd = ["ENTER", "RIGHT", "UP", "RIGHT*3", "UP*7", "RIGHT", "UP*7", "RIGHT*6", "UP*2", "ENTER", "ENTER*4"];

describe("a machine that falls ill later", () => {
  it("goes on without its daemon, and is not said to be ill while the platform answers", async () => {
    const daemon = createDaemon();
    const box = await startedBox({ tamper: daemon.tamper });
    daemon.perform = refuses("unavailable", "NetworkManager is not running");
    daemon.stir();
    await box.advance(600_000);
    expect([box.screen(), box.facts().fault]).toEqual(["home", null]);
    const { settings } = box.facts();
    await box.press(...setStatic, ...toTheEnd);
    await changeIsUndone(box, /^CHANGE UNDONE.*NetworkManager is not running/, settings);
    expect([box.screen(), box.facts().fault]).toEqual(["home", null]);
    daemon.perform = null;
    await box.advance(60_000);
    expect(box.facts()).toMatchObject({ configurationRefused: null, network: { lan: { method: "dhcp" } } });
  });

  it("goes on when it cannot be read; the true fault is said when the platform does not answer either", async () => {
    const daemon = createDaemon();
    const box = await startedBox({ tamper: daemon.tamper });
    daemon.observe = deaf("no answer");
    daemon.stir();
    await box.advance(600_000);
    expect([box.screen(), box.facts().networkUnread]).toEqual(["home", "NetworkManager: no answer"]);
    box.world.patch({ lan: { cable: false } });
    await box.until("communication-failure", 400_000);
    expect(box.facts().fault).toMatchObject({
      message: "Could not configure LAN",
      legacyCode: "E10",
      detail: "NetworkManager: no answer",
    });
    await panelLives(box);
    // As soon as it can be read, what is seen is said.
    daemon.observe = null;
    await box.until(({ facts }) => facts().fault?.message === "no CARRIER on LAN interface", 15_000);
    box.world.patch({ lan: { cable: true } });
    await box.until("home", 10_000);
  });

  it("whose daemon dies in the middle of a change goes back by itself when it returns", async () => {
    const daemon = createDaemon();
    const box = await startedBox({ tamper: daemon.tamper });
    const { settings } = box.facts();
    let operations = 0;
    daemon.perform = async () => {
      operations++;
      return { kind: "unavailable", detail: "NetworkManager has gone" };
    };
    daemon.shows = (state) => ({ ...state, lan: { ...state.lan, configured: false, ...noAddresses } });
    await box.press(...setStatic, ...toTheEnd);
    await changeIsUndone(box, /^CHANGE UNDONE, STILL GOING BACK: .*has gone/, settings);
    expect(box.facts().fault).toMatchObject({ message: "Could not configure LAN", legacyCode: "E10" });
    expect(box.facts().configurationRefused).not.toBeNull();
    const asked = operations;
    Object.assign(daemon, { perform: null, shows: (state: NetworkState) => state });
    await box.until("home", 60_000);
    expect(box.facts().settings).toEqual(settings);
    expect(asked).toBeLessThan(10);
  });

  it("that has lost its orders gets them again within ten seconds", async () => {
    const daemon = createDaemon();
    const orders: string[] = [];
    const box = await startedBox({
      tamper: (backend) => {
        const real = daemon.tamper(backend);
        return {
          ...real,
          perform: (operation, signal) => {
            orders.push(operation.kind);
            daemon.shows = (state) => state;
            return real.perform(operation, signal);
          },
        };
      },
    });
    expect(orders).toEqual(["configure"]);
    daemon.shows = (state) => ({ ...state, lan: { ...state.lan, configured: false, ...noAddresses } });
    daemon.stir();
    await box.advance(10_000);
    expect(orders).toEqual(["configure", "configure"]);
    expect([box.screen(), box.glass()[1]]).toEqual(["home", "10.77.0.100    P"]);
  });

  it("whose port is pulled out of it says so at the next poll, and is well when it is back", async () => {
    const daemon = createDaemon();
    const box = await startedBox({ tamper: daemon.tamper });
    box.world.patch({ lan: { cable: false } });
    daemon.shows = gone;
    daemon.perform = refuses("refused", "Device 'lan0' not found");
    daemon.stir();
    await box.until("communication-failure", 400_000);
    expect(box.facts().fault).toMatchObject({
      message: "no CARRIER on LAN interface",
      detail: expect.stringMatching(/there is no interface lan0/),
      next: checkCable,
    });
    await panelLives(box);
    Object.assign(daemon, { perform: null, shows: (state: NetworkState) => state });
    box.world.patch({ lan: { cable: true } });
    await box.until("home", 15_000);
  });
});

describe("a link mode that the helper does not set", () => {
  const forced: Settings = { ...factorySettings(), lan: { ...factorySettings().lan, link: "100/full" } };
  const rows: readonly [name: string, perform: NonNullable<Daemon["perform"]>, detail: RegExp][] = [
    ["is not there", refuses("unavailable", "bezel-net is not running"), /link of LAN to 100\/full: bezel-net is not/],
    ["hangs", (_, signal) => never(signal), /link of LAN to 100\/full: no result within 60 s/],
    ["refuses", refuses("refused", "lan0 has auto, 10/full"), /link of LAN to 100\/full: lan0 has auto/],
  ];

  it.each(rows)("because it %s: the box is on line all the same, and tries again", async (_name, perform, detail) => {
    const daemon = createDaemon();
    let helper: Daemon["perform"] = perform;
    const box = await startBox({
      files: await diskWith(forced),
      tamper: (backend) => ({
        ...daemon.tamper(backend),
        perform: async (operation, signal) =>
          operation.kind === "link" && helper !== null
            ? failed(await helper(operation, signal))
            : backend.perform(operation, signal),
      }),
    });
    await box.until("home", 120_000);
    await box.until(({ facts }) => facts().configurationRefused !== null, 120_000);
    expect(box.facts().configurationRefused).toEqual({ port: "lan", detail: expect.stringMatching(detail) });
    await panelLives(box);
    helper = null;
    await box.until(({ facts }) => facts().configurationRefused === null, 120_000);
    expect(box.facts().network.lan.link).toBe("100/full");
  });
});

describe("a split network that the helper does not separate", () => {
  const split: Settings = { ...factorySettings(), wan: { link: "auto", ipv4: { method: "dhcp" } } };
  const rows: readonly [name: string, perform: NonNullable<Daemon["perform"]>, detail: RegExp][] = [
    ["refuses", refuses("unavailable", "nft is missing"), /^keep our own traffic on WAN: nft is missing$/],
    ["hangs", (_, signal) => never(signal), /^keep our own traffic on WAN: no result within 60 s$/],
  ];

  it.each(rows)("because it %s: no poll leaves, both ports or not, until it does", async (_name, perform, detail) => {
    const daemon = createDaemon();
    let helper: Daemon["perform"] = perform;
    const box = await startBox({
      files: await diskWith(split),
      tamper: (backend) => ({
        ...daemon.tamper(backend),
        perform: async (operation, signal) =>
          operation.kind === "separate" && helper !== null
            ? failed(await helper(operation, signal))
            : backend.perform(operation, signal),
        // As after an end without a last word: the ports go on with what they had.
        observe: async (signal) => {
          const seen = await backend.observe(signal);
          return { ...seen, wan: seen.wan ?? { ...seen.lan, interface: "wan0", ipv4: ["10.88.0.9/24"] } };
        },
      }),
    });
    await box.until("network-error", 120_000);
    await panelLives(box);
    await box.until(({ facts }) => facts().fault?.message === "Could not configure WAN", 240_000);
    expect(box.facts().fault?.detail).toMatch(detail);
    await box.advance(30_000);
    expect(box.platform.polls).toEqual([]);
    helper = null;
    await box.until("home", 120_000);
    expect(box.facts().network.separated).toBe(true);
    expect(box.platform.polls).not.toEqual([]);
  });
});

/** A disk on which these settings are in force. */
async function diskWith(settings: Settings): Promise<MemoryFiles> {
  const files = await diskWithIdentity();
  const directory = `${stateDirectory}/settings`;
  const store = await openSettingsStore({ files, directory, clock: createFakeClock(), log: silentLog });
  const begun = await store.begin(settings);
  if (!begun.ok) throw new Error(begun.error);
  await begun.value.commit();
  return files;
}
