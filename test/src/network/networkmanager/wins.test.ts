import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import type { Refusal, WinsQuery } from "../../../../src/helper/privileged.ts";
import { failed, ok, type Result } from "../../../../src/model/result.ts";
import type { KernelFacts } from "../../../../src/network/networkmanager/kernel.ts";
import type { ProfileFacts } from "../../../../src/network/networkmanager/profile-facts.ts";
import { createWins } from "../../../../src/network/networkmanager/wins.ts";
import { createSomeLog } from "../../../support/some-log.ts";

const hourMs = 3_600_000;
const settle = () => new Promise((resolve) => setImmediate(resolve));

const profile: ProfileFacts = {
  uuid: "any",
  interface: "lan0",
  autoconnect: true,
  state: "activated",
  method4: "auto",
  method6: "disabled",
  vlan: 0,
  dns4: [],
  dns6: [],
  options: new Map(),
};
const options = { ip_address: "10.77.0.59", dhcp_server_identifier: "10.77.0.1", expiry: "1795407200" };
const lease = (change: Record<string, string> = {}, of: Partial<ProfileFacts> = {}): ProfileFacts => ({
  ...profile,
  ...of,
  options: new Map(Object.entries({ ...options, ...change })),
});
const kernel: KernelFacts = {
  addresses: [
    { interface: "wan0", family: 4, address: "10.77.0.59/8" },
    { interface: "lan0", family: 6, address: "2001:db8::7/64" },
    { interface: "lan0", family: 4, address: "10.77.0.59/24" },
    { interface: "lan0", family: 4, address: "10.77.0.60/24" },
    { interface: "lan0.20", family: 4, address: "10.20.0.9/16" },
  ],
  defaultRoutes: [],
  orderedRoutes: [],
  rules: [],
};
const answers = ["10.77.0.8", "10.77.0.9"];

function open() {
  const clock = createFakeClock();
  const { log, lines } = createSomeLog();
  const life = new AbortController();
  const asked: WinsQuery[] = [];
  const open: ((answer: Result<readonly string[], Refusal>) => void)[] = [];
  let tells = 0;
  const wins = createWins({
    privileged: {
      askWins: (query) => {
        asked.push(query);
        return new Promise((resolve, reject) => {
          life.signal.addEventListener("abort", () => reject(life.signal.reason));
          open.push(resolve);
        });
      },
    },
    clock,
    log,
    told: () => tells++,
    signal: life.signal,
  });
  return {
    clock,
    lines,
    life,
    asked,
    tells: () => tells,
    wins,
    see: (seen: ProfileFacts | null = lease(), mayAsk = true) => wins.of(seen, kernel, mayAsk),
    answer: async (answer: Result<readonly string[], Refusal>) => {
      open.shift()?.(answer);
      await settle();
    },
  };
}

describe("WINS servers of a lease", () => {
  it("are asked for once, however often it is looked, and told when they are known", async () => {
    const { see, answer, asked, tells } = open();
    for (let look = 0; look < 3; look++) expect(see()).toEqual([]);
    expect(asked).toEqual([{ port: "lan", vlan: 0, address: "10.77.0.59", prefixLength: 24 }]);
    expect(tells()).toBe(0);
    await answer(ok(answers));
    expect(tells()).toBe(1);
    for (let look = 0; look < 3; look++) expect(see()).toEqual(answers);
    expect(asked).toHaveLength(1);
  });

  it("that the server does not have are not asked for again either", async () => {
    const { see, answer, asked } = open();
    see();
    await answer(ok([]));
    expect(see()).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it("that cannot be had are a line for who debugs, and asked for again with the next lease", async () => {
    const { see, answer, asked, lines } = open();
    see();
    await answer(failed({ kind: "timeout", detail: "lan0: no DHCP server answered" }));
    expect(lines).toEqual(["debug: network: the DHCP server does not tell its WINS servers"]);
    expect(see()).toEqual([]);
    expect(asked).toHaveLength(1);
    see(lease({ dhcp_server_identifier: "10.77.0.2" }));
    await answer(ok(answers));
    expect(asked).toHaveLength(2);
    expect(see(lease({ dhcp_server_identifier: "10.77.0.2" }))).toEqual(answers);
  });

  it.each<[string, ProfileFacts | null, boolean]>([
    ["without a profile", null, true],
    ["of a fixed address", lease({}, { method4: "manual" }), true],
    ["in the mode without IPv4", lease({}, { method4: "disabled" }), true],
    ["before there is a lease", { ...profile }, true],
    ["when the kernel has another address", lease({ ip_address: "10.77.0.61" }), true],
    ["when the address is another port's", lease({ ip_address: "10.20.0.9" }), true],
    ["that came with the lease", lease({ netbios_name_servers: "10.77.0.8" }), true],
    ["while nothing may be asked", lease(), false],
  ])("are not asked for %s", (_, seen, mayAsk) => {
    const { see, asked } = open();
    expect(see(seen, mayAsk)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("are those of the VLAN where there is one", () => {
    const { see, asked } = open();
    see(lease({ ip_address: "10.20.0.9" }, { interface: "lan0.20", vlan: 20 }));
    expect(asked).toEqual([{ port: "lan", vlan: 20, address: "10.20.0.9", prefixLength: 16 }]);
  });

  it("of another lease are not shown, and it waits for the end of the question before it", async () => {
    const { see, answer, asked, tells } = open();
    const other = lease({ ip_address: "10.77.0.60" });
    see();
    expect(see(other)).toEqual([]);
    expect(asked).toHaveLength(1);
    await answer(failed({ kind: "timeout", detail: "lan0: no DHCP server answered" }));
    // It has to be looked again, or nobody would ask.
    expect(tells()).toBe(1);
    expect(see(other)).toEqual([]);
    expect(asked.map(({ address }) => address)).toEqual(["10.77.0.59", "10.77.0.60"]);
    await answer(ok(["10.77.0.7"]));
    expect(see(other)).toEqual(["10.77.0.7"]);
  });

  it("are asked for again after a change, and shown until the answer is there", async () => {
    const { wins, see, answer, asked } = open();
    see();
    await answer(ok(answers));
    wins.renew();
    expect(see(lease(), false)).toEqual(answers);
    expect(asked).toHaveLength(1);
    expect(see()).toEqual(answers);
    expect(asked).toHaveLength(2);
    await answer(ok(["10.77.0.7"]));
    expect(see()).toEqual(["10.77.0.7"]);
    expect(asked).toHaveLength(2);
  });

  it("stay as they are when nobody answers after a change", async () => {
    const { wins, see, answer } = open();
    see();
    await answer(ok(answers));
    wins.renew();
    see();
    await answer(failed({ kind: "timeout", detail: "lan0: no DHCP server answered" }));
    expect(see()).toEqual(answers);
  });

  it("are asked for again after a renewal by NetworkManager, once an hour at most", async () => {
    const { see, answer, asked, clock } = open();
    see();
    await answer(ok(answers));
    for (let renewal = 1; renewal <= 60; renewal++) {
      await clock.advance(60_000 - 1);
      see(lease({ expiry: String(1795407200 + 60 * renewal) }));
    }
    expect(asked).toHaveLength(1);
    await clock.advance(60);
    see(lease({ expiry: "1795410860" }));
    expect(asked).toHaveLength(2);
    await answer(ok([]));
    // The lease is the same: time alone is no occasion.
    await clock.advance(10 * hourMs);
    expect(see(lease({ expiry: "1795410860" }))).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  it("need no answer when all ends", async () => {
    const { see, life, tells, lines } = open();
    see();
    life.abort(new Error("the end"));
    await settle();
    expect([tells(), lines]).toEqual([0, []]);
  });
});
