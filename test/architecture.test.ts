import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Imports run downhill. Each room is listed with the rooms it may import; everything else is a wall, with its reason.
 * The rule holds for types as well: a type from uphill is knowledge from uphill.
 */
const root = resolve(import.meta.dirname, "..");

interface Room {
  readonly path: string;
  readonly mayImport: readonly string[];
  readonly why: string;
}

const model = ["src/model", "hal"];
const services = ["src/settings", "src/config", "src/https", "src/helper"];

const rooms: readonly Room[] = [
  { path: "hal", mayImport: [], why: "the ports of the machine stand for themselves and know no implementation" },
  { path: "hal/chips", mayImport: ["hal"], why: "chip logic runs over a bus port, without an operating system" },
  { path: "hal/boards", mayImport: ["hal", "hal/chips"], why: "a board is data about chips" },
  { path: "hal/linux", mayImport: ["hal", "hal/chips", "hal/boards"], why: "the mind is not the machine's business" },
  {
    path: "hal/mock",
    mayImport: ["hal", "hal/chips"],
    why: "the modelled machine obeys the same ports as the real one",
  },
  { path: "src/model", mayImport: ["hal"], why: "the shared words know no room that uses them" },
  { path: "src/config", mayImport: model, why: "the configuration is read before any room exists" },
  { path: "src/settings", mayImport: model, why: "settings are stored the same way whoever changes them" },
  { path: "src/https", mayImport: model, why: "the way out does not know what is sent" },
  {
    path: "src/helper",
    mayImport: [...model, "src/config"],
    why: "what runs with rights knows nothing of those who ask for it",
  },
  { path: "src/panel", mayImport: [...model, "src/config"], why: "screens are pure: facts in, frames and effects out" },
  { path: "src/surfaces", mayImport: [...model, "src/config"], why: "a surface draws frames and knows no screen" },
  {
    path: "src/network",
    mayImport: [...model, ...services],
    why: "the network engine knows neither panel nor platform",
  },
  {
    path: "src/connectivity",
    mayImport: [...model, ...services],
    why: "the diagnosis judges facts, whoever gathered them",
  },
  { path: "src/uplink", mayImport: [...model, ...services], why: "the uplink meets the other rooms in the facts" },
  { path: "src/jobs", mayImport: [...model, ...services], why: "jobs meet the other rooms in the facts" },
  {
    path: "src/support",
    mayImport: model,
    why: "the bundle is given what the other rooms tell, and knows no place where a secret lies",
  },
  {
    path: "src/control",
    mayImport: [...model, ...services],
    why: "the local API sees the appliance through its own port",
  },
  {
    path: "src/appliance",
    mayImport: [
      ...model,
      ...services,
      "src/panel",
      "src/surfaces",
      "src/network",
      "src/connectivity",
      "src/uplink",
      "src/jobs",
      "src/control",
    ],
    why: "the appliance wires the rooms and is given the machine",
  },
  {
    path: "src/check",
    mayImport: [...model, "src/config", "src/https", "src/connectivity"],
    why: "the check runs on any machine: it knows the product's words, and nothing of a box",
  },
  {
    path: "platform",
    mayImport: ["src/uplink"],
    why: "the platform is a product of its own and shares only the protocol",
  },
];

/** Packages that only one place may import, so that they can be replaced there. */
const keptPackages: Readonly<Record<string, { readonly only: RegExp; readonly why: string }>> = {
  "i2c-bus": { only: /^hal\/linux\/i2c-bus\.ts$/, why: "native, optional, blocks in places" },
  onoff: { only: /^hal\/linux\/gpio\.ts$/, why: "native, optional, its constructor busy-waits" },
  serialport: { only: /^hal\/linux\/serial.*\.ts$/, why: "native, optional" },
  systeminformation: { only: /^src\/uplink\/health-process\.ts$/, why: "several of its calls block for 30-150 ms" },
  "node:child_process": {
    only: /^(hal\/linux\/processes\.ts|test\/.*|bench\/.*)$/,
    why: "argument lists, bounds and clean-up in one place",
  },
  "node:dns": {
    only: /^(hal\/linux\/(resolver|system-names)\.ts|test\/.*)$/,
    why: "names are asked of the management port's servers only; a check asks the machine that it runs on too",
  },
  "node:dns/promises": {
    only: /^(hal\/linux\/(resolver|system-names)\.ts|test\/.*)$/,
    why: "names are asked of the management port's servers only; a check asks the machine that it runs on too",
  },
};

/** Words that raw time is read or waited with. Only the clocks may. */
const rawTime = /\b(setTimeout\(|setInterval\(|Date\.now\(|performance\.now\(|process\.hrtime|new Date\(\))/;
const clocks =
  /^(hal\/linux\/clock\.ts|hal\/mock\/fake-clock\.ts|hal\/mock\/bench-clock\.ts|sim\/page\/.*|test\/.*|bench\/.*)$/;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** The room that a file lies in: the longest listed path above it. */
function roomOf(file: string): Room | undefined {
  return rooms.filter(({ path }) => file.startsWith(`${path}/`)).sort((a, b) => b.path.length - a.path.length)[0];
}

/** The program itself, and the parts of it that wait until their command is given. */
const isMain = (file: string) => file === "src/main.ts" || file.startsWith("src/main/");

const all = ["hal", "src", "platform", "sim", "test", "bench"].flatMap(sources);

describe("architecture", () => {
  it.each(rooms)("$path imports only what lies below it: $why", ({ path, mayImport, why }) => {
    const files = all.filter((file) => roomOf(file)?.path === path);
    expect(files, `${path} holds no source any more: remove or mend the rule`).not.toEqual([]);
    const uphill = files.flatMap((file) =>
      imports(file)
        .filter((name) => name.startsWith("."))
        .map((name) => relative(root, resolve(root, dirname(file), name)))
        .filter((target) => {
          const room = dirname(target) === "hal" ? "hal" : (roomOf(target)?.path ?? target);
          return room !== path && !mayImport.includes(room);
        })
        .map((target) => `${file} imports ${target}: ${why}`),
    );
    expect(uphill).toEqual([]);
  });

  it("platform shares the protocol with the uplink and nothing else", () => {
    const shared = all
      .filter((file) => file.startsWith("platform/"))
      .flatMap((file) => imports(file).map((name) => ({ file, name })))
      .filter(({ name }) => name.includes("src/") && !/src\/uplink\/protocol[\w-]*\.ts$/.test(name));
    expect(shared).toEqual([]);
  });

  it.each(Object.entries(keptPackages))("%s is imported in one place", (name, { only, why }) => {
    const strays = all
      .filter((file) => imports(file).includes(name) && !only.test(file))
      .map((file) => `${file}: ${why}`);
    expect(strays).toEqual([]);
  });

  it("implementations of the machine are chosen in main and on the bench only", () => {
    const strays = all.filter(
      (file) =>
        file.startsWith("src/") &&
        !isMain(file) &&
        imports(file).some((name) => /hal\/(linux|mock|chips|boards)\//.test(name)),
    );
    expect(strays).toEqual([]);
  });

  it("nothing imports main, and nothing but main imports the bench", () => {
    const strays = all
      .filter((file) => !/^(test|bench|sim)\//.test(file))
      .flatMap((file) =>
        imports(file).map((name) => ({ file, target: relative(root, resolve(root, dirname(file), name)) })),
      )
      .filter(
        ({ file, target }) =>
          target === "src/main.ts" || (!isMain(file) && (isMain(target) || target.startsWith("sim/"))),
      );
    expect(strays).toEqual([]);
  });

  it("time comes from the clock port", () => {
    const strays = all.filter((file) => !clocks.test(file) && rawTime.test(readFileSync(join(root, file), "utf8")));
    expect(strays).toEqual([]);
  });

  it("no test patches a module", () => {
    const patched = all.filter(
      (file) => file !== "test/architecture.test.ts" && /\bvi\.mock\(/.test(readFileSync(join(root, file), "utf8")),
    );
    expect(patched).toEqual([]);
  });
});
