import { describe, expect, it } from "vitest";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Settings } from "../../../../src/model/settings.ts";
import { changed, homeFacts, words } from "../bench.ts";
import { asked, atItem, progressOf, walk } from "../flow.ts";
import { proxySettings, worldOf } from "../worlds.ts";

describe("proxy", () => {
  const open = (facts: Facts) => {
    const bench = atItem(facts, "setup/proxy");
    bench.press("ENTER", "ENTER");
    return bench;
  };
  const proxied = worldOf("a proxy");

  it("opens with the gateway and 00443; without a user no password is asked for", () => {
    const bench = atItem(homeFacts, "setup/proxy");
    bench.press("ENTER");
    expect(walk(bench)).toEqual([
      "begin/proxy PARAMETERS",
      "proxy/host 10.77.0.1",
      "proxy/port 00443",
      "proxy/user",
      "confirm/proxy PROXY?",
    ]);
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: { ...homeFacts.settings, proxy: { host: "10.77.0.1", port: 443, user: null, passwordRef: null } },
      progress: { what: "change", id: "proxy", text: "ENABLING PROXY SUPPORT" },
    });
  });

  it("opens with WAN's gateway in a split network, and with the router in IPv6-only mode", () => {
    expect(words(open(worldOf("a split network")).frame().lines)).toBe("PROXY HOST 192.0.2.1");
    expect(words(open(worldOf("a static IPv6 address")).frame().lines)).toBe("PROXY HOST 2001:db8:3c4d:15");
  });

  it("sends a new password beside the settings, not in them", () => {
    const bench = open(homeFacts);
    bench.type("\u0015proxy.example\n\u00153128\ncorp\\anna\ns3cret-`;\n\n");
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: {
        ...homeFacts.settings,
        proxy: { host: "proxy.example", port: 3128, user: "corp\\anna", passwordRef: null },
      },
      secrets: { proxyPassword: "s3cret-`;" },
      progress: { what: "change", id: "proxy", text: "ENABLING PROXY SUPPORT" },
    });
  });

  it("shows a stored password as asterisks and keeps it at ENTER", () => {
    const bench = atItem(proxied, "setup/proxy");
    bench.press("ENTER");
    expect(walk(bench)).toEqual([
      "begin/proxy PARAMETERS",
      "proxy/host proxy.example",
      "proxy/port 08080",
      "proxy/user corp\\anna",
      "proxy/password ****************",
      "confirm/proxy PROXY?",
    ]);
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: proxied.settings,
      progress: { what: "change", id: "proxy", text: "ENABLING PROXY SUPPORT" },
    });
  });

  it.each<[string, string, Settings["proxy"], object]>([
    [
      "another password",
      "\n\n\nnew\n\n",
      { ...proxySettings, passwordRef: null },
      { secrets: { proxyPassword: "new" } },
    ],
    ["no password", "\n\n\n\u0015\n\n", { ...proxySettings, passwordRef: null }, {}],
    ["no user", "\n\n\u0015\n\n", { ...proxySettings, user: null, passwordRef: null }, {}],
    ["another user, the password kept", "\n\n\u0015bert\n\n\n", { ...proxySettings, user: "bert" }, {}],
  ])("takes %s", (_, typed, proxy, more) => {
    const bench = open(proxied);
    expect(bench.type(typed).screen).toBe("home");
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: { ...proxied.settings, proxy },
      progress: { what: "change", id: "proxy", text: "ENABLING PROXY SUPPORT" },
      ...more,
    });
  });

  it("keeps a password that was entered through a walk back over the fields", () => {
    const bench = open(homeFacts);
    bench.type("\n\nanna\nsecret");
    expect(bench.type("\u00e9").screen).toBe("proxy/password/refused");
    bench.press("LEFT");
    bench.press("ENTER*3");
    expect(words(bench.frame().lines)).toBe("PROXY PASSW ****************");
    bench.press("ENTER*2");
    expect(asked(bench)).toMatchObject({ secrets: { proxyPassword: "secret" } });
  });

  it.each<[string, Facts, string, string, string]>([
    ["an IPv6 address in IPv4 mode", homeFacts, "\u0015fe80:", "proxy/host/refused", ": is not allowed here"],
    ["a bad address", homeFacts, "\u001510.0.0.300\n", "proxy/host/refused", "Number 4 is more than 255"],
    ["no host", homeFacts, "\u0015\n", "proxy/host/refused", "PROXY HOST is required"],
    ["a port above 65535", homeFacts, "\n65536\n", "proxy/port/refused", "Port is 1 to 65535"],
    ["a space in the password", homeFacts, "\n\nanna\na b\n", "proxy/password/refused", "No space in a password"],
  ])("refuses %s", (_, facts, typed, screen, message) => {
    const bench = open(facts);
    const frame = bench.type(typed);
    expect([frame.screen, words(frame.lines)]).toEqual([screen, message]);
    expect(bench.press("UP").screen).toBe("setup/proxy");
    expect(bench.effects()).toEqual([]);
  });

  it("takes an IPv6 address in IPv6-only mode, in any notation", () => {
    const bench = open(worldOf("IPv6 only"));
    bench.type("\u00152001:0DB8:0:0:0:0:0:9\n\n\n\n");
    expect(changed(bench).proxy).toEqual({ host: "2001:db8::9", port: 443, user: null, passwordRef: null });
  });

  it("is disabled after a question", () => {
    const bench = atItem(proxied, "setup/disable-proxy");
    expect(words(bench.press("ENTER").lines)).toBe("REALLY DISABLE PROXY?");
    bench.press("ENTER");
    expect(changed(bench)).toEqual(homeFacts.settings);
    expect(progressOf(bench)).toBe("DISABLING PROXY SUPPORT");
  });

  it("never holds a stored password, and shows no character of a new one but the one at the cursor", () => {
    const bench = open(homeFacts);
    bench.type("\n\nanna\n");
    for (const character of "canary-9") bench.type(character);
    expect(bench.frame().lines.join()).not.toContain("c");
    expect(JSON.stringify(bench.context().facts)).not.toContain("canary-9");
  });
});
