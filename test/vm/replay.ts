import { copyFile, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createFiles } from "../../hal/linux/files.ts";
import { createFakeClock } from "../../hal/mock/fake-clock.ts";
import type { StorageFacts } from "../../src/model/facts.ts";
import type { Settings } from "../../src/model/settings.ts";
import { storeFiles } from "../../src/settings/recover.ts";
import { openSettingsStore } from "../../src/settings/store.ts";
import { createSomeLog } from "../support/some-log.ts";
import { copyFromDisk, recoverDisk } from "./state-disk.ts";
import type { DiskEvent, DiskWrite } from "./write-log.ts";

/** Where the store lies on the state disk. */
const storeFolder = "/settings";

/** What was recorded of the state disk. */
export interface Recording {
  /** The disk before all writes. */
  readonly blank: string;
  readonly events: readonly DiskEvent[];
}

/** What a start would find on the state disk after a power cut. */
export interface Cut {
  /** `flushed`: all writes before a flush have reached the disk and none after. `torn`: of those after, one has as well. */
  readonly kind: "flushed" | "torn";
  /** The event that is the flush. */
  readonly flush: number;
  readonly settings: Settings;
  /** What the file of the settings in force holds; null when it cannot be read. */
  readonly stored: unknown;
  readonly loaded: StorageFacts["loaded"];
}

/** Makes the disk as it was at a flush, with no write after it. */
export async function replay({ blank, events }: Recording, flush: number, path: string): Promise<void> {
  await copyFile(blank, path);
  await write(path, events.slice(0, flush).filter(isWrite));
}

/**
 * Cuts the power at each flush from the event `first` on, and with each single write that a disk may have taken before the
 * next flush: a disk orders by flushes only. Makes its files in `folder`.
 */
export async function cutEverywhere(recording: Recording, first: number, folder: string): Promise<Cut[]> {
  const { blank, events } = recording;
  const flushed = join(folder, "flushed.ext4");
  await copyFile(blank, flushed);
  const cuts: Cut[] = [];
  let unflushed: DiskWrite[] = [];
  for (const [flush, event] of events.entries()) {
    if (isWrite(event)) {
      unflushed.push(event);
      continue;
    }
    if (flush >= first) {
      for (const one of unflushed) cuts.push({ kind: "torn", flush, ...(await lookAt(flushed, [one], folder)) });
    }
    await write(flushed, unflushed);
    if (flush >= first) cuts.push({ kind: "flushed", flush, ...(await lookAt(flushed, [], folder)) });
    unflushed = [];
  }
  return cuts;
}

/** Opens the store as a start does, on a copy of a disk with some more writes. */
async function lookAt(disk: string, and: readonly DiskWrite[], folder: string) {
  const copy = join(folder, "cut.ext4");
  const files = join(folder, "cut");
  await copyFile(disk, copy);
  await write(copy, and);
  await recoverDisk(copy);
  await rm(files, { recursive: true, force: true });
  await copyFromDisk(copy, storeFolder, files);
  const directory = join(files, storeFolder);
  const stored = await storedIn(join(directory, storeFiles.current));
  const store = await openSettingsStore({
    files: createFiles(),
    directory,
    clock: createFakeClock(),
    log: createSomeLog().log,
  });
  return { settings: store.settings(), stored, loaded: store.storage().loaded };
}

async function storedIn(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => "");
  // Of a line of settings and a line with its checksum.
  const [document = ""] = text.split("\n");
  return document === "" ? null : JSON.parse(document).settings;
}

async function write(disk: string, writes: readonly DiskWrite[]): Promise<void> {
  const file = await open(disk, "r+");
  try {
    for (const { data, offset } of writes) await file.write(data, 0, data.length, offset);
  } finally {
    await file.close();
  }
}

function isWrite(event: DiskEvent): event is DiskWrite {
  return event.kind === "write";
}
