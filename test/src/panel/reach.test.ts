import { describe, expect, it } from "vitest";
import { checkSettings } from "../../../src/model/validate.ts";
import { geometries, homeFacts, panelBench, words } from "./bench.ts";
import { explore, worlds } from "./worlds.ts";

const explored = Object.values(worlds).map((facts) => ({ facts, ...explore(facts) }));

/** What other programs rely on: every identifier of menus, prompts, fields and pages. */
const identifiers = `
  home network-error network-error/detail
  main/setup-network main/system-reboot main/system-shutdown main/information main/test-network main/last-errors main/exit
  setup/dhcp-lan setup/vlan setup/static-lan setup/wan setup/proxy setup/disable-proxy setup/ports setup/restore
  setup/reset setup/exit setup/static6-lan setup/auto6-lan setup/wan/refused
  wan/dhcp wan/static wan/disable wan/exit reset/all reset/mode
  confirm/reboot confirm/shutdown confirm/dhcp-lan confirm/static-lan confirm/dhcp-wan confirm/static-wan
  confirm/disable-wan confirm/proxy confirm/disable-proxy confirm/lan-link confirm/wan-link confirm/reset-all
  confirm/reset-mode confirm/auto6-lan confirm/static6-lan confirm/restore confirm/cancel-scan
  begin/static-lan begin/static-wan begin/proxy
  vlan/id vlan/id/refused
  lan-static/address lan-static/netmask lan-static/gateway lan-static/dns1 lan-static/dns2 lan-static/wins1
  lan-static/wins2 lan-static/domain lan-static/domain/delete lan-static/domain/insert lan-static/domain/done
  lan-static/address/refused lan-static/netmask/refused lan-static/gateway/refused lan-static/dns1/refused
  lan-static/dns2/refused lan-static/wins1/refused lan-static/wins2/refused lan-static/domain/refused
  wan-static/address wan-static/netmask wan-static/gateway wan-static/dns1 wan-static/dns2
  wan-static/address/refused wan-static/netmask/refused wan-static/gateway/refused wan-static/dns1/refused
  wan-static/dns2/refused
  proxy/host proxy/host/delete proxy/host/insert proxy/host/done proxy/port proxy/user proxy/password
  proxy/host/refused proxy/port/refused proxy/user/refused proxy/password/refused
  ports/lan ports/wan ports/lan/refused ports/wan/refused
  lan6-static/address lan6-static/prefix lan6-static/gateway lan6-static/dns1 lan6-static/dns2
  lan6-static/address/delete lan6-static/address/insert lan6-static/address/done
  lan6-static/gateway/delete lan6-static/gateway/insert lan6-static/gateway/done
  lan6-static/dns1/delete lan6-static/dns1/insert lan6-static/dns1/done
  lan6-static/dns2/delete lan6-static/dns2/insert lan6-static/dns2/done
  lan6-static/address/refused lan6-static/prefix/refused lan6-static/gateway/refused lan6-static/dns1/refused
  lan6-static/dns2/refused
  lan6-auto/address lan6-auto/prefix lan6-auto/gateway lan6-auto/dns1 lan6-auto/dns2
  lan6-auto/dns1/insert lan6-auto/dns1/done lan6-auto/dns2/insert lan6-auto/dns2/done
  lan6-auto/address/refused lan6-auto/prefix/refused lan6-auto/gateway/refused lan6-auto/dns1/refused
  lan6-auto/dns2/refused
  information/1 test-network test-network/detail last-errors/1 last-errors/detail
  progress/dhcp-lan progress/renew-dhcp-lan progress/vlan progress/static-lan progress/dhcp-wan progress/renew-dhcp-wan
  progress/static-wan progress/disable-wan progress/proxy progress/disable-proxy progress/lan-link progress/wan-link
  progress/restore progress/reset-all progress/reset-mode progress/static6-lan progress/auto6-lan progress/renew-auto6-lan
`
  .split(/\s+/)
  .filter(Boolean);

const isNumbered = (screen: string) => /^(information|last-errors)\/(?!1$)\d/.test(screen);
const workingFrames = explored.flatMap(({ facts, effects }) =>
  effects.flatMap((effect) =>
    "progress" in effect ? [panelBench({ ...facts, progress: effect.progress }).frame()] : [],
  ),
);
const frames = [...explored.flatMap(({ found }) => found.map(({ frame }) => frame)), ...workingFrames];

describe("by keys from home", { timeout: 60_000 }, () => {
  it("every screen is reached, and none that is not known", () => {
    const reached = new Set(frames.map(({ screen }) => screen).filter((screen) => !isNumbered(screen)));
    expect([...reached].sort()).toEqual([...new Set(identifiers)].sort());
  });

  it("every effect that is asked for may be carried out", () => {
    const wanted = explored.flatMap(({ effects }) => effects);
    for (const effect of wanted) {
      if (effect.type === "change-settings") expect(checkSettings(effect.settings)).toEqual([]);
    }
    expect([...new Set(wanted.map(({ type }) => type))].sort()).toEqual([
      "change-settings",
      "end-test",
      "reboot",
      "renew-lease",
      "shutdown",
      "test-network",
    ]);
  });

  it.each([
    "ACTIVATION CODE",
    "SETUP NETWORK",
    "SYSTEM REBOOT",
    "REALLY REBOOT SYSTEM?",
    "SYSTEM SHUTDOWN",
    "REALLY SHUTDOWN SYSTEM?",
    "EXIT THIS MENU",
    "ENABLE DHCP ON LAN",
    "RENEW DHCP ON LAN",
    "ENABLE VLAN ON LAN",
    "CHANGE VLAN ON LAN",
    "VLAN 0-4094",
    "ENABLE STATIC IP ON LAN",
    "CHANGE STATIC IP ON LAN",
    "CFG LAN STATIC NETWORK PARAMS?",
    "LAN IP ADDR",
    "LAN NETMASK",
    "LAN GATEWAY",
    "LAN DNS1",
    "LAN DNS2",
    "LAN WINS1",
    "LAN WINS2",
    "DOMAIN NAME",
    "REALLY SET LAN STATIC NETWORK?",
    "ENABLE WAN INTERFACE",
    "ENABLE DHCP ON WAN",
    "RENEW DHCP ON WAN",
    "REALLY ENABLE DHCP ON WAN?",
    "ENABLE STATIC IP ON WAN",
    "CHANGE STATIC IP ON WAN",
    "CFG WAN STATIC NETWORK PARAMS?",
    "WAN IP ADDR",
    "WAN NETMASK",
    "WAN GATEWAY",
    "WAN DNS1",
    "WAN DNS2",
    "REALLY SET WAN STATIC NETWORK?",
    "ENABLE PROXY",
    "CONFIG PROXY PARAMETERS",
    "PROXY HOST",
    "PROXY PORT",
    "PROXY USER",
    "PROXY PASSW",
    "CHANGE PROXY PARAMS",
    "REALLY ENABLE PROXY?",
    "ENABLING PROXY SUPPORT",
    "DISABLE PROXY",
    "REALLY DISABLE PROXY?",
    "ETHERNET PORT SETTINGS",
    "LAN PORT LINK AUTO",
    "LAN PORT LINK 1GbaseT/Full",
    "LAN PORT LINK 100baseT/Full",
    "LAN PORT LINK 100baseT/Half",
    "LAN PORT LINK 10baseT/Full",
    "LAN PORT LINK 10baseT/Half",
    "WAN PORT LINK 100baseT/Full",
    "REALLY SET LAN TO 100baseT/Full",
    "REALLY SET WAN TO 10baseT/Half",
    "RESET NETWORK SETTINGS",
    "REALLY RESET ALL SETTINGS?",
    "RESET TO IPv6 ONLY MODE?",
    "RESET TO IPv4+v6 MODE?",
    "ENABLE STATIC IPv6 ON LAN?",
    "IPv6 ADDR",
    "IPv6 PREFLEN",
    "IPv6 GW",
    "IPv6 DNS1",
    "IPv6 DNS2",
    "REALLY SETUP STATIC LAN IPV6?",
    "RENEW AUTO IPv6 ON LAN?",
    "Auto v6 ADDR",
    "Auto PREFLEN",
    "Auto GATEWAY",
    "Manual DNS1",
    "Manual DNS2",
    "REALLY SETUP AUTO LAN IPV6?",
    "CANCELING THE ONGOING SCAN",
    "Delete Previous?",
    "Insert Character?",
    "Done editing?",
  ])("the guide's text %s is shown whole", (text) => {
    const others = [
      panelBench({ ...homeFacts, phase: "activation", registration: { state: "unactivated", code: "1234" } }).frame(),
      panelBench({ ...homeFacts, progress: { what: "canceling-scan" } }).frame(),
    ];
    expect([...frames, ...others].some(({ lines }) => ` ${words(lines)} `.includes(` ${text} `))).toBe(true);
  });

  it("every path goes the same way on every glass", () => {
    for (const [name, facts] of Object.entries(worlds)) {
      const small = explore(facts).found;
      for (const geometry of geometries.slice(1)) {
        const reached = new Set(explore(facts, geometry).found.map(({ frame }) => frame.screen));
        const missing = small.map(({ frame }) => frame.screen).filter((screen) => !reached.has(screen));
        expect(
          missing.filter((screen) => !isNumbered(screen)),
          name,
        ).toEqual([]);
      }
    }
  });

  it("UP at a question, and at a refused value, goes back and changes nothing", () => {
    for (const { facts, found } of explored) {
      for (const { frame, path } of found) {
        if (!/^(begin|confirm)\/|\/refused$/.test(frame.screen)) continue;
        const bench = panelBench(facts);
        for (const key of path) key === "\u00e9" ? bench.type(key) : bench.press(key);
        const asked = bench.effects();
        const { screen } = bench.press("UP");
        if (frame.screen === "confirm/cancel-scan") expect(screen).toMatch(/^(confirm|vlan|setup)\//);
        else expect(screen).toMatch(/^(main|setup|wan|reset)\//);
        expect(bench.effects()).toEqual(asked);
      }
    }
  });
});
