import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultCode } from "../../../src/connectivity/fault-code.ts";
import { messages } from "../../../src/connectivity/messages.ts";
import type { StatusDocument } from "../../../src/control/schema.ts";
import { printable } from "../../../src/panel/layout.ts";
import { type FaultLab, type FaultRow, faultRows } from "../../support/fault-rows.ts";
import type { Box } from "../box.ts";
import type { Lab } from "../lab.ts";
import { inLab, labLacks } from "../needs.ts";
import { testNetwork } from "../procedures.ts";

/** A lab with the box that all rows of a file share. */
export interface FaultBench {
  readonly lab: Lab;
  readonly box: Box;
}

/** One way in which a message comes about. */
export interface FaultCase<Bench extends FaultBench> {
  /** For the name of the test. */
  readonly how: string;
  /** From a box that is in contact to one that has failed to come into contact, or will. */
  provoke(bench: Bench): Promise<void>;
  /** What the detail names: the server, the status, whose card. */
  readonly detail: RegExp | ((bench: Bench, status: StatusDocument) => Promise<RegExp | string>);
  /** Takes the cause away, and sees to it that contact is tried. Absent: the next case goes on where this one ends. */
  mend?(bench: Bench): Promise<void>;
}

/** By the identifier of the row. */
export type FaultCases<Bench extends FaultBench> = Readonly<Record<string, readonly FaultCase<Bench>[]>>;

/** Brings every row of this lab about in turn. */
export function provokeRows<Bench extends FaultBench>(
  name: FaultLab,
  open: () => Promise<Bench>,
  cases: FaultCases<Bench>,
): void {
  describe.skipIf(labLacks() !== null)(inLab(`what can be wrong: ${name}`), () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await open();
    }, 120_000);
    afterAll(() => bench?.lab.close());

    // In the order of the cases: one may go on where another one ends.
    const order = Object.keys(cases);
    const rows = faultRows.filter(({ provoked }) => provoked.in === "lab" && provoked.lab === name);
    for (const row of [...rows].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))) {
      it.each(cases[row.id] ?? [missing])(
        `${row.message}${row.legacyCode === null ? "" : ` (${row.legacyCode})`}: $how`,
        (one) => provoked(bench, row, one),
        180_000,
      );
    }
  });
}

const missing: FaultCase<FaultBench> = {
  how: "nobody has said how",
  provoke: () => Promise.reject(new Error("the row has no case")),
  detail: /^$/,
};

async function provoked<Bench extends FaultBench>(bench: Bench, row: FaultRow, one: FaultCase<Bench>): Promise<void> {
  const { box } = bench;
  const mend = async () => {
    await one.mend?.(bench);
    return one.mend === undefined ? null : untilMended(box);
  };
  try {
    await one.provoke(bench);
    const status = await untilRow(box, row, one.detail);
    const { fault } = status;
    expect(fault?.detail).toMatch(typeof one.detail === "function" ? await one.detail(bench, status) : one.detail);
    expect(nextStepsOf(row.code, status)).toContain(fault?.next);
    await expectOnGlass(box, row, status);
    expectInLog(box, row, status);
    const mended = await mend();
    const record = mended?.faults.find(({ since }) => since === fault?.since);
    if (mended !== null) expect(record).toMatchObject({ ...fault, until: expect.stringMatching(/Z$/) });
  } catch (error) {
    // The next case has to begin all the same; what stands in the way of that is not the first thing to tell.
    await mend().catch(() => {});
    throw error;
  }
}

/**
 * Resolves when contact has failed for this reason and the glass says so; keys count then. The box may know less at first: where
 * the detail follows from nothing else, it is waited for.
 */
async function untilRow(
  box: Box,
  { message, legacyCode }: FaultRow,
  detail: FaultCase<FaultBench>["detail"] | object,
): Promise<StatusDocument> {
  const status = await box.untilStatus(
    ({ phase, fault }) =>
      (phase === "network-error" || phase === "communication-failure") &&
      fault?.message === message &&
      fault.legacyCode === legacyCode &&
      (!(detail instanceof RegExp) || detail.test(fault.detail)),
    60_000,
  );
  await box.untilScreen(["network-error", "communication-failure"]);
  return status;
}

async function untilMended(box: Box): Promise<StatusDocument> {
  await box.untilScreen(["home", "activation"], 60_000);
  return box.untilStatus(({ fault }) => fault === null);
}

function nextStepsOf(code: FaultCode, { proxy }: StatusDocument): readonly (string | undefined)[] {
  const { next } = messages[code];
  if (typeof next === "string") return [next];
  return proxy === null ? [next.direct] : [next.viaProxy, next.behindProxy];
}

/** Symbols of keys apart. */
const words = (lines: readonly string[]) =>
  lines
    .join(" ")
    .replaceAll(/[←→↑↓↵↔↕\s]+/g, " ")
    .trim();
/** A long word is broken where the row ends. */
const letters = (text: string) => text.replaceAll(" ", "");

/** The message stands there, or one key away; the rest is one key away. A person reads on with DOWN and leaves with LEFT. */
async function expectOnGlass(box: Box, { message, legacyCode }: FaultRow, { fault }: StatusDocument): Promise<void> {
  const { screen, lines } = await box.screen();
  const isLost = screen === "communication-failure";
  expect(words(lines)).toBe(isLost ? "COMMUNICATION FAILURE" : message);
  let read = (await box.press("RIGHT")).lines;
  const pages: string[] = [];
  while (pages.at(-1) !== words(read)) {
    pages.push(words(read));
    read = (await box.press("DOWN")).lines;
  }
  const all = [isLost ? message : "", legacyCode ?? "", fault?.detail, fault?.next];
  expect(letters(pages.join(""))).toBe(letters(printable(all.join(""))));
  expect((await box.press("LEFT")).screen).toBe(screen);
}

/** Once, however many polls have failed since; and each of these with every rung up to the broken one. */
function expectInLog(box: Box, { message }: FaultRow, { fault }: StatusDocument): void {
  const entries = box
    .log()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as LogEntry);
  const begins = entries.filter(({ msg, since }) => msg === "fault begins" && since === fault?.since);
  expect(begins, box.log()).toMatchObject([{ message, detail: fault?.detail, next: fault?.next }]);
  const { rungs = [], detail } =
    entries.findLast(({ msg, fault }) => msg === "contact failed" && fault === message) ?? {};
  expect(detail).toBe(fault?.detail);
  expect(rungs.map(({ ok }) => ok)).toEqual(rungs.map((_, at) => at < rungs.length - 1));
}

interface LogEntry {
  readonly msg: string;
  readonly since?: string;
  readonly fault?: string;
  readonly detail?: string;
  readonly rungs?: readonly { readonly ok: boolean }[];
}

/** A person asks for the next contact at once. */
export function asked<Bench extends FaultBench>(change: (bench: Bench) => Promise<unknown>) {
  return async (bench: Bench) => {
    await change(bench);
    await testNetwork(bench.box);
  };
}
