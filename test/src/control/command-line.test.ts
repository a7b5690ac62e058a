import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../src/control/command-line.ts";
import { helpText } from "../../../src/control/commands/help.ts";
import { commandNames } from "../../../src/control/commands/table.ts";

const config = "/etc/bezel/bezel.toml";
const place = { url: null, config };

describe("parseCommandLine", () => {
  it.each([
    ["run", { name: "run", config }],
    ["run --config /tmp/b.toml", { name: "run", config: "/tmp/b.toml" }],
    ["--config=/tmp/b.toml run", { name: "run", config: "/tmp/b.toml" }],
    ["sim", { name: "sim", port: 8080, state: null, activated: false, headless: false, config: null }],
    [
      "sim --port 0 --state /tmp/box --activated --headless --config /tmp/b.toml",
      { name: "sim", port: 0, state: "/tmp/box", activated: true, headless: true, config: "/tmp/b.toml" },
    ],
    ["status", { name: "status", json: false, place }],
    [
      "status --json --url http://127.0.0.1:8080/",
      { name: "status", json: true, place: { url: "http://127.0.0.1:8080/", config } },
    ],
    ["screen", { name: "screen", json: false, place }],
    ["press enter LEFT+RIGHT up*12", { name: "press", keys: ["ENTER", "LEFT+RIGHT", "UP*12"], place }],
    ["type 10.77.0.20", { name: "type", text: "10.77.0.20", place }],
    ["type -- --json", { name: "type", text: "--json", place }],
    ["order order.json", { name: "order", file: "order.json", json: false, place }],
    ["order - --json", { name: "order", file: "-", json: true, place }],
    ["check", { name: "check", json: false, preset: null, hosts: [], proxy: null, config: null }],
    [
      "check --json --host a --host b:8443 --preset x --proxy http://corp\\bob@p:1 --config c",
      { name: "check", json: true, preset: "x", hosts: ["a", "b:8443"], proxy: "http://corp\\bob@p:1", config: "c" },
    ],
    ["config check", { name: "config", action: "check", config }],
    ["config plan --config x", { name: "config", action: "plan", config: "x" }],
    ["support", { name: "support", output: null, place }],
    ["support --output -", { name: "support", output: "-", place }],
    [
      "support --output box.tar.gz --url http://127.0.0.1:8080",
      { name: "support", output: "box.tar.gz", place: { url: "http://127.0.0.1:8080", config } },
    ],
    ["--help", { name: "help", topic: null }],
    ["-h", { name: "help", topic: null }],
    ["help", { name: "help", topic: null }],
    ["help press", { name: "help", topic: "press" }],
    ["press --help", { name: "help", topic: "press" }],
    ["--version", { name: "version" }],
  ])("%s", (line, command) => {
    expect(parseCommandLine(line.split(" "))).toEqual({ ok: true, value: command });
  });

  it.each([
    ["a\\nb", "a\nb"],
    ["ab\\b", "ab\b"],
    ["corp\\\\bob", "corp\\bob"],
    ["corp\\dora", "corp\\dora"],
    ["\\\\n", "\\n"],
    ["end\\", "end\\"],
  ])("type %j sends %j", (argument, text) => {
    expect(parseCommandLine(["type", argument])).toMatchObject({ ok: true, value: { text } });
  });

  it.each([
    ["", /which command/],
    ["reboot", /no command reboot/],
    ["constructor", /no command constructor/],
    ["help reboot", /no command reboot/],
    ["status --frob", /--frob/],
    ["status --json=yes", /json/],
    ["status now", /too many arguments, from now/],
    ["run --json", /run has no option --json/],
    ["press", /KEY is missing/],
    ["press ESC", /no key "ESC"/],
    ["press --json UP", /press has no option --json/],
    ["press UP*10000", /10000 key presses/],
    ["type", /TEXT is missing/],
    ["type a b", /too many arguments, from b/],
    ["type ü", /no character/],
    ["order", /FILE is missing/],
    ["order a b", /too many arguments, from b/],
    ["check a", /too many arguments, from a/],
    ["check --host", /host/],
    ["check --url http://x", /check has no option --url/],
    ["status --host a", /status has no option --host/],
    ["config", /check, schema, show or plan is missing/],
    ["config frob", /frob is none of check, schema, show, plan/],
    ["config check --url http://127.0.0.1", /config has no option --url/],
    ["support --output=", /--output takes the name of a file/],
    ["support now", /too many arguments, from now/],
    ["status --output x", /status has no option --output/],
    ["sim --port", /port/],
    ["sim --port x", /--port takes a number/],
    ["sim --port 65536", /--port takes a number/],
    ["status --url 127.0.0.1:8080", /--url takes an address/],
    ["status --url https://127.0.0.1", /--url takes an address/],
  ])("refuses %j", (line, message) => {
    const parsed = parseCommandLine(line === "" ? [] : line.split(" "));
    expect(parsed).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  });
});

describe("help", () => {
  it("names every command and every exit code", () => {
    const text = helpText(null);
    for (const name of commandNames) expect(text).toContain(`bezel ${name}`);
    for (const code of ["0", "1", "2", "3", "4"]) expect(text).toMatch(new RegExp(`^  ${code}  `, "m"));
  });

  it.each([null, ...commandNames])("of %s fits a terminal", (topic) => {
    expect(helpText(topic)).toMatch(/\n$/);
    expect(
      helpText(topic)
        .split("\n")
        .filter((line) => line.length > 120),
    ).toEqual([]);
  });

  it("is understood by its own parser: every usage line names options that the command takes", () => {
    for (const name of commandNames) {
      for (const [option] of helpText(name).matchAll(/--[a-z]+/g)) {
        const value = ["--url", "--config", "--state"].includes(option) ? "http://x" : "1";
        const valued = ["--url", "--config", "--state", "--port", "--preset", "--host", "--proxy", "--output"].includes(
          option,
        );
        const operand = { press: ["UP"], type: ["x"], order: ["x"], config: ["check"] }[name as string] ?? [];
        expect(parseCommandLine([name, ...operand, valued ? `${option}=${value}` : option])).toMatchObject({
          ok: true,
        });
      }
    }
  });
});
