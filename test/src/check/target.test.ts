import { describe, expect, it } from "vitest";
import { presetNames, presets } from "../../../src/check/presets.ts";
import { nameTarget, parseHost, targetsOf, type Wishes } from "../../../src/check/target.ts";

describe("a host on the command line", () => {
  it.each([
    ["platform.example", "platform.example:443"],
    ["Platform.Example:8443", "platform.example:8443"],
    ["10.77.0.1", "10.77.0.1:443"],
    ["10.77.0.1:65535", "10.77.0.1:65535"],
    ["[2001:db8::1]", "[2001:db8::1]:443"],
    ["[::1]:8443", "[::1]:8443"],
    ["bare", "bare:443"],
    ["a_b.example", "a_b.example:443"],
  ])("%s is %s", (text, name) => {
    const parsed = parseHost(text);
    expect(parsed.ok && nameTarget(parsed.value)).toBe(name);
  });

  it.each([
    ["2001:db8::1", /stands in brackets: \[2001:db8::1\]/],
    ["https://platform.example", /without http/],
    ["platform.example/path", /neither a name nor an address/],
    ["platform.example:", /neither host nor host:port/],
    ["platform.example:0", /1 to 65535/],
    ["platform.example:65536", /1 to 65535/],
    ["10.77.0.256", /neither a name nor an address/],
    ["10.77.0", /neither a name nor an address/],
    ["[10.77.0.1]", /only an IPv6 address/],
    ["[fe80::1%eth0]", /without a zone/],
    ["", /neither host/],
    ["-a.example", /neither a name/],
    ["a..example", /neither a name/],
    ["a".repeat(254), /neither a name/],
    ["a b", /neither a name/],
    ['a"b', /neither a name/],
  ])("%j is refused", (text, message) => {
    expect(parseHost(text)).toMatchObject({ ok: false, error: expect.stringMatching(message) });
  });
});

describe("what is checked", () => {
  const nothing: Wishes = { platform: null, authority: null, preset: null, hosts: [] };
  const authority = { file: "/etc/ca.pem", pems: [] };
  const names = (wishes: Partial<Wishes>) => {
    const targets = targetsOf({ ...nothing, ...wishes });
    return targets.ok ? targets.value.map(nameTarget) : targets.error;
  };

  it("is the platform, then its hosts, then those of the command line, each once", () => {
    const platform = { url: "https://platform.example/eu", hosts: ["files.example", "platform.example:443"] };
    expect(names({ platform, hosts: ["[::1]:8443", "FILES.example"] })).toEqual([
      "platform.example:443",
      "files.example:443",
      "[::1]:8443",
    ]);
  });

  it("says what to give where there is nothing", () => {
    expect(names({})).toMatch(/--host HOST, --preset qualys-qg3, or a configuration/);
  });

  it("trusts the configured authorities, but not for the hosts of a preset", () => {
    const preset = { hosts: ["a.example"], addresses: ["192.0.2.1"], advice: [] };
    const targets = targetsOf({ platform: null, authority, preset, hosts: ["b.example", "a.example"] });
    expect(targets).toEqual({
      ok: true,
      value: [
        { host: "a.example", port: 443, authority: null, addresses: ["192.0.2.1"], publicAuthority: true },
        { host: "b.example", port: 443, authority, addresses: [], publicAuthority: false },
      ],
    });
  });

  it.each(presetNames)("%s names hosts that can be checked", (name) => {
    expect(names({ preset: presets[name] })).toEqual(presets[name].hosts.map((host) => `${host}:443`));
  });
});
