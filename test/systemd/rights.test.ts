import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasTool } from "../support/tools.ts";
import { install, noInstall, project, run, uninstall } from "./installed.ts";

const policies = "/usr/share/polkit-1/actions";
const network = "org.freedesktop.NetworkManager";
const login = "org.freedesktop.login1";

/** What nmcli and systemctl ask polkit for when the controller calls them. */
const needed = [
  `${network}.network-control`,
  `${network}.settings.modify.system`,
  `${login}.power-off`,
  `${login}.power-off-multiple-sessions`,
  `${login}.reboot`,
  `${login}.reboot-multiple-sessions`,
];

describe("polkit rule", () => {
  const source = readFileSync(join(project, "systemd/bezel.polkit.rules"), "utf8");
  type Rule = (action: { id: string }, subject: { user: string }) => string;
  const rules: Rule[] = [];
  const polkit = {
    addRule: (rule: Rule) => rules.push(rule),
    Result: { YES: "yes", NO: "no", NOT_HANDLED: "not handled" },
  };
  runInContext(source, createContext({ polkit }));
  const answer = (id: string, user: string) => rules.map((rule) => rule({ id }, { user }));

  it.each(needed)("lets bezel do %s, and nobody else", (id) => {
    expect(answer(id, "bezel")).toEqual(["yes"]);
    for (const user of ["bezel-net", "bezel-scan", "root", "nobody", "", "bezel "])
      expect(answer(id, user)).toEqual(["not handled"]);
  });

  it.each([
    "",
    `${network}.settings.modify.system.x`,
    `x.${network}.network-control`,
    `${login}.halt`,
    "constructor",
    "org.freedesktop.systemd1.manage-units",
  ])("leaves %j to others", (id) => {
    expect(answer(id, "bezel")).toEqual(["not handled"]);
  });

  it("is ES5, which is what polkitd runs", async () => {
    await expect(transform(source, { target: "es5" })).resolves.toBeDefined();
    await expect(transform("const f = () => 1;", { target: "es5", logLevel: "silent" })).rejects.toThrow();
  });

  const known = [`${network}.policy`, `${login}.policy`].every((file) => existsSync(join(policies, file)));
  it.skipIf(!known)(
    "allows these of all actions of this machine (skipped where network-manager or polkitd is missing)",
    () => {
      const actions = readdirSync(policies)
        .map((file) => readFileSync(join(policies, file), "utf8"))
        .flatMap((text) => [...text.matchAll(/<action id="([^"]+)"/g)].map(([, id = ""]) => id));
      expect(actions.filter((id) => answer(id, "bezel").includes("yes")).sort()).toEqual(needed);
    },
  );
});

const notRoot = process.getuid?.() === 0 ? null : "not root";
const missing = noInstall ?? notRoot;

describe.skipIf(missing !== null)(
  `accounts and folders${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 60_000 },
  () => {
    let root = "";
    beforeAll(() => {
      root = install();
      mkdirSync(join(root, "etc/bezel"), { recursive: true });
      writeFileSync(join(root, "etc/bezel/bezel.toml"), '[panel]\npin = "1234"\n', { mode: 0o644 });
    }, 60_000);
    afterAll(() => uninstall(root));

    const table = (file: string) =>
      new Map(
        readFileSync(join(root, "etc", file), "utf8")
          .split("\n")
          .map((line) => line.split(":"))
          .map(([name = "", ...fields]) => [name, fields]),
      );

    it("are made: users that cannot log in, a configuration that only the controller's group reads", () => {
      expect(run("systemd-sysusers", `--root=${root}`, "bezel.conf").code).toBe(0);
      expect(run("systemd-tmpfiles", `--root=${root}`, "--create", "bezel.conf")).toEqual({ code: 0, said: "" });

      const users = table("passwd");
      for (const user of ["bezel", "bezel-net", "bezel-scan"]) {
        expect(users.get(user)?.at(-1)).toBe("/usr/sbin/nologin");
        expect(table("shadow").get(user)?.[0]).toMatch(/^!/);
      }
      const { mode, uid, gid } = statSync(join(root, "etc/bezel/bezel.toml"));
      expect([(mode & 0o777).toString(8), uid]).toEqual(["640", 0]);
      expect(`${gid}`).toBe(table("group").get("bezel")?.[1]);
      expect(statSync(join(root, "etc/bezel/boards")).mode & 0o777).toBe(0o755);
    });
  },
);

const noManager = noInstall ?? (hasTool("NetworkManager") ? null : "no NetworkManager");

describe.skipIf(noManager !== null)(
  `NetworkManager${noManager === null ? "" : ` (skipped: ${noManager})`}`,
  { timeout: 60_000 },
  () => {
    it("reads our file after Debian's own, and takes nothing into its own hands", () => {
      const root = install();
      const main = join(root, "etc/NetworkManager/NetworkManager.conf");
      writeFileSync(main, "[main]\nplugins=ifupdown,keyfile\n\n[ifupdown]\nmanaged=false\n");
      const { said } = run(
        "NetworkManager",
        "--print-config",
        `--config=${main}`,
        `--config-dir=${join(root, "etc/NetworkManager/conf.d")}`,
        `--system-config-dir=${join(root, "usr/lib/NetworkManager/conf.d")}`,
      );
      uninstall(root);
      const lines = said.split("\n");
      for (const line of ["plugins=keyfile", "no-auto-default=*", "hostname-mode=none", "enabled=false"]) {
        expect(lines).toContain(line);
      }
    });
  },
);

const canUnshare = notRoot === null && spawnSync("unshare", ["--mount", "true"]).status === 0;
const noUdev = !hasTool("udevadm") ? "no udev" : canUnshare ? null : "no mount namespace of our own";

describe.skipIf(noUdev !== null)(
  `udev rules${noUdev === null ? "" : ` (skipped: ${noUdev})`}`,
  { timeout: 60_000 },
  () => {
    /** What udev says to our rules, in a /run of their own, when a terminal appears. */
    const said = (rules: string) => {
      const script =
        'mount -t tmpfs none /run && mkdir -p /run/udev/rules.d && cat >/run/udev/rules.d/70-bezel.rules && exec udevadm test -a add "$0" 2>&1';
      return execFileSync("unshare", ["--mount", "sh", "-c", script, "/sys/class/tty/ptmx"], {
        encoding: "utf8",
        input: rules,
      });
    };
    const rules = readFileSync(join(project, "systemd/bezel.udev.rules"), "utf8");
    const complaints = (text: string) =>
      text.split("\n").filter((line) => line.includes("70-bezel.rules:") && !line.includes("Unknown group"));

    it("are understood, and keep ModemManager off the consoles", () => {
      const text = said(rules);
      expect(complaints(text)).toEqual([]);
      expect(text).toContain("ID_MM_PORT_IGNORE=1");
    });

    it("are complained about when they are wrong", () => {
      expect(complaints(said(rules.replace("GROUP=", "GRUPPE=")))).not.toEqual([]);
    });
  },
);
