import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Box, openBox } from "./box.ts";
import { type ForwardProxy, openForwardProxy } from "./forward-proxy.ts";
import { gatewayAddress6 } from "./gateway.ts";
import { type Lab, openLab } from "./lab.ts";
import { inLab, labLacks } from "./needs.ts";
import { openRouter, type Router } from "./router.ts";
import { activateOnSight, expectLan, untilFault, untilHome } from "./steps.ts";
import { until } from "./until.ts";

/** The modified EUI-64 form of the MAC address has ff:fe in its middle. */
const own6 = /^2001:db8:77:0:[0-9a-f]{1,4}:[0-9a-f]{1,2}ff:fe[0-9a-f]{2}:[0-9a-f]{1,4}\/64$/;

describe.skipIf(labLacks() !== null)(inLab("IPv6 only"), () => {
  let lab: Lab;
  let box: Box;
  let router: Router;
  let proxy: ForwardProxy;
  beforeAll(async () => {
    lab = await openLab();
    activateOnSight(lab);
    router = await openRouter(lab);
    await router.advertise();
    box = await openBox(lab, { user: true });
    await box.start();
    await box.untilScreen("home");
  }, 120_000);
  afterAll(() => lab?.close());

  /** Walks down the setup menu, from a status screen. */
  const toItem = async (item: string) => {
    await box.press("ENTER", "ENTER");
    for (let at = 0; (await box.screen()).screen !== item; at++) {
      expect(at, `${item} is not in the menu`).toBeLessThan(15);
      await box.press("DOWN");
    }
  };
  /** What is to be read on the glass, line ends and symbols of keys apart. */
  const glass = async () =>
    (await box.screen()).lines
      .join(" ")
      .replaceAll(/[←→↑↓↵↔↕\s]+/g, " ")
      .trim();
  const inForce = async () => {
    const links = JSON.parse(
      await lab.run(["ip", "-json", "-6", "address", "show", "dev", "lan0", "scope", "global"]),
    ) as readonly { addr_info: readonly { local?: string; prefixlen: number }[] }[];
    const routes = JSON.parse(
      await lab.run(["ip", "-json", "-6", "route", "show", "default", "dev", "lan0"]),
    ) as readonly { gateway: string }[];
    return {
      // What is left out by the scope leaves an empty object behind.
      addresses: links.flatMap(({ addr_info }) =>
        addr_info.flatMap(({ local, prefixlen }) => (local === undefined ? [] : [`${local}/${prefixlen}`])),
      ),
      gateways: routes.map(({ gateway }) => gateway),
      ipv4: await lab.kernel.addresses("lan0"),
    };
  };
  const expect6 = async (addresses: readonly unknown[], gateways: readonly string[], dns: readonly string[]) => {
    expect(await inForce()).toEqual({ addresses, gateways, ipv4: [] });
    await expect.poll(async () => (await lab.daemons.resolvConf()).servers).toEqual(dns);
  };
  const automatic = expect.stringMatching(own6);
  const lastPoll = () => lab.gateway.platform.appliances()[0]?.lastPoll?.request;
  /** RENEW AUTO IPv6 ON LAN, or with other servers to be asked first. */
  const setAuto = async (dns1: string) => {
    await toItem("setup/auto6-lan");
    await box.press("ENTER");
    for (const field of ["address", "prefix", "gateway"]) {
      await box.untilScreen(`lan6-auto/${field}`);
      await box.press("ENTER");
    }
    for (const [field, value] of [
      ["dns1", dns1],
      ["dns2", ""],
    ]) {
      await box.untilScreen(`lan6-auto/${field}`);
      await box.type(`\u0015${value}\n`);
    }
    await box.untilScreen("confirm/auto6-lan");
    await box.press("ENTER");
  };

  it("is reached by keys; a router gives address, way out and name server", async () => {
    await toItem("setup/reset");
    await box.press("ENTER", "DOWN");
    expect(await glass()).toBe("RESET TO IPv6 ONLY MODE?");
    await box.press("ENTER");
    expect(await glass()).toBe("REALLY RESET TO IPv6 ONLY?");
    // Before the last ENTER nothing changes; scans have IPv6 in this mode too.
    await expectLan(lab, { dns: ["10.77.0.1", gatewayAddress6] });
    await box.press("ENTER");
    await box.untilStatus(({ phase, mode, lan }) => phase === "ready" && mode === "ipv6-only" && lan.ipv6.length > 0);
    await box.untilScreen("home");
    await expect6([automatic], [router.linkLocal], [gatewayAddress6]);
    const { addresses } = await inForce();
    expect((await box.status()).lan).toMatchObject({
      ...{ method: "auto6", ipv4: [], ipv6: addresses, gateway: router.linkLocal, dns: [gatewayAddress6] },
    });
    // There is no other way than IPv6 to have told the platform so.
    expect(lastPoll()?.network).toMatchObject({ mode: "ipv6-only", lan: { ipv4: [], ipv6: addresses } });
  }, 180_000);

  it("asks the name servers of the panel before the network's", async () => {
    await setAuto("2001:db8:77::5");
    await untilHome(box);
    await expect6([automatic], [router.linkLocal], ["2001:db8:77::5", gatewayAddress6]);
    expect((await box.settings()).lan.ipv6).toEqual({ method: "auto", dns: ["2001:db8:77::5"] });
  }, 180_000);

  it("asks those of DHCPv6 where the router says that there are some", async () => {
    await router.dhcp6([gatewayAddress6, "2001:db8:77::6"]);
    await router.advertise({ dns: [], otherConfig: true });
    await setAuto("");
    await untilHome(box);
    await expect6([automatic], [router.linkLocal], [gatewayAddress6, "2001:db8:77::6"]);
    await setAuto("2001:db8:77::5");
    await untilHome(box);
    await expect6([automatic], [router.linkLocal], ["2001:db8:77::5", gatewayAddress6, "2001:db8:77::6"]);
    await router.dhcp6(null);
    await router.advertise();
  }, 180_000);

  it("takes a fixed address, and goes back", async () => {
    await toItem("setup/static6-lan");
    await box.press("ENTER");
    for (const [field, value] of [
      ["address", "2001:db8:77::20"],
      ["prefix", "64"],
      ["gateway", gatewayAddress6],
      ["dns1", gatewayAddress6],
      ["dns2", ""],
    ]) {
      await box.untilScreen(`lan6-static/${field}`);
      await box.type(`\u0015${value}\n`);
    }
    await box.untilScreen("confirm/static6-lan");
    await box.press("ENTER");
    await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.ipv6.includes("2001:db8:77::20/64"));
    await box.untilScreen("home");
    await expect6(["2001:db8:77::20/64"], [gatewayAddress6], [gatewayAddress6]);
    expect(lastPoll()?.network.lan.ipv6).toEqual(["2001:db8:77::20/64"]);

    await toItem("setup/auto6-lan");
    await box.press("ENTER");
    await box.untilScreen("lan6-auto/dns1");
    await box.press("ENTER", "ENTER");
    await box.untilScreen("confirm/auto6-lan");
    await box.press("ENTER");
    await box.untilStatus(({ phase, lan }) => phase === "ready" && lan.method === "auto6" && lan.ipv6.length > 0);
    await box.untilScreen("home");
    await expect6([automatic], [router.linkLocal], [gatewayAddress6]);
  }, 180_000);

  it("goes out by a proxy that is given by its IPv6 address, with and without a password", async () => {
    proxy = await openForwardProxy(lab);
    const setProxy = async (user: string, password: string) => {
      await toItem("setup/proxy");
      await box.press("ENTER", "ENTER");
      await box.untilScreen("proxy/host");
      await box.type(`\u0015${gatewayAddress6}\n`);
      await box.untilScreen("proxy/port");
      await box.type(`${String(proxy.port).padStart(5, "0")}\n`);
      await box.untilScreen("proxy/user");
      await box.type(`\u0015${user}\n`);
      if (user !== "") {
        await box.untilScreen("proxy/password");
        await box.type(`\u0015${password}\n`);
      }
      await box.untilScreen("confirm/proxy");
      await box.press("ENTER");
    };
    const [own = ""] = (await inForce()).addresses;
    await setProxy("", "");
    await untilHome(box);
    expect((await box.status()).proxy).toEqual({ host: gatewayAddress6, port: proxy.port, user: null });
    expect(await proxy.asked()).toContain(`${own.split("/")[0]} 200 platform.test:443`);

    await proxy.ask({ user: "anna", password: "a:b@c%" });
    await setProxy("anna", "wrong");
    await untilFault(box, "unexpected proxy HTTP/407");
    await setProxy("anna", "a:b@c%");
    await untilHome(box);
    expect((await proxy.asked()).at(-1)).toBe(`${own.split("/")[0]} 200 platform.test:443`);
    await toItem("setup/disable-proxy");
    await box.press("ENTER");
    await box.untilScreen("confirm/disable-proxy");
    await box.press("ENTER");
    await untilHome(box);
  }, 240_000);

  it.each([
    [
      "is no way out any more",
      { lifetimeSeconds: 0 },
      "LAN DHCP lease has no gateway",
      "lan0: no router advertises a way out (router lifetime 0)",
    ],
    ["has no prefix", { prefix: null }, "LAN has no IPv6 address", /^lan0: router fe80::\S+ advertises no prefix$/],
    ["is silent", null, "LAN has no IPv6 address", "lan0: no router advertises itself"],
  ] as const)(
    "a router that %s is named so, and its return needs no key",
    async (_, advertisement, message, detail) => {
      if (advertisement === null) await router.vanish();
      else await router.advertise(advertisement);
      // The addresses of an earlier prefix live on until the port is set up anew.
      await setAuto("");
      if (advertisement !== null && "prefix" in advertisement) {
        // NetworkManager is content with the router, and takes the old address away after it has said so: contact may be in time.
        await until("no address", async () => (await inForce()).addresses.length === 0);
        const { phase } = await box.untilStatus((status) => status.phase !== "contacting");
        if (phase === "ready") {
          await untilHome(box);
          await setAuto("");
        }
      }
      const { fault } = await untilFault(box, message);
      expect(fault?.detail).toMatch(detail);
      const { addresses, gateways } = await inForce();
      expect([addresses.length, gateways.length]).toEqual(
        advertisement === null ? [0, 0] : "prefix" in advertisement ? [0, 1] : [1, 0],
      );
      await router.advertise();
      await untilHome(box);
      await expect6([automatic], [router.linkLocal], [gatewayAddress6]);
    },
    240_000,
  );

  it("is left by keys, and LAN has a lease again", async () => {
    await toItem("setup/reset");
    await box.press("ENTER", "DOWN");
    expect(await glass()).toBe("RESET TO IPv4+v6 MODE?");
    await box.press("ENTER", "ENTER");
    await box.untilStatus(({ phase, mode, lan }) => phase === "ready" && mode === "ipv4+v6" && lan.ipv4.length > 0);
    await box.untilScreen("home");
    expect((await box.status()).lan).toMatchObject({ method: "dhcp", gateway: "10.77.0.1", dns: ["10.77.0.1"] });
    const { ipv4 } = await inForce();
    expect(ipv4).toEqual([expect.stringMatching(/^10\.77\.0\.[5-9]\d\/24$/)]);
    // The next advertisement brings it.
    await expect.poll(async () => (await inForce()).addresses).toEqual([automatic]);
  }, 180_000);
});
