import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boardDirectory } from "../../hal/boards/find-board.ts";
import { defaultConfig } from "../../src/config/load.ts";
import { defaultConfigFile } from "../../src/control/command-line.ts";
import { helperSocket } from "../../src/helper/client.ts";
import { accounts } from "../../src/helper/ruleset.ts";
import { scanSocket } from "../../src/helper/scan/client.ts";
import { maxItems, scanNamespace } from "../../src/helper/scan/links.ts";
import { sealSocket } from "../../src/helper/seal/client.ts";
import { install, installInto, noInstall, project, run, uninstall } from "./installed.ts";

const units = [
  "bezel.service",
  "bezel-net.service",
  "bezel-net.socket",
  "bezel-scan.service",
  "bezel-scan.socket",
  "bezel-scan-namespace.service",
  "bezel-lock-down.service",
  "bezel-scan-lock-down.service",
  "bezel-seal.service",
  "bezel-seal.socket",
] as const;
const services = [
  "bezel.service",
  "bezel-net.service",
  "bezel-scan.service",
  "bezel-lock-down.service",
  "bezel-scan-lock-down.service",
  "bezel-seal.service",
] as const;

/** The values of a unit's setting, in order. */
function values(unit: string, setting: string): readonly string[] {
  const lines = readFileSync(join(project, "systemd", unit), "utf8").split("\n");
  return lines.filter((line) => line.startsWith(`${setting}=`)).map((line) => line.slice(setting.length + 1));
}

describe.skipIf(noInstall !== null)(
  `units${noInstall === null ? "" : ` (skipped: ${noInstall})`}`,
  { timeout: 60_000 },
  () => {
    let root = "";
    beforeAll(() => {
      root = install();
    }, 60_000);
    afterAll(() => uninstall(root));

    const path = (unit: string) => join(root, "usr/lib/systemd/system", unit);
    const verify = () => run("systemd-analyze", `--root=${root}`, "verify", "--man=no", ...units);
    const exposure = (unit: string) => {
      const { said } = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit);
      const found = /Overall exposure level for \S+: (\d+\.\d)/.exec(said)?.[1];
      if (found === undefined) throw new Error(said);
      return Number(found);
    };

    it("are without complaint for systemd", () => {
      expect(verify()).toEqual({ code: 0, said: "" });
    });

    it.each([
      ["bezel.service", "Restart=always", "Restart=sometimes"],
      ["bezel.service", "WatchdogSec=60", "WatchdogSeconds=60"],
      ["bezel-net.service", "ExecStart=/usr/lib/bezel/node", "ExecStart=/usr/lib/bezel/nodes"],
      ["bezel-net.socket", "SocketMode=0600", "SocketMode=0900"],
      ["bezel-scan.service", "NetworkNamespacePath=/run", "NetworkNamespacePath=run"],
      ["bezel-scan.socket", "SocketMode=0600", "SocketMode=0900"],
      ["bezel-scan-namespace.service", "RestrictNamespaces=net mnt", "RestrictNamespaces=net mount"],
      ["bezel-lock-down.service", "Type=oneshot", "Type=once"],
      ["bezel-seal.service", "DevicePolicy=closed", "DevicePolicy=shut"],
      ["bezel-seal.socket", "SocketMode=0600", "SocketMode=0900"],
    ])("are complained about when %s says %3$s", (unit, right, wrong) => {
      const text = readFileSync(path(unit), "utf8");
      expect(text).toContain(right);
      writeFileSync(path(unit), text.replace(right, wrong));
      expect(verify().said).toContain(unit);
      writeFileSync(path(unit), text);
    });

    it.each(services)("%s exposes at most 2.0 of 10", (unit) => {
      expect(exposure(path(unit))).toBeLessThanOrEqual(2);
    });

    it("expose much without their restrictions", () => {
      const bare = join(root, "bare.service");
      writeFileSync(bare, "[Service]\nExecStart=/bin/true\n");
      expect(exposure(bare)).toBeGreaterThan(9);
    });

    it("come with the program, over an older version or one that was cut short; what is refused leaves it alone", () => {
      const lib = join(root, "usr/lib");
      const shipped = readdirSync(join(lib, "bezel")).sort();
      writeFileSync(join(lib, "bezel/of-the-old-version"), "");
      for (const left of ["bezel.new", "bezel.old"]) mkdirSync(join(lib, left));
      expect(() => installInto(root, "/bin/false")).toThrow("/bin/false");
      expect(readdirSync(join(lib, "bezel"))).toContain("of-the-old-version");
      installInto(root);
      expect(readdirSync(join(lib, "bezel")).sort()).toEqual(shipped);
      expect(readdirSync(lib).filter((name) => name.startsWith("bezel"))).toEqual(["bezel"]);
      // Cut short between the two steps of the switch.
      renameSync(join(lib, "bezel"), join(lib, "bezel.old"));
      installInto(root);
      expect(readdirSync(join(lib, "bezel")).sort()).toEqual(shipped);
    });

    it("are started at boot, and no log-in takes a serial port", () => {
      const state = (unit: string) => run("systemctl", `--root=${root}`, "is-enabled", unit).said.trim();
      expect(units.map(state)).toEqual([
        "enabled",
        "static",
        "enabled",
        "static",
        "enabled",
        "enabled",
        "enabled",
        "enabled",
        "static",
        "enabled",
      ]);
      expect(state("serial-getty@.service")).toBe("masked");
      expect(state("brltty.service")).toBe("masked");
    });
  },
);

describe("the first picture", () => {
  const list = (setting: string) => values("bezel.service", setting).flatMap((names) => names.split(" "));

  it("waits for no daemon: each is wanted, none is in the order of start, where the own disk is", () => {
    expect(list("Wants")).toEqual(expect.arrayContaining(["dbus.service", "NetworkManager.service", "polkit.service"]));
    const quick = /^(bezel-(net|scan|seal)\.socket|modprobe@\w+\.service|var-lib-bezel\.mount)$/;
    expect(["After", "Requires", "Requisite", "BindsTo"].flatMap(list).filter((name) => !quick.test(name))).toEqual([]);
  });
});

describe("the namespace of the scans", () => {
  const unit = "bezel-scan-namespace.service";

  it("outlasts every unit: none takes it away, none takes this one down with it", () => {
    expect(["ExecStop", "ExecStopPost"].flatMap((setting) => values(unit, setting))).toEqual([]);
    expect(values(unit, "RemainAfterExit")).toEqual(["yes"]);
    expect(["PartOf", "BindsTo", "Requires", "Requisite", "Conflicts"].flatMap((it) => values(unit, it))).toEqual([]);
  });

  it("is made where all others see it: with no mounts of the unit's own", () => {
    const sandbox =
      /^(Protect|Private|ReadOnly|ReadWrite|Inaccessible|Temporary|Bind|Root|Mount|Exec(Paths|NoPaths)|DynamicUser)/;
    const text = readFileSync(join(project, "systemd", unit), "utf8").split("\n");
    expect(text.filter((line) => sandbox.test(line))).toEqual([]);
  });

  it("is there before who needs it", () => {
    expect(values(unit, "Before")).toEqual(["bezel-net.service bezel-scan.service bezel-scan-lock-down.service"]);
    expect(values("bezel-scan.service", "Requires").join(" ")).toContain(unit);
    expect(values("bezel-scan.service", "After").join(" ")).toContain(unit);
  });
});

describe("the packet filter", () => {
  it("is loaded before the network comes up, stays, and holds up nothing else", () => {
    const of = (setting: string) => values("bezel-lock-down.service", setting);
    expect(of("Before").join(" ").split(" ")).toContain("network-pre.target");
    expect(of("Wants")).toEqual(["network-pre.target"]);
    expect(of("DefaultDependencies")).toEqual(["no"]);
    expect(of("After").join(" ").split(" ")).toEqual([
      "local-fs.target",
      "systemd-sysusers.service",
      "nftables.service",
    ]);
    expect([of("Type"), of("RemainAfterExit"), of("ExecStop")]).toEqual([["oneshot"], ["yes"], []]);
    expect(of("ExecStart")).toEqual([expect.stringMatching(/ lock-down$/)]);
    // What makes the VLANs of the scans waits for the filter of their namespace, and goes on without.
    expect(values("bezel-scan.service", "Wants")).toEqual(["bezel-scan-lock-down.service"]);
    expect(values("bezel-scan.service", "Requires").join()).not.toContain("lock-down");
    const others = units.filter((name) => !name.includes("lock-down") && name !== "bezel-scan.service");
    for (const unit of others)
      expect(["After", "Requires", "BindsTo"].flatMap((setting) => values(unit, setting)).join()).not.toContain(
        "lock-down",
      );
  });
});

describe("units and program agree", () => {
  const config = defaultConfig();

  it("on the helpers' sockets", () => {
    expect(values("bezel-net.socket", "ListenStream")).toEqual([helperSocket]);
    expect(values("bezel-scan.socket", "ListenStream")).toEqual([scanSocket]);
    expect(values("bezel-seal.socket", "ListenStream")).toEqual([sealSocket]);
  });

  it("on the folders", () => {
    expect(`/run/${values("bezel.service", "RuntimeDirectory")[0]}/control.sock`).toBe(config.control.socket);
    const { directory } = config.state;
    expect(values("bezel.service", "ExecStartPre").join()).toMatch(
      new RegExp(`^-\\+/usr/bin/install .* ${directory}$`),
    );
    expect(values("bezel.service", "ReadWritePaths")).toContain(`-${directory}`);
    // After its file system, and not without it: a setting that requires the mount would leave the panel dark.
    expect(values("bezel.service", "After")).toContain(`${directory.slice(1).replaceAll("/", "-")}.mount`);
    for (const setting of ["StateDirectory", "WorkingDirectory", "RequiresMountsFor", "RootDirectory"])
      expect(values("bezel.service", setting), setting).toEqual([]);
    const made = readFileSync(join(project, "systemd/bezel.tmpfiles.conf"), "utf8");
    expect(made).toContain(`d ${boardDirectory} `);
    expect(made).toContain(`z ${defaultConfigFile} 0640 root bezel `);
  });

  it("on accounts and groups, which all are made", () => {
    const made = readFileSync(join(project, "systemd/bezel.sysusers.conf"), "utf8");
    const used = [
      ...Object.values(accounts),
      ...services.flatMap((unit) =>
        ["User", "Group", "SupplementaryGroups"].flatMap((setting) => values(unit, setting).join(" ").split(" ")),
      ),
    ].filter((name) => name !== "");
    const debian = ["dialout", "root"];
    for (const name of used.filter((it) => !debian.includes(it)))
      expect(made, name).toMatch(new RegExp(`^[ug] ${name} `, "m"));
    for (const socket of ["bezel-net.socket", "bezel-scan.socket", "bezel-seal.socket"]) {
      expect(values(socket, "SocketUser")).toEqual(values("bezel.service", "User"));
      expect(values(socket, "SocketMode")).toEqual(["0600"]);
    }
    expect(values("bezel.service", "User")).toEqual([accounts.management]);
  });

  it("on rights: the controller has none, the helper two, the one of the scans and the lock-down one", () => {
    expect(values("bezel.service", "CapabilityBoundingSet")).toEqual([""]);
    expect(values("bezel.service", "AmbientCapabilities")).toEqual([]);
    for (const setting of ["CapabilityBoundingSet", "AmbientCapabilities"]) {
      expect(values("bezel-net.service", setting)).toEqual(["CAP_NET_ADMIN CAP_NET_RAW"]);
      expect(values("bezel-scan.service", setting)).toEqual(["CAP_NET_ADMIN"]);
    }
    expect(values("bezel-lock-down.service", "CapabilityBoundingSet")).toEqual(["CAP_NET_ADMIN"]);
  });

  it("on the secrets: whoever has one in memory leaves no core file; who seals them has the host key and a TPM alone", () => {
    for (const unit of services.filter((name) => !name.includes("lock-down")))
      expect(values(unit, "LimitCORE"), unit).toEqual(["0"]);
    const of = (setting: string) => values("bezel-seal.service", setting);
    expect(of("ExecStart")[0]).toMatch(/ helper --seal$/);
    expect([of("User"), of("CapabilityBoundingSet"), of("AmbientCapabilities")]).toEqual([
      ["root"],
      ["CAP_DAC_OVERRIDE"],
      [],
    ]);
    expect([of("ReadWritePaths"), of("InaccessiblePaths"), of("PrivateNetwork")]).toEqual([
      ["/var/lib/systemd"],
      ["-/var/lib/bezel"],
      ["yes"],
    ]);
    expect([of("DevicePolicy"), of("DeviceAllow")]).toEqual([["closed"], ["char-tpm rw"]]);
  });

  it("on the namespace of the scans", () => {
    expect(values("bezel-scan.service", "NetworkNamespacePath")).toEqual([`/run/netns/${scanNamespace}`]);
    for (const order of values("bezel-scan-namespace.service", "ExecStart")
      .join(" ")
      .matchAll(/ip (?:-n|netns \w+) (\w+)/g))
      expect(order[1]).toBe(scanNamespace);
    expect(values("bezel-scan.service", "ExecStart")[0]).toMatch(/ helper --inside$/);
    // The helper beside makes links in it by its name, and has a /run of its own.
    expect(values("bezel-net.service", "BindReadOnlyPaths")).toEqual(["-/run/netns"]);
    expect(Number(values("bezel-net.service", "LimitNOFILE")[0])).toBeGreaterThan(maxItems + 50);
  });
});
