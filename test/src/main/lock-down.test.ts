import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import { defaultConfigFile } from "../../../src/control/command-line.ts";
import { rulesetOf, scanRulesetOf, strictest } from "../../../src/helper/ruleset.ts";
import { lockDown } from "../../../src/main/lock-down.ts";

const eth = { lan: "eth0", wan: "eth1", ping: false };
const good = '[network]\nlan = "eth0"\nwan = "eth1"\nping = false\n';

/** How it ends, what it says, and what nft is told; null: nft is not asked. */
async function run(args: readonly string[], nft: Reply | null, config: Readonly<Record<string, string>>) {
  const files = createMemoryFiles();
  for (const [path, text] of Object.entries(config)) files.put(path, text);
  const processes = createScriptedProcesses(nft === null ? [] : [{ expect: ["nft", "-f", "-"], reply: nft }]);
  const words: string[] = [];
  const code = await lockDown(args, { files, processes, stderr: (text) => void words.push(text) });
  processes.done();
  return { code, said: words.join(""), told: processes.runs[0]?.options.inputs?.[0] ?? null };
}

const done = {};

describe("bezel lock-down", () => {
  it("loads what the configuration says", async () => {
    const there = { [defaultConfigFile]: good };
    expect(await run([], done, there)).toEqual({ code: 0, said: "", told: rulesetOf(eth) });
    expect(await run(["--config", "/c"], done, { "/c": good })).toEqual({ code: 0, said: "", told: rulesetOf(eth) });
    const scans = { code: 0, said: "", told: scanRulesetOf(eth) };
    expect(await run(["--namespace", "scan"], done, there)).toEqual(scans);
    expect(await run(["--namespace", "scan", "--config", "/c"], done, { "/c": good })).toEqual(scans);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["is missing", {}, "there is no such file"],
    ["is wrong", { "/c": `${good}colour = 1\n` }, "/c:5: network.colour: unknown"],
    ["names a port that would end the rule", { "/c": "[network]\nlan = 'a\" accept'\n" }, "network.lan"],
  ])("loads the strictest rules where the configuration %s", async (_, config, problem) => {
    const { code, said, told } = await run(["--config", "/c"], done, config);
    expect([code, told]).toEqual([2, rulesetOf(strictest)]);
    expect(said).toContain(problem);
    expect(said).toContain("loads the strictest rules instead, for the ports lan0 and wan0");
    const scans = await run(["--config", "/c", "--namespace", "scan"], done, config);
    expect([scans.code, scans.told]).toEqual([2, scanRulesetOf({ ping: false })]);
  });

  it.each<[string, Reply, string]>([
    ["refuses", { code: 1, stderr: "/dev/stdin:41:16-22: Error: User does not exist\n" }, "User does not exist"],
    ["is missing", { kind: "notFound", program: "nft" }, 'install the package "nftables"'],
    ["hangs", { kind: "timeout", stdout: "", stderr: "" }, "did not end within 30000 ms"],
  ])("says that nothing was loaded when nft %s", async (_, nft, reason) => {
    for (const config of [{ "/c": good }, {}]) {
      const { code, said } = await run(["--config", "/c"], nft, config);
      expect(code).toBe(1);
      expect(said).toContain("bezel lock-down: no rules were loaded: ");
      expect(said).toContain(reason);
    }
  });

  it.each([["--confg"], ["--config"], ["--namespace", "gw"], ["x"], ["--config", "/c", "--namespace"]])(
    "does nothing when it is told %j %j",
    async (...args) => {
      const said = "bezel lock-down: takes --config FILE and --namespace scan, and nothing else\n";
      expect(
        await run(
          args.filter((arg) => arg !== undefined),
          null,
          { "/c": good },
        ),
      ).toEqual({ code: 2, said, told: null });
    },
  );
});
