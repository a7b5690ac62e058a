import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { limits } from "../../../src/support/gather.ts";
import { supportItems } from "../../../src/support/items.ts";

const stateDirectory = "/var/lib/bezel";
const items = supportItems({
  ports: { lan: "lan0", wan: "wan0" },
  profiles: ["6e7f3f0c-58a1-4d3e-9a53-1b1a6c0e4d01"],
  scanNamespace: "scan",
  stateDirectory,
  bezel: ["/usr/lib/bezel/node", "/usr/lib/bezel/bezel.cjs"],
});
const programs = items.flatMap(({ from }) => ("programs" in from ? from.programs : []));

describe("the items of a support bundle", () => {
  it("have names of their own, which any tar can unpack and none above its folder", () => {
    const names = items.map(({ file }) => file);
    expect(new Set(names).size).toBe(names.length);
    // ustar: 100 bytes with the bundle's folder, which has at most 63, and `.missing`.
    expect(names.filter((name) => !/^([a-z]+\/)?[a-z0-9.-]{1,24}$/.test(name) || name.includes(".."))).toEqual([]);
  });

  it("tell of each service that is installed", () => {
    const folder = resolve(import.meta.dirname, "../../../systemd");
    const services = readdirSync(folder).filter((name) => name.endsWith(".service"));
    for (const program of ["journalctl", "systemctl"]) {
      const told = programs
        .filter(([name]) => name === program)
        .map((argv) => argv.join(" ").replaceAll("--unit=", ""));
      const lacking = services.filter(
        (name) => !told.some((line) => `${line} `.includes(` ${name.replace(".service", "")} `)),
      );
      expect([program, lacking]).toEqual([program, []]);
    }
  });

  it("are bounded in size, all together as well", () => {
    expect(items.reduce((sum, { maxBytes }) => sum + maxBytes, 0)).toBeLessThanOrEqual(96 * 2 ** 20);
  });

  it("are gathered within a minute, whatever hangs", () => {
    expect(limits.wholeMs + limits.itemMs).toBeLessThanOrEqual(60_000);
  });

  it("read no file but those that everybody may read, and ask for no secret", () => {
    const files = programs.filter(([program]) => program === "cat").flatMap(([, ...names]) => names);
    expect(files).toEqual(["/etc/os-release", "/etc/resolv.conf"]);
    const naming = programs.filter((argv) => argv.some((arg) => arg.includes(stateDirectory)));
    expect(naming.map((argv) => argv.slice(0, -1).join(" "))).toEqual([
      "/usr/lib/bezel/node /usr/lib/bezel/bezel.cjs health",
      "ls -l --all --recursive --full-time",
    ]);
    expect(programs.flat().filter((arg) => /secret|^-s$/.test(arg))).toEqual([]);
  });

  it("are the same for the machine and for the namespace of the scans", () => {
    const of = (folder: string) => items.filter(({ file }) => file.startsWith(`${folder}/`));
    const inScan = of("scan");
    expect(inScan.map(({ file }) => file.replace("scan", "network"))).toEqual(
      of("network")
        .map(({ file }) => file)
        .filter((file) => !/networkmanager|ethtool|resolv/.test(file)),
    );
    for (const { file, from } of inScan) expect(JSON.stringify(from), file).toContain('"scan"');
  });

  it("stand in the document, each of them", () => {
    const document = readFileSync(resolve(import.meta.dirname, "../../../docs/support.md"), "utf8");
    expect(
      items.map(({ file }) => file.replace(/^scan\//, "")).filter((file) => !document.includes(`\`${file}\``)),
    ).toEqual([]);
  });
});
