import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Namespaces } from "./namespaces.ts";

/** The users of the product in a lab, with a group each of the same name and number; none of them is on a real machine. */
export const accounts = { bezel: 64001, "bezel-net": 64002, "bezel-scan": 64003 } as const;

/**
 * Makes the accounts known inside, and there only. `folder` is one that lasts as long as the lab; they may pass through it to
 * what is theirs there.
 */
export async function provideAccounts(inside: Namespaces, folder: string): Promise<void> {
  await chmod(folder, 0o711);
  const users = Object.entries(accounts).map(([name, id]) => `${name}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin`);
  const groups = Object.entries(accounts).map(([name, id]) => `${name}:x:${id}:`);
  for (const [database, added] of [
    ["passwd", users],
    ["group", groups],
  ] as const) {
    const file = join(folder, database);
    await writeFile(file, withLines(await readFile(`/etc/${database}`, "utf8"), added), { mode: 0o644 });
    await inside.run(["mount", "--bind", file, `/etc/${database}`]);
  }
}

/** The product may be installed here, with accounts that have other numbers. */
function withLines(text: string, added: readonly string[]): string {
  const others = text.split("\n").filter((line) => line !== "" && !((line.split(":")[0] ?? "") in accounts));
  return [...others, ...added, ""].join("\n");
}
