import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Argv } from "../../hal/processes.ts";
import { separationRules } from "../../src/helper/rules.ts";
import { isSeparated } from "../../src/network/networkmanager/rules.ts";
import { farPort } from "./far-side.ts";
import { type LockedBox, openLockedBox } from "./locked-box.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import { until } from "./until.ts";

const limitMs = 180_000;
const connected = 0;
/** curl: "Couldn't connect"; one that waits in vain ends with 28. */
const refused = 7;
const done = { ok: true, value: null };
/** What the platform lets scans reach by WAN, and what has a way by WAN without that. */
const granted = "203.0.113.64/26";
const withheld = "203.0.113.128/26";

const inGw = (...argv: Argv): Argv => ["ip", "netns", "exec", "gw", ...argv];
const as = (account: string, ...argv: Argv): Argv => [
  "setpriv",
  `--reuid=${account}`,
  `--regid=${account}`,
  "--clear-groups",
  ...argv,
];
const table = (name: string, rules: string) => `table inet ${name} {\nchain ${name} {\n${rules}\n}\n}\n`;
/** Hears the ends of connections, and not that its own were heard. */
const deaf = table("deaf", "type filter hook input priority 0\ntcp dport 8082 tcp flags & (fin|syn|ack) == ack drop");

describe.skipIf(lockDownLacks() !== null)(inLab("a separated network", lockDownLacks()), () => {
  let box: LockedBox;
  beforeAll(async () => {
    box = await openLockedBox();
    for (const network of [granted, withheld]) {
      await box.lab.run(["ip", "route", "add", network, "via", "10.78.0.1", "dev", "wan0", "onlink"]);
    }
  }, limitMs);
  afterAll(() => box?.close(), limitMs);

  const rules = async () => JSON.parse(await box.lab.run(["ip", "-json", "rule", "show"])) as readonly unknown[];
  /** How it ended, and by which ports packets came to the far side. Root's packet comes last: what was sent before has come. */
  const tries = async (account: string, address: string, ...options: readonly string[]) => {
    const code = await box.curl(account, address, ...options);
    expect(await box.curl("root", address.includes(":") ? "2001:db8:203::ff" : "203.0.113.63")).toBe(connected);
    return { code, ports: await box.far.arrivals(address) };
  };

  it("is not one after the lock-down: management and scans go by LAN, and by WAN not even where there is a way", async () => {
    expect(isSeparated(separationRules(await rules()))).toBe(false);
    expect(await tries("bezel", "203.0.113.21")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel", "2001:db8:203::21")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel", "203.0.113.71")).toEqual({ code: refused, ports: [] });
    expect(await tries("bezel-scan", "203.0.113.22")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel-scan", "2001:db8:203::22")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel-scan", "203.0.113.72")).toEqual({ code: refused, ports: [] });
    expect(await tries("root", "203.0.113.73")).toEqual({ code: connected, ports: ["wan"] });
  });

  it("sends management by WAN, also to what is behind LAN's router, and nothing of it by LAN", async () => {
    expect(await box.separate(true, [granted])).toEqual(done);
    expect(isSeparated(separationRules(await rules()))).toBe(true);
    expect(await tries("bezel", "203.0.113.31")).toEqual({ code: connected, ports: ["wan"] });
    expect(await tries("bezel", "10.77.0.1")).toMatchObject({ code: connected });
    expect(await tries("bezel", "2001:db8:203::31")).toEqual({ code: refused, ports: [] });
    // Whatever it binds to.
    expect(await tries("bezel", "203.0.113.32", "--interface", "if!lan0")).toEqual({ code: refused, ports: [] });
    expect(await tries("bezel", "2001:db8:203::32", "--interface", "if!lan0")).toEqual({ code: refused, ports: [] });
    const address = await box.address("lan0", 4);
    expect(await tries("bezel", "203.0.113.33", "--interface", `host!${address}`)).toMatchObject({ ports: ["wan"] });
  });

  it("sends nothing by LAN either of what was under way, though the socket is gone", async () => {
    const far = "203.0.113.25";
    expect(await box.separate(false)).toEqual(done);
    // The far side never hears that its end of the connection was heard, and says it again and again.
    await box.lab.run(inGw("nft", "-f", "-"), deaf);
    await box.lab.start(inGw("socat", "TCP4-LISTEN:8082", "EXEC:true"));
    await until("a listener", async () => (await box.lab.run(inGw("ss", "-Hltn", "sport", "=", "8082"))) !== "");
    await box.lab.run(as("bezel", "socat", "-u", "OPEN:/dev/null", `TCP4:${far}:8082`));
    const counted = `type filter hook prerouting priority raw\nip saddr ${far} tcp flags & fin == fin counter`;
    await box.lab.run(["nft", "-f", "-"], table("heard", counted));
    const heard = async () =>
      Number(/packets (\d+)/.exec(await box.lab.run(["nft", "list", "table", "inet", "heard"]))?.[1]);
    await until("the far side says it again", async () => (await heard()) > 0);
    expect(await box.far.arrivals(far)).toEqual(["lan"]);

    expect(await box.separate(true, [granted])).toEqual(done);
    const before = await heard();
    await box.lab.run(inGw("nft", "flush", "set", "inet", "far", "seen"));
    await until("the far side says it again", async () => (await heard()) > before + 1);
    expect(await tries("bezel", "203.0.113.26")).toEqual({ code: connected, ports: ["wan"] });
    expect(await box.far.arrivals(far)).toEqual([]);
  });

  it("sends scans by LAN, and by WAN to the granted networks only", async () => {
    expect(await tries("bezel-scan", "203.0.113.34")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel-scan", "203.0.113.81")).toEqual({ code: connected, ports: ["wan"] });
    expect(await tries("bezel-scan", "203.0.113.131")).toEqual({ code: refused, ports: [] });
    expect(await tries("root", "203.0.113.132")).toEqual({ code: connected, ports: ["wan"] });
    // Nor to the box itself.
    await box.lab.start(["socat", `TCP-LISTEN:${farPort},bind=127.0.0.1,fork,reuseaddr`, "SYSTEM:true"]);
    await until("a listener on loopback", async () => (await box.curl("bezel", "127.0.0.1")) !== refused);
    expect(await box.curl("bezel-scan", "127.0.0.1")).toBe(refused);
  });

  it("counts a tagged network of LAN as LAN, and no other port", async () => {
    for (const [card, network] of [
      ["lan0.20", "10.80.0"],
      ["lan00", "10.81.0"],
    ] as const) {
      // As good as a VLAN to the filter, which goes by the name; and not every kernel has VLANs.
      await box.lab.run(["ip", "link", "add", card, "type", "veth", "peer", "name", "far", "netns", "gw"]);
      await box.lab.run(inGw("ip", "link", "set", "far", "name", `far-${network}`));
      await box.lab.run(inGw("ip", "address", "add", `${network}.1/24`, "dev", `far-${network}`));
      await box.lab.run(inGw("ip", "link", "set", `far-${network}`, "up"));
      await box.lab.run(["ip", "address", "add", `${network}.2/24`, "dev", card]);
      await box.lab.run(["ip", "link", "set", card, "up"]);
    }
    const codes = async (account: string) => [
      await box.curl(account, "10.80.0.1"),
      await box.curl(account, "10.81.0.1"),
    ];
    expect(await codes("root")).toEqual([connected, connected]);
    expect(await codes("bezel-scan")).toEqual([connected, refused]);
    const bound = ["--interface", "if!lan0.20"] as const;
    expect(await box.curl("bezel", "10.80.0.1", ...bound)).toBe(refused);
    expect(await box.separate(false)).toEqual(done);
    expect(await codes("bezel")).toEqual([connected, refused]);
    expect(await box.separate(true, [granted])).toEqual(done);
  });

  it("changes only the networks when it is ordered again", async () => {
    const before = await rules();
    expect(await box.separate(true, [granted])).toEqual(done);
    expect(await rules()).toEqual(before);
    expect(await box.separate(true, [granted, withheld, "203.0.113.130/32", "0.0.0.0/0"])).toEqual(done);
    expect(await rules()).toEqual(before);
    expect(await tries("bezel-scan", "203.0.113.133")).toEqual({ code: connected, ports: ["wan"] });
    expect(await box.separate(true, [granted])).toEqual(done);
    expect(await tries("bezel-scan", "203.0.113.134")).toEqual({ code: refused, ports: [] });
  });

  it(
    "lets nothing out while WAN is down",
    async () => {
      await box.lab.gateway.cable("wan", false);
      const table = ["ip", "route", "show", "table", "100"] as const;
      await until("the end of WAN's routes", async () => (await box.lab.run(table).catch(() => "")).trim() === "");
      expect(await tries("bezel", "203.0.113.41")).toEqual({ code: refused, ports: [] });
      expect(await tries("bezel", "10.77.0.1")).toMatchObject({ code: refused });
      expect(await tries("bezel", "2001:db8:203::41")).toEqual({ code: refused, ports: [] });
      expect(await tries("bezel-scan", "203.0.113.42")).toEqual({ code: connected, ports: ["lan"] });
      await box.lab.gateway.cable("wan", true);
      await until("WAN's routes", async () => (await box.lab.run(table)).includes("default"));
      expect(await tries("bezel", "203.0.113.43")).toEqual({ code: connected, ports: ["wan"] });
    },
    limitMs,
  );

  it("ends, and is as before", async () => {
    // It went with the cable.
    await box.lab.run(["ip", "route", "replace", granted, "via", "10.78.0.1", "dev", "wan0", "onlink"]);
    expect(await box.separate(false)).toEqual(done);
    expect(separationRules(await rules())).toEqual([]);
    expect(separationRules(JSON.parse(await box.lab.run(["ip", "-6", "-json", "rule", "show"])))).toEqual([]);
    expect(await tries("bezel", "203.0.113.61")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel", "2001:db8:203::61")).toEqual({ code: connected, ports: ["lan"] });
    expect(await tries("bezel-scan", "203.0.113.91")).toEqual({ code: refused, ports: [] });
  });

  it(
    "hears WAN's answers while LAN is down",
    async () => {
      expect(await box.separate(true)).toEqual(done);
      await box.lab.gateway.cable("lan", false);
      await until("the end of LAN's way", async () => (await box.lab.kernel.gateways("lan0")).length === 0);
      expect(await box.curl("bezel", "203.0.113.51")).toBe(connected);
      expect(await box.far.arrivals("203.0.113.51")).toEqual(["wan"]);
      expect(await box.separate(false)).toEqual(done);
    },
    limitMs,
  );

  it("is refused where the lock-down was never loaded, with what to do", async () => {
    await box.lab.run(["nft", "delete", "table", "inet", "bezel"]);
    const detail = expect.stringContaining("systemctl restart bezel-lock-down");
    expect(await box.separate(true)).toEqual({ ok: false, error: { kind: "refused", detail } });
    expect(separationRules(await rules())).toEqual([]);
  });
});
