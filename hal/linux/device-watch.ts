import { type FSWatcher, watch as watchFolder } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import type { Clock, Stop } from "../clock.ts";
import { matchesPattern, splitPath } from "../console-pattern.ts";

/**
 * How often the folders are looked at without a notice. Notices do not tell of a folder that is made or replaced later (udev
 * makes /dev/serial/by-id with the first adapter), nor of a link whose target in another folder has gone.
 */
const recheckMs = 5000;

/** What a name stands for; differs after a replug that was too quick to be seen as an absence. */
type Identity = string;

/** Reports the character devices whose names match, now and after each change, as `ConsolePorts.watch` has it. */
export function watchDevices(
  clock: Clock,
  patterns: readonly string[],
  changed: (devices: readonly string[]) => void,
): Stop {
  const folders = [...new Set(patterns.map((pattern) => splitPath(pattern)[0]))];
  const notices = new Map<string, FSWatcher>();
  let known: ReadonlyMap<string, Identity> | null = null;
  let stopped = false;
  let checking = false;
  let again = false;
  let stopTimer: Stop = () => {};

  const matches = (device: string) => patterns.some((pattern) => matchesPattern(pattern, device));

  const listen = (folder: string) => {
    if (notices.has(folder)) return;
    try {
      // A device node that is written to gives `change` events, the console's own output too.
      const notice = watchFolder(folder || "/", (event, name) => {
        if (event === "rename" && (name === null || matches(`${folder}/${name}`))) void check();
      });
      const drop = () => {
        notice.close();
        notices.delete(folder);
      };
      notice.on("error", drop);
      notices.set(folder, notice);
    } catch {
      // No such folder yet, or no notices left to be had (fs.inotify.max_user_watches): the next round tries again.
    }
  };

  const report = (found: ReadonlyMap<string, Identity>) => {
    const before = known;
    known = found;
    const names = [...found.keys()].sort();
    if (before === null) return changed(names);
    const same = names.filter((name) => before.get(name) === found.get(name));
    const replaced = names.some((name) => before.has(name) && before.get(name) !== found.get(name));
    if (replaced) changed(same);
    if (!stopped && (same.length < names.length || same.length < before.size)) changed(names);
  };

  const check = async () => {
    again = true;
    if (checking) return;
    checking = true;
    while (again && !stopped) {
      again = false;
      const found = new Map<string, Identity>();
      for (const folder of folders) {
        for (const device of await namesIn(folder)) {
          const identity = matches(device) ? await identityOf(device) : null;
          if (identity !== null) found.set(device, identity);
        }
      }
      if (!stopped) report(found);
    }
    checking = false;
  };

  const round = () => {
    for (const folder of folders) listen(folder);
    stopTimer = clock.after("look for consoles", recheckMs, round);
    void check();
  };
  round();

  return () => {
    stopped = true;
    stopTimer();
    for (const notice of notices.values()) notice.close();
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder || "/")).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** null: no character device, or gone. */
async function identityOf(device: string): Promise<Identity | null> {
  try {
    const [link, target] = [await lstat(device), await stat(device)];
    return target.isCharacterDevice() ? `${link.ino} ${target.ino} ${target.rdev}` : null;
  } catch {
    return null;
  }
}
