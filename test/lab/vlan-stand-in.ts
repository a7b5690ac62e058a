import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab.ts";

/**
 * The kernel that tests run on may be without 802.1Q: from here on ip(8) makes macvlan links where it is told to make VLANs, by
 * the names that it was told. What the controller knows of its VLANs it knows by these names.
 */
export async function standInForVlans(lab: Lab): Promise<void> {
  const real = join(lab.folder, "ip-itself");
  await copyFile("/usr/bin/ip", real);
  const edits = join(lab.folder, "ip-edits");
  await writeFile(edits, "s/ type vlan id [0-9]+ loose_binding on$/ type macvlan mode private/\n", { mode: 0o644 });
  await lab.replaceProgram(
    "/usr/bin/ip",
    `case " $* " in
  *" -batch "*) sed -E -f ${edits} | ${real} "$@";;
  *) exec ${real} "$@";;
esac`,
  );
}
