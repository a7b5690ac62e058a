import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Processes } from "../../../hal/processes.ts";
import type { Config } from "../../../src/config/config.ts";
import { defaultConfig } from "../../../src/config/load.ts";
import { inspect } from "../../../src/main/inspect.ts";

const curlVersion = "curl 7.88.1 (x86_64)\nProtocols: http https\nFeatures: NTLM SSL\n";
const all = ["curl", "nmcli", "ip", "ethtool", "arping", "nft", "dhcpcd"];

function lacks(
  change: Partial<Config>,
  machine: { programs?: readonly string[]; interfaces?: readonly string[] } = {},
) {
  const { programs = all, interfaces = ["lan0", "wan0"] } = machine;
  const files = createMemoryFiles();
  for (const name of ["lo", ...interfaces]) files.put(`/net/${name}/address`, "02:00:00:00:00:01\n");
  const processes: Processes = {
    run: async ([program]) =>
      programs.includes(program)
        ? { kind: "exited", code: 0, stdout: program === "curl" ? curlVersion : "", stderr: "" }
        : { kind: "notFound", program },
  };
  return inspect({ ...defaultConfig(), ...change }, { files, processes, sysClassNet: "/net" });
}

const { network, platform, panel } = defaultConfig();

describe("config check", () => {
  it("finds nothing to say about a machine that has it all", async () => {
    expect(await lacks({})).toEqual([]);
  });

  it.each([
    ["nmcli", "network-manager"],
    ["ip", "iproute2"],
    ["ethtool", "ethtool"],
    ["arping", "iputils-arping"],
    ["nft", "nftables"],
    ["dhcpcd", "dhcpcd-base"],
  ])("names %s, and the package that brings it", async (missing, name) => {
    const programs = all.filter((program) => program !== missing);
    const message = `${missing} is missing; install the package "${name}"`;
    expect(await lacks({}, { programs })).toEqual([{ key: "network.backend", message }]);
    expect(await lacks({ network: { ...network, backend: "simulated" } }, { programs })).toEqual([]);
  });

  it("names curl for every network", async () => {
    const missing = [{ key: "platform.url", message: expect.stringContaining("curl") }];
    const programs = all.filter((program) => program !== "curl");
    expect(await lacks({}, { programs })).toEqual(missing);
    expect(await lacks({ network: { ...network, backend: "simulated" } }, { programs })).toEqual(missing);
  });

  it("names interfaces that do not exist, and those that do", async () => {
    expect(await lacks({}, { interfaces: ["eth0", "wan0"] })).toEqual([
      { key: "network.lan", message: "there is no interface lan0; this machine has eth0, wan0" },
    ]);
    expect(await lacks({}, { interfaces: [] })).toEqual([
      { key: "network.lan", message: "there is no interface lan0; this machine has none" },
      { key: "network.wan", message: "there is no interface wan0; this machine has none" },
    ]);
  });

  it("names a board and a file of authorities that are not there", async () => {
    const change = { panel: { ...panel, board: "nonesuch" }, platform: { ...platform, caFile: "/etc/ca.pem" } };
    expect(await lacks(change)).toEqual([
      { key: "panel.board", message: expect.stringContaining("nonesuch") },
      { key: "platform.ca_file", message: expect.stringContaining("/etc/ca.pem") },
    ]);
  });
});
