import { describe, expect, it } from "vitest";
import { linkModes } from "../../../hal/ethernet.ts";
import type { Effect } from "../../../src/model/effect.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { changed, homeFacts, type PanelBench, panelBench, screens, staticIpv4, withLan, words } from "./bench.ts";
import { proxySettings, wanIpv4, worldOf } from "./worlds.ts";

/** Opens SETUP NETWORK and goes down to an item. */
function atItem(facts: Facts, item: string): PanelBench {
  const bench = panelBench(facts);
  bench.press("ENTER*2");
  for (let downs = 0; bench.frame().screen !== item; downs += 1) {
    if (downs > 20) throw new Error(`no item ${item}`);
    bench.press("DOWN");
  }
  return bench;
}

const asked = (bench: PanelBench): Effect | undefined => bench.effects()[0];
const progressOf = (effect: Effect | undefined) =>
  effect !== undefined && "progress" in effect && effect.progress.what === "change" ? effect.progress.text : null;
/** `screen second row`, and ENTER, until a status screen is there. */
function walk(bench: PanelBench): readonly string[] {
  const seen: string[] = [];
  for (let frame = bench.frame(); frame.screen !== "home" && seen.length < 20; frame = bench.press("ENTER")) {
    seen.push(`${frame.screen} ${frame.lines[1]?.trim()}`.trim());
  }
  return seen;
}

describe("VLAN on LAN", () => {
  it.each<[string, Facts, string, number]>([
    ["enabled", homeFacts, "0020", 20],
    ["the last one", homeFacts, "4094", 4094],
    ["changed", worldOf("a VLAN on a lease"), "0007", 7],
    ["disabled", worldOf("a VLAN on a static address"), "0000", 0],
  ])("is %s by ENTER, without a question", (_, facts, typed, vlan) => {
    const bench = atItem(facts, "setup/vlan");
    bench.press("ENTER");
    expect(bench.frame()).toMatchObject({ screen: "vlan/id", cursor: { row: 1, col: 0 } });
    expect(bench.type(`${typed}\n`).screen).toBe("home");
    expect(changed(bench)).toEqual({ ...facts.settings, lan: { ...facts.settings.lan, vlan } });
    expect(progressOf(asked(bench))).toBe("SETTING VLAN ON LAN");
  });

  it("opens with 0000, or the one that is set, and refuses more than 4094", () => {
    expect(words(atItem(homeFacts, "setup/vlan").press("ENTER").lines)).toBe("VLAN 0-4094 0000");
    const bench = atItem(worldOf("a VLAN on a lease"), "setup/vlan");
    expect(words(bench.press("ENTER").lines)).toBe("VLAN 0-4094 0020");
    expect(words(bench.type("4095\n").lines)).toBe("VLAN is 0 to 4094");
    expect(bench.press("UP").screen).toBe("setup/vlan");
    expect(bench.effects()).toEqual([]);
  });

  it("is set with the arrows", () => {
    const bench = atItem(homeFacts, "setup/vlan");
    bench.press("ENTER", "RIGHT*2", "UP*2", "RIGHT", "DOWN", "ENTER");
    expect(changed(bench).lan.vlan).toBe(29);
  });
});

describe("static IP on WAN", () => {
  const open = (facts: Facts) => {
    const bench = atItem(facts, "setup/wan");
    bench.press("ENTER", "DOWN", "ENTER");
    return bench;
  };

  it("asks for what management needs, and not for WINS and domain", () => {
    const bench = open(worldOf("a static WAN"));
    expect(walk(bench)).toEqual([
      "begin/static-wan NETWORK PARAMS?",
      "wan-static/address 192.000.002.020",
      "wan-static/netmask 255.255.255.128",
      "wan-static/gateway 192.000.002.001",
      "wan-static/dns1 192.000.002.053",
      "wan-static/dns2 000.000.000.000",
      "confirm/static-wan STATIC NETWORK?",
    ]);
    expect(changed(bench)).toEqual(worldOf("a static WAN").settings);
    expect(progressOf(asked(bench))).toBe("ENABLING STATIC IP ON WAN");
  });

  it("opens with what WAN's lease brought", () => {
    const bench = open(worldOf("a split network"));
    bench.press("ENTER*7");
    expect(changed(bench).wan).toEqual({
      link: "auto",
      ipv4: { ...wanIpv4, address: "192.0.2.77", prefixLength: 24 },
    });
  });

  it("turns WAN on, LAN as it was", () => {
    const bench = open(withLan(staticIpv4));
    bench.press("ENTER");
    bench.type("192.0.2.20\n");
    bench.press("UP");
    bench.type("\n192.0.2.1\n192.0.2.53\n\n\n");
    expect(changed(bench)).toEqual({ ...withLan(staticIpv4).settings, wan: { link: "auto", ipv4: wanIpv4 } });
  });
});

describe("WAN by DHCP, and off", () => {
  const inMenu = (facts: Facts, ...keys: readonly string[]) => {
    const bench = atItem(facts, "setup/wan");
    bench.press("ENTER", ...keys);
    return bench;
  };

  it("is enabled after a question, and two UP end in SETUP NETWORK", () => {
    const bench = inMenu(homeFacts, "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY ENABLE DHCP ON WAN?");
    expect(screens(bench, "UP UP")).toEqual(["wan/dhcp", "setup/wan"]);
    bench.press("ENTER*3");
    expect(changed(bench)).toEqual({ ...homeFacts.settings, wan: { link: "auto", ipv4: { method: "dhcp" } } });
    expect(progressOf(asked(bench))).toBe("ENABLING DHCP ON WAN");
  });

  it("keeps the link of a WAN that changes from a static address", () => {
    const bench = inMenu(worldOf("a static WAN"), "ENTER", "ENTER");
    expect(changed(bench).wan).toEqual({ link: "100/full", ipv4: { method: "dhcp" } });
  });

  it("is renewed without a question", () => {
    const bench = inMenu(worldOf("a split network"), "ENTER");
    expect(asked(bench)).toEqual({
      type: "renew-lease",
      port: "wan",
      progress: { what: "change", id: "renew-dhcp-wan", text: "RENEWING DHCP ON WAN" },
    });
  });

  it("is switched off", () => {
    const bench = inMenu(worldOf("a split network"), "DOWN*2", "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY DISABLE WAN?");
    bench.press("ENTER");
    expect(changed(bench)).toEqual(homeFacts.settings);
  });
});

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
    expect(progressOf(asked(bench))).toBe("DISABLING PROXY SUPPORT");
  });

  it("never holds a stored password, and shows no character of a new one but the one at the cursor", () => {
    const bench = open(homeFacts);
    bench.type("\n\nanna\n");
    for (const character of "canary-9") bench.type(character);
    expect(bench.frame().lines.join()).not.toContain("c");
    expect(JSON.stringify(bench.context().facts)).not.toContain("canary-9");
  });
});

describe("port links", () => {
  const labels = ["AUTO", "1GbaseT/Full", "100baseT/Full", "100baseT/Half", "10baseT/Full", "10baseT/Half"];
  const open = (facts: Facts) => {
    const bench = atItem(facts, "setup/ports");
    bench.press("ENTER");
    return bench;
  };

  it.each(linkModes.map((mode, index) => [mode, labels[index] ?? "", index] as const))(
    "%s is %s after %d RIGHT, and asked for",
    (mode, label, index) => {
      const bench = open(homeFacts);
      if (index > 0) bench.press(`RIGHT*${index}`);
      expect(words(bench.frame().lines)).toBe(`LAN PORT LINK ${label}`);
      expect(words(bench.press("ENTER").lines)).toBe(`REALLY SET LAN TO ${label}`);
      expect(bench.frame().screen).toBe("confirm/lan-link");
      bench.press("ENTER");
      expect(changed(bench).lan).toEqual({ ...homeFacts.settings.lan, link: mode });
    },
  );

  it("go round by LEFT too, and UP quits", () => {
    const bench = open(homeFacts);
    expect(words(bench.press("LEFT").lines)).toBe("LAN PORT LINK 10baseT/Half");
    expect(screens(bench, "DOWN UP UP")).toEqual(["ports/lan", "setup/ports", "setup/proxy"]);
  });

  it("WAN's stands below LAN's in a split network, with the setting in effect", () => {
    const bench = open(worldOf("a static WAN"));
    expect(bench.frame().lines[0]).toBe("LAN PORT LINK↔↕↵");
    expect(bench.press("DOWN")).toMatchObject({ screen: "ports/wan", lines: ["WAN PORT LINK↔↑↵", "100baseT/Full   "] });
    expect(screens(bench, "UP UP")).toEqual(["ports/lan", "setup/ports"]);
    bench.press("ENTER", "DOWN", "RIGHT", "ENTER");
    expect(words(bench.frame().lines)).toBe("REALLY SET WAN TO 100baseT/Half");
    bench.press("ENTER");
    expect(changed(bench).wan).toEqual({ link: "100/half", ipv4: wanIpv4 });
  });

  it("WAN's follows ENTER where LAN's is left as it is", () => {
    expect(screens(open(worldOf("a split network")), "ENTER ENTER ENTER")).toEqual([
      "ports/wan",
      "confirm/wan-link",
      "ports/wan",
    ]);
  });

  it("LAN's stands again when it was set, as the guide goes on from there to WAN's", () => {
    const facts = worldOf("a split network");
    const bench = open(facts);
    bench.press("RIGHT", "ENTER", "ENTER");
    const effect = asked(bench);
    if (effect?.type !== "change-settings") throw new Error("no change");
    expect(bench.facts({ progress: effect.progress })).toMatchObject({
      screen: "progress/lan-link",
      lines: ["SETTING LAN PORT", "LINK            "],
    });
    expect(screens(bench, "ENTER DOWN UP")).toEqual(["progress/lan-link", "progress/lan-link", "progress/lan-link"]);
    bench.facts({ settings: effect.settings });
    expect(bench.facts({ progress: { what: "contacting" } })).toMatchObject({
      screen: "ports/lan",
      lines: ["LAN PORT LINK↔↕↵", "1GbaseT/Full    "],
    });
    expect(bench.press("DOWN").screen).toBe("ports/wan");
    expect(bench.facts({ progress: { what: "rebooting" } }).screen).toBe("rebooting");
    expect(bench.facts({ progress: null }).screen).toBe("home");
  });

  it("WAN's is left when WAN goes", () => {
    const bench = open(worldOf("a split network"));
    bench.press("DOWN");
    expect(bench.facts({ settings: homeFacts.settings }).screen).toBe("setup/ports");
  });
});

describe("IPv6-only mode", () => {
  const auto = worldOf("IPv6 only");
  const fixed = worldOf("a static IPv6 address");

  it("a static address is entered in either notation", () => {
    const bench = atItem(auto, "setup/static6-lan");
    bench.press("ENTER");
    bench.type("\u00152001:470:8418:ffe:250:56ff:feb3:b89\n");
    expect(bench.frame()).toMatchObject({
      screen: "lan6-static/prefix",
      lines: ["IPv6 PREFLEN ↑↓↵", "64              "],
    });
    bench.press("DOWN", "ENTER");
    bench.type("\u0015fe80::1\n\u00152001:DB8::0053\n\n");
    expect(words(bench.frame().lines)).toBe("REALLY SETUP STATIC LAN IPV6?");
    bench.press("ENTER");
    expect(changed(bench).lan.ipv6).toEqual({
      method: "static",
      address: "2001:470:8418:ffe:250:56ff:feb3:b89",
      prefixLength: 63,
      gateway: "fe80::1",
      dns: ["2001:db8::53"],
    });
    expect(progressOf(asked(bench))).toBe("ENABLING STATIC IPv6 ON LAN");
  });

  it("a static address opens with the one in force", () => {
    const bench = atItem(fixed, "setup/static6-lan");
    bench.press("ENTER*7");
    expect(changed(bench)).toEqual(fixed.settings);
  });

  it.each<[string, string, string]>([
    ["no address", "\u0015z", "z is not allowed here"],
    ["a group of hosts", "\u0015ff02::1\n", "ff00::/8 is not for hosts"],
    ["a gateway outside", "\u00152001:db8:1::2\n\n\u00152001:db8:2::1\n", "Gateway not in the subnet"],
    ["no DNS", "\n\n\n\u0015\n", "IPv6 DNS1 is required"],
  ])("refuses %s", (_, typed, message) => {
    const bench = atItem(fixed, "setup/static6-lan");
    bench.press("ENTER");
    expect(words(bench.type(typed).lines)).toBe(message);
  });

  it("RENEW AUTO shows what the router announced, and asks the routers again where nothing is changed", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER");
    expect(bench.frame().lines).toEqual(["Auto v6 ADDR←→↑↵", "2001:db8:3c4d:15"]);
    bench.press("RIGHT*4");
    expect(bench.frame().lines[1]).toBe("56ff:feb3:b89".padStart(16, "2001:db8:3c4d:15:250:56ff:feb3:b89".slice(-16)));
    expect(walk(bench).slice(1)).toEqual([
      "lan6-auto/prefix 64",
      "lan6-auto/gateway fe80::1",
      "lan6-auto/dns1",
      "lan6-auto/dns2",
      "confirm/auto6-lan AUTO LAN IPV6?",
    ]);
    expect(asked(bench)).toEqual({
      type: "renew-lease",
      port: "lan",
      progress: { what: "change", id: "renew-auto6-lan", text: "RENEWING AUTO IPv6 ON LAN" },
    });
  });

  it("RENEW AUTO takes servers that are asked first, and gives them up", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER*4");
    bench.type("2001:db8::53\n\n\n");
    const { settings } = { settings: changed(bench) };
    expect(settings.lan.ipv6).toEqual({ method: "auto", dns: ["2001:db8::53"] });

    const again = atItem({ ...auto, settings }, "setup/auto6-lan");
    again.press("ENTER*4");
    again.type("\u0015\n\n\n");
    expect(changed(again)).toEqual(auto.settings);
  });

  it.each([0, 1, 2, 3])("UP quits at field %d, until something was done to it", (enters) => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press(`ENTER*${enters + 1}`);
    expect(bench.press("UP").screen).toBe("setup/auto6-lan");
  });

  it("UP turns the character at Manual DNS1 once it was touched", () => {
    const bench = atItem(auto, "setup/auto6-lan");
    bench.press("ENTER*4");
    bench.type("2");
    expect(bench.press("UP").screen).toBe("lan6-auto/dns1");
  });

  it("ENABLE AUTO asks for the servers alone: nothing is announced yet", () => {
    const bench = atItem(fixed, "setup/auto6-lan");
    bench.press("ENTER");
    expect(walk(bench)).toEqual(["lan6-auto/dns1", "lan6-auto/dns2", "confirm/auto6-lan AUTO LAN IPV6?"]);
    expect(changed(bench).lan.ipv6).toEqual({ method: "auto", dns: [] });
    expect(progressOf(asked(bench))).toBe("ENABLING AUTO IPv6 ON LAN");
  });

  it("says none where no router has been heard", () => {
    const network = { ...auto.network, lan: { ...auto.network.lan, ipv6: [], gateway: null } };
    const bench = atItem({ ...auto, network }, "setup/auto6-lan");
    bench.press("ENTER");
    expect(walk(bench).slice(0, 3)).toEqual([
      "lan6-auto/address none",
      "lan6-auto/prefix none",
      "lan6-auto/gateway none",
    ]);
  });
});

describe("reset and restore", () => {
  it("all settings go, the mode stays, and so goes every secret", () => {
    for (const name of ["a proxy", "a static WAN", "a static IPv6 address"]) {
      const facts = worldOf(name);
      const bench = atItem(facts, "setup/reset");
      expect(screens(bench, "ENTER ENTER UP ENTER")).toEqual([
        "reset/all",
        "confirm/reset-all",
        "reset/all",
        "confirm/reset-all",
      ]);
      expect(words(bench.frame().lines)).toBe("REALLY RESET ALL SETTINGS?");
      bench.press("ENTER");
      expect(asked(bench)).toEqual({
        type: "change-settings",
        settings: factorySettings(facts.settings.mode),
        secrets: "forget",
        progress: { what: "change", id: "reset-all", text: "RESETTING ALL SETTINGS" },
      });
    }
  });

  it.each([
    ["a proxy", "RESET TO IPv6 ONLY MODE?", "REALLY RESET TO IPv6 ONLY?", "ipv6-only"],
    ["IPv6 only", "RESET TO IPv4+v6 MODE?", "REALLY RESET TO IPv4+v6?", "ipv4+v6"],
  ] as const)("%s: %s asks once more", (name, label, prompt, mode) => {
    const bench = atItem(worldOf(name), "setup/reset");
    expect(words(bench.press("ENTER", "DOWN").lines)).toBe(label);
    expect(words(bench.press("ENTER").lines)).toBe(prompt);
    expect(screens(bench, "UP UP UP")).toEqual(["reset/mode", "reset/all", "setup/reset"]);
    bench.press("ENTER", "DOWN", "ENTER", "ENTER");
    expect(asked(bench)).toMatchObject({ settings: factorySettings(mode), secrets: "forget" });
  });

  it("brings the last settings that reached the platform back", () => {
    const facts = worldOf("other settings that were good");
    const bench = atItem(facts, "setup/restore");
    expect(words(bench.press("ENTER").lines)).toBe("REALLY RESTORE LAST GOOD?");
    bench.press("ENTER");
    expect(asked(bench)).toEqual({
      type: "change-settings",
      settings: facts.lastGood,
      progress: { what: "change", id: "restore", text: "RESTORING LAST GOOD SETTINGS" },
    });
  });

  it("does not offer settings that are in force, or that would be refused today", () => {
    const bad = withLan({ ...staticIpv4, gateway: "10.88.0.1" }).settings;
    for (const lastGood of [null, homeFacts.settings, bad]) {
      expect(() => atItem({ ...homeFacts, lastGood }, "setup/restore")).toThrow("no item");
    }
  });
});

describe("a change while a scan runs", () => {
  const facts = worldOf("a scan");
  const done = facts.jobs.map((job) => ({ ...job, state: "done" as const }));

  it("asks before it cancels the scan, after the last question of its own", () => {
    const bench = atItem(facts, "setup/dhcp-lan");
    expect(screens(bench, "ENTER ENTER")).toEqual(["confirm/dhcp-lan", "confirm/cancel-scan"]);
    expect(bench.effects()).toEqual([]);
    expect(bench.press("ENTER").screen).toBe("home");
    expect(bench.effects()).toHaveLength(1);
  });

  it("UP goes back to the question, what was entered kept", () => {
    const bench = atItem(facts, "setup/static-lan");
    bench.press("ENTER", "ENTER");
    bench.type("10.77.0.99\n");
    bench.press("ENTER*7");
    expect(screens(bench, "ENTER UP ENTER ENTER")).toEqual([
      "confirm/cancel-scan",
      "confirm/static-lan",
      "confirm/cancel-scan",
      "home",
    ]);
    expect(changed(bench).lan.ipv4).toMatchObject({ address: "10.77.0.99" });
  });

  it("UP goes back to the menu where there is no other question", () => {
    const bench = atItem(facts, "setup/vlan");
    bench.press("ENTER");
    bench.type("7");
    expect(screens(bench, "ENTER UP")).toEqual(["confirm/cancel-scan", "setup/vlan"]);
    const renewal = atItem({ ...homeFacts, jobs: facts.jobs }, "setup/dhcp-lan");
    expect(screens(renewal, "ENTER UP")).toEqual(["confirm/cancel-scan", "setup/dhcp-lan"]);
  });

  it("the question goes with the scan", () => {
    const bench = atItem(facts, "setup/dhcp-lan");
    bench.press("ENTER", "ENTER");
    expect(bench.facts({ jobs: done }).screen).toBe("confirm/dhcp-lan");
    expect(bench.press("ENTER").screen).toBe("home");
  });

  it("is not asked before a reboot, nor of a scan that is being cancelled", () => {
    const bench = panelBench(facts);
    expect(screens(bench, "ENTER DOWN ENTER ENTER").at(-1)).toBe("home");
    const canceling = { ...facts, jobs: facts.jobs.map((job) => ({ ...job, state: "canceling" as const })) };
    expect(atItem(canceling, "setup/dhcp-lan").press("ENTER*2").screen).toBe("home");
  });
});
