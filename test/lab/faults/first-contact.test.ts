import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBox } from "../box.ts";
import { openLab } from "../lab.ts";
import { openLabOddProxy } from "../odd-proxy.ts";
import { provokeRows } from "./fault-case.ts";
import { firstContactCases } from "./first-contact-cases.ts";

/** As Debian's curl, but for its own word. */
const withoutNtlm = (curl: string) =>
  `case "$*" in *--version*) ${curl} "$@" | sed 's/ NTLM[A-Z_]*//g' ;; *) exec ${curl} "$@" ;; esac`;

provokeRows(
  "first-contact",
  async () => {
    const lab = await openLab();
    const box = await openBox(lab);
    const state = join(lab.folder, "box", "state");
    await mkdir(state);
    await lab.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", state]);
    const curl = join(lab.folder, "curl");
    await lab.run(["cp", "/usr/bin/curl", curl]);
    await lab.replaceProgram("/usr/bin/curl", withoutNtlm(curl));
    await box.start();
    return { lab, box, state, odd: await openLabOddProxy(lab) };
  },
  firstContactCases,
);
