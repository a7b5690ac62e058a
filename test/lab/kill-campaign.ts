import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factorySettings, type Settings, type StaticIpv4 } from "../../src/model/settings.ts";
import { type Box, openBox } from "./box.ts";
import { type FarSide, watchFarSide } from "./far-side.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { expectInForce, expectNoJournal, expectWayToPlatform } from "./settings-in-force.ts";
import { activateOnSight, toDhcpQuestion, toStaticQuestion } from "./steps.ts";
import { type Halt, type Moment, type Step, stretchTripwire, type Tripwire } from "./tripwire.ts";
import { until } from "./until.ts";

const fixed = (network: string): StaticIpv4 => ({
  ...{ method: "static", address: `${network}.40`, prefixLength: 24, gateway: `${network}.1`, dns: [`${network}.1`] },
  ...{ wins: [], domain: null },
});
const leased = factorySettings();
const standard: Settings = { ...leased, lan: { ...leased.lan, ipv4: fixed("10.77.0") } };
const split: Settings = { ...standard, wan: { link: "auto", ipv4: fixed("10.78.0") } };

export interface Change {
  readonly name: string;
  readonly from: Settings;
  readonly to: Settings;
  /** What was begun ends as the new settings. */
  readonly onlyForward?: true;
  /** From home to the last question; nothing has changed then. */
  readonly ask: (box: Box) => Promise<void>;
}

export const changes: readonly Change[] = [
  { name: "DHCP to static on LAN", from: leased, to: standard, ask: (box) => toStaticQuestion(box, "10.77.0.40") },
  { name: "standard to split with a static WAN", from: standard, to: split, ask: toStaticWanQuestion },
  { name: "split to standard", from: split, to: standard, ask: toDisableWanQuestion },
  { name: "RESET", from: split, to: leased, onlyForward: true, ask: toResetQuestion },
];
/** No campaign of its own: it leads back from where one has ended. */
const back: Change = { name: "static to DHCP on LAN", from: standard, to: leased, ask: toDhcpQuestion };

/** Presses until this item shows, from another of its menu. */
async function walkTo(box: Box, item: string): Promise<void> {
  const menu = item.split("/", 1).join();
  for (let { screen } = await box.screen(); screen !== item; { screen } = await box.press("DOWN")) {
    if (!screen.startsWith(`${menu}/`) || screen === `${menu}/exit`) throw new Error(`${screen}, and no ${item}`);
  }
  await box.press("ENTER");
}

async function toStaticWanQuestion(box: Box): Promise<void> {
  await box.press("ENTER", "ENTER");
  await walkTo(box, "setup/wan");
  await walkTo(box, "wan/static");
  await box.press("ENTER");
  await box.type("10.78.0.40\n");
  // It is chosen from a ring, one bit after the other.
  const isChosen = () => box.screen().then(({ lines }) => lines[1]?.includes("255.255.255.000"));
  for (let turns = 0; turns < 32 && !(await isChosen()); turns++) await box.press("UP");
  await box.type("\n10.78.0.1\n10.78.0.1\n0.0.0.0\n");
  await box.untilScreen("confirm/static-wan");
}

async function toDisableWanQuestion(box: Box): Promise<void> {
  await box.press("ENTER", "ENTER");
  await walkTo(box, "setup/wan");
  await walkTo(box, "wan/disable");
  await box.untilScreen("confirm/disable-wan");
}

async function toResetQuestion(box: Box): Promise<void> {
  await box.press("ENTER", "ENTER");
  await walkTo(box, "setup/reset");
  await walkTo(box, "reset/all");
  await box.untilScreen("confirm/reset-all");
}

/** What happens while a step of a change stands still. */
export interface Scene {
  readonly lab: Lab;
  readonly box: Box;
  readonly halt: Halt;
  readonly tripwire: Tripwire;
  /** Resolves when the change has ended, one way or the other. */
  readonly untilEnded: () => Promise<void>;
}

export interface Campaign {
  readonly name: string;
  /** All by default. */
  readonly changes?: readonly Change[];
  /** At which of the steps that a rehearsal has shown, and when. */
  readonly moments: (steps: readonly Step[]) => readonly Halting[];
  /** Spoils something, lets the step go on, and puts back what was spoilt. */
  readonly spoil: (scene: Scene) => Promise<void>;
}

export interface Halting {
  readonly step: Step;
  readonly moment: Moment;
}

export const at = (moment: Moment, steps: readonly Step[]): readonly Halting[] =>
  steps.map((step) => ({ step, moment }));
export const changing = (steps: readonly Step[]): readonly Step[] => steps.filter(({ reads }) => !reads);
export const activations = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ line }) => line.includes(" connection up "));

/** As a service manager waits before it starts a service again. */
export const restartPause = () => delay(1000);

/**
 * Something is spoilt at each step of each change in turn, and put back: the box ends with the old settings or the new ones,
 * whole, and on line. The steps are the runs of programs. What a kill between two file operations of the store leaves is tried
 * on the store itself, at each of them (test/src/network/transaction.test.ts, test/src/settings), and by power cuts of a guest.
 */
export function describeCampaigns(subject: string, campaigns: readonly Campaign[]): void {
  describe.skipIf(lockDownLacks() !== null)(inLab(subject, lockDownLacks()), () => {
    let lab: Lab;
    let box: Box;
    let far: FarSide;
    let tripwire: Tripwire;
    beforeAll(async () => {
      lab = await openLab();
      activateOnSight(lab);
      far = await watchFarSide(lab);
      box = await openBox(lab, { user: true });
      await box.start();
      await box.untilScreen("home");
      tripwire = await stretchTripwire(lab);
    }, 120_000);
    afterAll(() => lab?.close());

    const untilHome = async () => {
      await until(
        () => `home\n${box.log().slice(-6000)}`,
        async () => {
          const { screen } = await box.screen();
          if (screen.endsWith("-notice")) await box.press("ENTER");
          return screen === "home";
        },
        120_000,
      );
      await box.untilStatus(({ phase, fault }) => phase === "ready" && fault === null);
    };
    const inStore = (settings: Settings) => box.settings().then((stored) => isDeepStrictEqual(stored, settings));

    const isWorking = async () => (await box.screen()).screen.startsWith("progress/");

    /** Goes through a change, from home to home. */
    const make = async ({ ask, to }: Change) => {
      await ask(box);
      await box.press("ENTER");
      await until("the new settings on the disk", () => inStore(to));
      await untilHome();
    };
    const bringTo = async (wanted: Settings) => {
      while (!(await inStore(wanted))) {
        const stored = await box.settings();
        const ways = [...changes, back].filter(
          ({ from, onlyForward }) => isDeepStrictEqual(from, stored) && !onlyForward,
        );
        const way = ways.find(({ to }) => to === wanted) ?? ways.find(({ to }) => to !== leased);
        if (way === undefined) throw new Error(`no way from ${JSON.stringify(stored)}`);
        await make(way);
      }
    };

    const isKept = async ({ to }: Change) => (await inStore(to)) && !(await isWorking());

    const spoilAt = async (campaign: Campaign, change: Change, { step, moment }: Halting) => {
      await bringTo(change.from);
      await change.ask(box);
      await tripwire.arm({ step, moment });
      await box.press("ENTER");
      const halt = await tripwire.halted(() => isKept(change));
      await tripwire.disarm();
      if (halt === null) throw new Error("the change has ended without it");
      const untilEnded = () => until("the end of the change", async () => !(await isWorking()), 240_000);
      await campaign.spoil({ lab, box, halt, tripwire, untilEnded: async () => void (await untilEnded()) });
      await untilHome();
      const stored = await box.settings();
      expect([change.to, ...(change.onlyForward ? [] : [change.from])]).toContainEqual(stored);
      expectNoJournal(lab);
      await expectInForce(lab, stored);
      await expectWayToPlatform(lab, far, stored);
    };

    describe.each(campaigns)("$name", (campaign) => {
      it.each(campaign.changes ?? changes)(
        "$name",
        async (change) => {
          await bringTo(change.from);
          await change.ask(box);
          await tripwire.arm();
          await box.press("ENTER");
          await until("the end of the change", () => isKept(change));
          const moments = campaign.moments(await tripwire.disarm());
          await untilHome();
          await expectInForce(lab, change.to);

          expect(moments).not.toEqual([]);
          for (const halting of moments) {
            try {
              await spoilAt(campaign, change, halting);
            } catch (error) {
              const where = `${halting.moment} ${halting.step.line}`;
              if (error instanceof Error) error.message = `${where}: ${error.message}\n${box.log().slice(-6000)}`;
              throw error;
            }
          }
        },
        600_000,
      );
    });
  });
}
