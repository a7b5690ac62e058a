import { describe, expect, it } from "vitest";
import type { Facts } from "../../../../src/model/facts.ts";
import { bareFacts, changed, homeFacts, panelBench, screens, staticIpv4, withLan, words } from "../bench.ts";

const staticFacts = withLan(staticIpv4);

describe("static IP on LAN", () => {
  const opened = (facts: Facts) => {
    const bench = panelBench(facts);
    bench.press("ENTER*2", "DOWN*2", "ENTER*2");
    return bench;
  };

  it("takes every field from the lease when only ENTER is pressed", () => {
    const bench = opened(homeFacts);
    const seen: string[] = [];
    for (let step = 0; step < 9; step += 1) {
      const { screen, lines } = bench.frame();
      seen.push(`${screen} ${lines[1]?.trim()}`);
      bench.press("ENTER");
    }
    expect(seen).toEqual([
      "lan-static/address 010.077.000.020",
      "lan-static/netmask 255.255.255.000",
      "lan-static/gateway 010.077.000.001",
      "lan-static/dns1 010.077.000.002",
      "lan-static/dns2 010.077.000.003",
      "lan-static/wins1 000.000.000.000",
      "lan-static/wins2 000.000.000.000",
      "lan-static/domain lab.example",
      "confirm/static-lan STATIC NETWORK?",
    ]);
    expect(bench.frame().screen).toBe("home");
    expect(changed(bench).lan.ipv4).toEqual({ ...staticIpv4, wins: [] });
  });

  it("opens with the settings when they are static, whatever the port has", () => {
    const bench = opened({ ...staticFacts, network: bareFacts.network });
    bench.press("ENTER*9");
    expect(changed(bench)).toEqual(staticFacts.settings);
  });

  it("opens with zeros and /24 where nothing is known", () => {
    const bench = opened(bareFacts);
    expect(bench.frame()).toMatchObject({
      lines: ["LAN IP ADDR←→↑↓↵", "000.000.000.000 "],
      cursor: { row: 1, col: 0 },
    });
    expect(bench.type("192.0.2.7\n")).toMatchObject({ lines: ["LAN NETMASK  ↑↓↵", "255.255.255.000 "], cursor: null });
  });

  it("is typed on a console in one go", () => {
    const bench = opened(bareFacts);
    bench.press("ENTER");
    bench.press("ENTER");
    bench.type("192.0.2.7\n\n192.0.2.1\n192.0.2.53\n\n192.0.2.8\n192.0.2.9\nCORP.example\n");
    expect(bench.press("ENTER").screen).toBe("home");
    expect(changed(bench).lan).toEqual({
      ...homeFacts.settings.lan,
      ipv4: {
        method: "static",
        address: "192.0.2.7",
        prefixLength: 24,
        gateway: "192.0.2.1",
        dns: ["192.0.2.53"],
        wins: ["192.0.2.8", "192.0.2.9"],
        domain: "CORP.example",
      },
    });
  });

  it.each<[string, string, string, string]>([
    ["as people write it", "10.77.0.30", "10.77.0.9", "10.77.0.8"],
    ["one digit an octet", "10.77.0.5", "10.77.0.2", "1.1.1.1"],
    ["padded", "010.077.000.030", "010.077.000.009", "001.001.001.001"],
    ["padded, without dots", "010077000030", "010077000009", "001001001001"],
    ["cleared first", "\u0015\u001510.77.0.30", "9\u001510.77.0.9", "9.9\u00159.9.9.9"],
  ])("is typed over what is in force: %s", (_, address, gateway, dns) => {
    const lan = { ...staticIpv4, address: "10.77.0.100", gateway: "10.77.0.111", dns: ["10.177.200.222"], wins: [] };
    const bench = opened(withLan(lan));
    bench.type(`${address}\n\n${gateway}\n${dns}\n${dns}\n${dns}\n\n\n\n`);
    const plain = (typed: string) => {
      const text = typed.slice(typed.lastIndexOf("\u0015") + 1);
      const octets = text.includes(".") ? text.split(".") : text.match(/.../g);
      return octets?.map(Number).join(".");
    };
    expect(changed(bench).lan.ipv4).toEqual({
      ...lan,
      address: plain(address),
      gateway: plain(gateway),
      dns: [plain(dns), plain(dns)],
      wins: [plain(dns)],
    });
  });

  it("is set with the arrows alone", () => {
    const bench = opened(bareFacts);
    bench.press("RIGHT", "UP", "RIGHT*10", "UP*2", "ENTER"); // 010.000.000.002
    bench.press("UP", "ENTER"); // /25
    bench.press("RIGHT", "UP", "RIGHT*10", "UP", "ENTER"); // 010.000.000.001
    bench.press("UP*9", "DOWN*8", "RIGHT*20", "UP", "ENTER"); // 100.000.000.001
    bench.press("ENTER*3", "UP", "RIGHT", "UP*2", "ENTER"); // domain "ab"
    bench.press("ENTER");
    expect(changed(bench).lan.ipv4).toEqual({
      method: "static",
      address: "10.0.0.2",
      prefixLength: 25,
      gateway: "10.0.0.1",
      dns: ["100.0.0.1"],
      wins: [],
      domain: "ab",
    });
  });

  it.each<[string, string, string, string]>([
    ["octet", "10.256.0.1\n", "lan-static/address/refused", "Number 2 is more than 255"],
    ["0/8", "0.1.2.3\n", "lan-static/address/refused", "0.x.x.x is no host address"],
    ["127/8", "127.0.0.1\n", "lan-static/address/refused", "127.x.x.x is this box itself"],
    ["224/4", "224.0.0.1\n", "lan-static/address/refused", "224 and above is not for hosts"],
    ["nothing", "\n", "lan-static/address/refused", "LAN IP ADDR is required"],
    ["wrong character", "1x", "lan-static/address/refused", "Only digits and dots here"],
    ["typing a netmask", "10.0.0.1\n2", "lan-static/netmask/refused", "Use UP and DOWN to choose"],
    ["network address", "10.0.0.0\n\n", "lan-static/netmask/refused", "This is the network address"],
    ["broadcast address", "10.0.0.255\n\n", "lan-static/netmask/refused", "Broadcast is no host address"],
    ["gateway outside", "10.0.0.2\n\n10.0.1.1\n", "lan-static/gateway/refused", "Gateway not in the subnet"],
    ["own address as gateway", "10.0.0.2\n\n10.0.0.2\n", "lan-static/gateway/refused", "Gateway is the box itself"],
    ["no DNS", "10.0.0.2\n\n10.0.0.1\n\n", "lan-static/dns1/refused", "LAN DNS1 is required"],
    ["WINS", "10.0.0.2\n\n10.0.0.1\n9.9.9.9\n\n0.0.0.1\n", "lan-static/wins1/refused", "0.x.x.x is no host address"],
    [
      "space inside",
      "10.0.0.2\n\n10.0.0.1\n9.9.9.9\n\n\n\na b\n",
      "lan-static/domain/refused",
      "No space inside a name",
    ],
    ["two dots", "10.0.0.2\n\n10.0.0.1\n9.9.9.9\n\n\n\na..b\n", "lan-static/domain/refused", "Dots only between names"],
  ])("refuses %s and keeps what was typed", (_, typed, screen, message) => {
    const bench = opened(bareFacts);
    const frame = bench.type(typed);
    expect(frame).toMatchObject({ screen, cursor: null });
    expect(words(frame.lines)).toBe(message);
    expect(frame.lines[0]).toMatch(/(←→↑↓↵|↔↕↵)$/);

    const back = bench.press("ENTER");
    expect(back.screen).toBe(screen.replace("/refused", ""));
    if (typed.endsWith("\n")) expect(bench.press("ENTER").screen).toBe(screen);
    else bench.type(typed.slice(-1));
    expect(bench.press("UP").screen).toBe("setup/static-lan");
    expect(bench.effects()).toEqual([]);
  });

  describe("LEFT at a refused value", () => {
    const walk = (bench: ReturnType<typeof opened>, fields: number) =>
      Array.from({ length: fields }, () => {
        const { screen, lines } = bench.frame();
        bench.press("ENTER");
        return `${screen.replace("lan-static/", "")} ${lines[1]?.trim()}`;
      });

    it("goes to the first field, and ENTER walks over what was entered", () => {
      const bench = opened(homeFacts);
      bench.type("10.78.0.20\n");
      bench.press("DOWN", "ENTER"); // /23
      expect(bench.type("10.78.2.1\n").screen).toBe("lan-static/gateway/refused");
      expect(bench.press("LEFT")).toMatchObject({
        screen: "lan-static/address",
        lines: ["LAN IP ADDR←→↑↓↵", "010.078.000.020 "],
        cursor: { row: 1, col: 0 },
      });
      bench.press("ENTER");
      expect(bench.frame().lines[1]).toBe("255.255.254.000 ");
      bench.press("DOWN"); // /22, which holds that gateway
      expect(walk(bench, 3)).toEqual(["netmask 255.255.252.000", "gateway 010.078.002.001", "dns1 010.077.000.002"]);
      bench.press("ENTER*5");
      expect(changed(bench).lan.ipv4).toMatchObject({
        address: "10.78.0.20",
        prefixLength: 22,
        gateway: "10.78.2.1",
        dns: ["10.77.0.2", "10.77.0.3"],
      });
    });

    it("checks again what stands behind a corrected field", () => {
      const bench = opened(bareFacts);
      bench.type("10.0.0.2\n\n10.0.0.1\n127.0.0.1\n");
      expect(bench.press("LEFT").screen).toBe("lan-static/address");
      expect(bench.type("10.1.0.2\n\n\n").screen).toBe("lan-static/gateway/refused");
      expect(bench.effects()).toEqual([]);
    });

    it("keeps an optional field that was emptied empty, and a domain that was refused", () => {
      const bench = opened(staticFacts);
      bench.press("ENTER*4");
      bench.type("\u0015\n\n\n\u0015lab..x\n");
      expect(bench.press("LEFT").screen).toBe("lan-static/address");
      expect(walk(bench, 8)).toEqual([
        "address 010.077.000.020",
        "netmask 255.255.255.000",
        "gateway 010.077.000.001",
        "dns1 010.077.000.002",
        "dns2 000.000.000.000",
        "wins1 010.077.000.004",
        "wins2 000.000.000.000",
        "domain lab..x",
      ]);
      expect(bench.frame().screen).toBe("lan-static/domain/refused");
    });

    it.each(["LEFT", "RIGHT", "DOWN", "ENTER"])("in the first field %s returns to it as it was", (key) => {
      const bench = opened(bareFacts);
      bench.type("10.7");
      const before = bench.frame();
      expect(bench.type("x").screen).toBe("lan-static/address/refused");
      expect(bench.press(key)).toEqual(before);
    });

    it.each(["RIGHT", "DOWN", "ENTER"])("%s returns to a later field as it was", (key) => {
      const bench = opened(bareFacts);
      bench.type("10.0.0.2\n\n10.7");
      const before = bench.frame();
      bench.type("x");
      expect(bench.press(key)).toEqual(before);
    });
  });

  describe("LEFT+RIGHT at a refused value", () => {
    const refusedGateway = () => {
      const bench = opened(homeFacts);
      expect(bench.type("\n\n10.9.0.1\n").screen).toBe("lan-static/gateway/refused");
      return bench;
    };
    const cleared = {
      screen: "lan-static/gateway",
      lines: ["LAN GATEWAY←→↑↓↵", "000.000.000.000 "],
      cursor: { row: 1, col: 0 },
    };

    it("clears it, as Ctrl-U before typing it anew", () => {
      const bench = refusedGateway();
      bench.type("\u001510.77.0.9\n");
      bench.press("ENTER*6");
      expect(changed(bench).lan.ipv4).toMatchObject({ address: "10.77.0.20", gateway: "10.77.0.9" });
    });

    it.each<[string, readonly string[], object]>([
      ["LEFT first", ["+LEFT", "+RIGHT", "-LEFT", "-RIGHT"], cleared],
      ["RIGHT first", ["+RIGHT", "+LEFT", "-LEFT", "-RIGHT"], cleared],
      ["LEFT alone goes back, when it is released", ["+LEFT", "-LEFT"], { screen: "lan-static/address" }],
      ["and not before", ["+LEFT"], { screen: "lan-static/gateway/refused" }],
    ])("on the keypad, %s", (_, edges, frame) => {
      const bench = refusedGateway();
      expect(bench.edges(...edges)).toMatchObject(frame);
    });
  });

  it("goes on typing after a wrong character", () => {
    const bench = opened(bareFacts);
    bench.type("10.x77.0.20");
    expect(bench.frame().lines[1]).toBe("010.077.000.20  ");
    expect(bench.press("ENTER").screen).toBe("lan-static/netmask");
  });

  it("forgets what was entered when it is cancelled", () => {
    const bench = opened(homeFacts);
    bench.type("10.77.0.99\n\n\n\n\n\n\n\n");
    expect(bench.frame().screen).toBe("confirm/static-lan");
    bench.press("UP", "ENTER", "ENTER");
    expect(bench.frame().lines[1]).toBe("010.077.000.020 ");
    expect(bench.effects()).toEqual([]);
  });

  it("edits a long domain in insert/delete mode", () => {
    const bench = opened(withLan({ ...staticIpv4, domain: "corp.example.com" }));
    bench.press("ENTER*7");
    expect(screens(bench, "RIGHT DOWN DOWN DOWN UP DOWN ENTER")).toEqual([
      "lan-static/domain",
      "lan-static/domain/delete",
      "lan-static/domain/insert",
      "lan-static/domain/done",
      "lan-static/domain",
      "lan-static/domain/delete",
      "lan-static/domain",
    ]);
    expect(bench.frame().lines[1]).toBe("orp.example.com ");
    expect(bench.press("DOWN", "DOWN", "ENTER").screen).toBe("confirm/static-lan");
    bench.press("ENTER");
    expect(changed(bench).lan.ipv4).toMatchObject({ domain: "orp.example.com" });
  });
});
