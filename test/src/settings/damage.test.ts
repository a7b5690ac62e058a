import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MemoryFiles, randomFate } from "../../../hal/mock/memory-files.ts";
import type { StorageFacts } from "../../../src/model/facts.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { readSettings, storeFiles } from "../../../src/settings/recover.ts";
import { anyDamage, type Damage, damageFile } from "../../support/file-damage.ts";
import { openSealed } from "../../support/model-credentials.ts";
import { createSomeLog } from "../../support/some-log.ts";
import {
  anyChange,
  anyHistory,
  type Change,
  canary,
  directory,
  diskAfter,
  inForce,
  makeChange,
  open,
  sealer,
} from "./some-history.ts";

/** On the machine that decides over a change; a person at work does not want to wait that long. */
const cases = process.env.CI === undefined ? 500 : 10_000;

interface Document {
  /** Of a journal. */
  readonly intent?: "change" | "reset";
  readonly revision: number;
  readonly settings: Settings;
}
type Found<T> = T | "absent" | "bad";

const namesOn = (files: MemoryFiles) => files.list(directory);
const textOf = (files: MemoryFiles, name: string) => files.text(`${directory}/${name}`);

/**
 * What the files are worth, by a rule that knows nothing of checksums: a file is good when it is one that the store wrote,
 * to the byte, and of the kind that belongs there.
 */
async function judge(whole: MemoryFiles, harmed: MemoryFiles) {
  const written = new Map<string, string>();
  for (const name of await namesOn(whole)) {
    if (!name.endsWith(".tmp")) written.set(textOf(whole, name) ?? "", name);
  }
  const there = new Set(await namesOn(harmed));
  const find = (name: string, belongs: RegExp): Found<Document> => {
    if (!there.has(name)) return "absent";
    const text = textOf(harmed, name);
    const from = text === null || harmed.mode(`${directory}/${name}`) === 0 ? undefined : written.get(text);
    return from !== undefined && belongs.test(from) ? JSON.parse(text?.split("\n")[0] ?? "") : "bad";
  };
  const generation = /^(settings(\.previous)?|last-good)\.json$/;
  const current = find(storeFiles.current, generation);
  const previous = find(storeFiles.previous, generation);
  const lastGood = find(storeFiles.lastGood, generation);
  const journal = find(storeFiles.journal, /^(change|rejected)\.json$/);
  const passwordOf = ({ proxy }: Settings): string | null => {
    if (proxy === null || proxy.passwordRef === null) return null;
    const name = `secret-${proxy.passwordRef}.json`;
    const found = find(name, new RegExp(`^${name}$`));
    if (typeof found === "string") return null;
    const { secret, sealed } = found as unknown as { readonly secret?: string; readonly sealed?: string };
    return secret ?? openSealed(sealer.key ?? "", Buffer.from(sealed ?? "", "base64"))?.secret ?? null;
  };
  const rejected = find(storeFiles.rejected, /^(change|rejected)\.json$/);
  return { current, previous, lastGood, journal, rejected, passwordOf };
}

type Judgement = Awaited<ReturnType<typeof judge>>;
const isGood = (found: Found<Document>): found is Document => typeof found !== "string";

/** What the next start has to find, case by case. */
function expectation({ current, previous, lastGood, journal, rejected, passwordOf }: Judgement) {
  const older = isGood(current) && isGood(previous) && previous.revision > current.revision;
  const bad = [current, previous, lastGood, journal].filter((found) => found === "bad").length + (older ? 1 : 0);
  const choose = (): [StorageFacts["loaded"], Document] => {
    const factory = { revision: 0, settings: factorySettings() };
    if (isGood(current) && !older) return ["current", current];
    if (isGood(previous)) return ["previous", previous];
    if (bad > 0 || rejected === "bad" || (isGood(lastGood) && lastGood.revision > 0)) return ["factory", factory];
    const begun = [journal, rejected].some((found) => isGood(found) && found.revision > 1);
    return [begun ? "factory" : "new", factory];
  };
  const [chosen, best] = choose();
  const isOver = journal === "absent" || (isGood(journal) && journal.revision <= best.revision);
  const isReset = isGood(journal) && journal.intent === "reset";
  const [loaded, document] = isReset && !isOver ? (["current", journal] as const) : [chosen, best];
  const isUndone = !isOver && !isReset;
  const named = (settings: Settings): Settings =>
    settings.proxy === null || passwordOf(settings) !== null
      ? settings
      : { ...settings, proxy: { ...settings.proxy, passwordRef: null } };
  const settings = named(document.settings);
  /** A reset leaves no password but those that its own settings name. */
  const forgotten = (others: Settings): Settings =>
    others.proxy === null || others.proxy.passwordRef === settings.proxy?.passwordRef
      ? others
      : { ...others, proxy: { ...others.proxy, passwordRef: null } };
  return {
    stored: document.settings,
    /** Nothing was ever kept: the first change was cut short, and after that is dealt with, the store is a new one. */
    isNew: loaded === "new",
    loaded: isUndone && (loaded === "current" || loaded === "new") ? ("reverted" as const) : loaded,
    inForce: { settings, password: passwordOf(document.settings) },
    lastGood: isGood(lastGood) ? (isReset ? forgotten(named(lastGood.settings)) : named(lastGood.settings)) : null,
    passwordLost: settings !== document.settings && document.settings.proxy?.passwordRef !== null,
    bad,
  };
}

/** Which ends were met in all these cases. */
const seen = new Set<string>();
const harm = fc.array(fc.tuple(fc.nat({ max: 100 }), anyDamage), { minLength: 1, maxLength: 4 });

async function damageSome(files: MemoryFiles, damages: readonly (readonly [number, Damage])[]): Promise<void> {
  const names = await namesOn(files);
  // What a power cut left under a temporary name may be whole or torn: nobody could tell what it is worth elsewhere.
  const texts = names.filter((name) => !name.endsWith(".tmp")).map((name) => textOf(files, name) ?? "");
  for (const [number, damage] of damages) {
    await damageFile(files, `${directory}/${names[number % names.length]}`, damage, texts);
  }
}

/** A damage, and what happens next. */
const anyCase = fc.record({ harm, change: anyChange, step: fc.nat({ max: 30 }), seed: fc.integer() });
/** Histories take longer to make than to harm. */
const casesPerHistory = 5;

describe(`${cases} damaged stores`, { timeout: 900_000 }, () => {
  it("start with exactly what is left, say so, and take the next change", async () => {
    let run = 0;
    const someCases = fc.array(anyCase, { minLength: casesPerHistory, maxLength: casesPerHistory });
    await fc.assert(
      fc.asyncProperty(anyHistory, someCases, async (history, list) => {
        const whole = await diskAfter(history);
        for (const { harm: damages, change, step, seed } of list) {
          const harmed = whole.afterPowerCut();
          await damageSome(harmed, damages);
          const expected = await expectStart(whole, harmed);
          await expectNextStarts(harmed, expected, { change, step, fate: randomFate(seed) });
          run += 1;
        }
      }),
      { numRuns: cases / casesPerHistory },
    );
    expect(run).toBe(cases);
    expect([...seen]).toEqual(expect.arrayContaining(["current", "previous", "factory", "reverted"]));
  });
});

const textsOn = async (files: MemoryFiles) => (await namesOn(files)).map((name) => textOf(files, name));

/** The start finds what is left, and says what happened. */
async function expectStart(whole: MemoryFiles, harmed: MemoryFiles) {
  const judged = await judge(whole, harmed);
  const expected = expectation(judged);

  // What `config plan` shows.
  const isDenied = [storeFiles.current, storeFiles.previous].some((name) => harmed.mode(`${directory}/${name}`) === 0);
  const read = readSettings(harmed.afterPowerCut(), directory);
  if (isDenied) await expect(read).rejects.toMatchObject({ kind: "denied" });
  else expect(await read).toEqual(expected.stored);

  const disk = harmed.afterPowerCut();
  const { log, lines, records } = createSomeLog();
  const store = await open(disk, log);
  expect(store.storage()).toEqual({ loaded: expected.loaded, problem: null });
  expect(inForce(store)).toEqual(expected.inForce);
  expect(store.lastGood()).toEqual(expected.lastGood);
  expect(disk.operations().length).toBeLessThan(100);
  seen.add(expected.loaded);

  // Said in the log, kept aside for support, and no password where none belongs.
  const said = (words: string) => lines.filter((line) => line.startsWith(`error: settings: ${words}`)).length;
  expect(said("a file cannot be read")).toBe(expected.bad);
  expect(said("the proxy's password is lost")).toBe(expected.passwordLost ? 1 : 0);
  expect(records.join("\n")).not.toContain(canary);
  const [before, kept] = [await textsOn(harmed), await textsOn(disk)];
  for (const part of ["current", "previous", "lastGood", "journal"] as const) {
    if (judged[part] === "bad") expect(kept).toContain(textOf(harmed, storeFiles[part]));
  }
  for (const name of await namesOn(disk)) {
    const text = textOf(disk, name);
    if (!name.startsWith("secret-") && !before.includes(text)) expect(text ?? "").not.toContain(canary);
  }
  return expected;
}

interface Sequel {
  readonly change: Change;
  readonly step: number;
  readonly fate: ReturnType<typeof randomFate>;
}

/** A power cut in that start changes nothing of it, the next start finds a whole store, and the next change is none the worse. */
async function expectNextStarts(
  harmed: MemoryFiles,
  expected: ReturnType<typeof expectation>,
  { change, step, fate }: Sequel,
): Promise<void> {
  const interrupted = harmed.afterPowerCut();
  interrupted.cutPowerAfter(step);
  await open(interrupted);
  const disk = interrupted.afterPowerCut(fate);
  const resumed = await open(disk);
  expect(inForce(resumed)).toEqual(expected.inForce);
  expect([expected.loaded, "current", ...(expected.isNew ? ["new"] : [])]).toContain(resumed.storage().loaded);

  const next = disk.afterPowerCut(fate);
  const again = await open(next);
  expect(inForce(again)).toEqual(expected.inForce);
  expect(again.storage()).toEqual({ loaded: "current", problem: null });
  expect(await makeChange(again, { ...change, end: "commit" })).toBe(true);
  const last = await open(next.afterPowerCut(fate));
  expect(inForce(last)).toEqual(inForce(again));
  expect(last.storage()).toEqual({ loaded: "current", problem: null });
}
