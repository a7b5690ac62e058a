import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { factorySettings } from "../../src/model/settings.ts";
import type { Box } from "./box.ts";
import { type ForwardProxy, openForwardProxy } from "./forward-proxy.ts";
import { gatewayAddress } from "./gateway.ts";
import { atThePanel } from "./hand.ts";
import { inForce, split, standard } from "./in-force.ts";
import type { Lab } from "./lab.ts";
import { inLab, lockDownLacks } from "./needs.ts";
import {
  disableWanInterface,
  doneAtHome,
  enableDhcp,
  enableProxy,
  enableStatic,
  renewDhcp,
  resetNetwork,
  restoreLastGood,
  setVlan,
} from "./procedures.ts";
import { leased, openActivatedBox, untilHome } from "./steps.ts";
import { until } from "./until.ts";

const limitMs = 120_000;
const nmcli = "/usr/bin/nmcli";
const leasedByWan = expect.stringMatching(/^10\.78\.0\.[5-9]\d\/24$/);
const account = { user: "anna", password: "a:b@c%" };

describe.skipIf(lockDownLacks() !== null)(inLab("WAN on and off, and the ways back", lockDownLacks()), () => {
  let lab: Lab;
  let box: Box;
  let proxy: ForwardProxy;
  beforeAll(async () => {
    ({ lab, box } = await openActivatedBox({ user: true }, async (opened) => {
      proxy = await openForwardProxy(opened);
      await proxy.ask(account);
      await opened.run(["cp", nmcli, `${opened.folder}/nmcli`]);
    }));
  }, limitMs);
  afterEach(async () => {
    await lab.replaceProgram(nmcli, null);
  });
  afterAll(() => lab?.close());

  const tell = (name: string, run: () => Promise<void>) => it(name, run, limitMs);
  /** nmcli does nothing of what these words of a shell pattern name until it is let go; tells when it has been asked to. */
  const hold = async (pattern: string) => {
    // In the box's own folder, where its account may write.
    const [asked, go] = [`${lab.folder}/box/asked`, `${lab.folder}/box/go`];
    await lab.run(["rm", "-f", asked, go]);
    await lab.replaceProgram(
      nmcli,
      `case "$*" in
      *"${pattern}"*) touch "${asked}"; while ! test -e "${go}"; do sleep 0.1; done;;
      esac
      exec "${lab.folder}/nmcli" "$@"`,
    );
    return {
      untilAsked: () => until("nmcli to be asked", async () => existsSync(asked)),
      letGo: () => lab.run(["touch", go]),
    };
  };

  /** The notice that stands on the glass, page by page. */
  const readPages = async () => {
    const pages: string[] = [];
    for (let seen = ""; seen !== pages.at(-1); ) {
      if (seen !== "") pages.push(seen);
      seen = (pages.length === 0 ? await box.screen() : await box.press("DOWN")).lines.join(" ");
      seen = seen.replaceAll(/[←→↑↓↵↔↕\s]+/g, " ").trim();
    }
    return pages.join(" ");
  };

  tell("a VLAN that this kernel does not have is refused on the glass, and the network before stands", async () => {
    const before = await inForce(lab);
    const settings = await box.settings();
    await setVlan(box, 20);
    await atThePanel(box).sees("CHANGE UNDONE");
    expect(box.log()).toContain("network: the change is reverted");
    expect(await box.settings()).toEqual(settings);
    expect(before).toEqual({ ...standard, lan: [leased] });
    await expect.poll(() => inForce(lab)).toEqual(before);
    await box.press("ENTER");
    await untilHome(box);
  });

  tell("RENEW DHCP ON WAN asks for a lease of WAN", async () => {
    await doneAtHome(box, enableDhcp(box, "wan"));
    await lab.gateway.dhcp({ leaseSeconds: 86_400 });
    const lan = await lab.kernel.lifetimeSeconds("lan0");
    expect(await lab.kernel.lifetimeSeconds("wan0")).toBeLessThanOrEqual(3600);
    await renewDhcp(box, "wan");
    await until("a new lease", async () => ((await lab.kernel.lifetimeSeconds("wan0")) ?? 0) > 3600);
    await untilHome(box);
    expect(await inForce(lab)).toEqual({ ...split, lan: [leased], wan: [leasedByWan] });
    expect(await lab.kernel.lifetimeSeconds("lan0")).toBeLessThanOrEqual(lan ?? 0);
  });

  tell("DISABLE WAN INTERFACE leaves nothing of it, and management is on LAN", async () => {
    await doneAtHome(box, disableWanInterface(box));
    await expect.poll(() => inForce(lab)).toEqual({ ...standard, lan: [leased] });
    expect((await box.settings()).wan).toBeNull();
    expect(lab.gateway.platform.appliances()[0]?.lastPoll?.request.network.wan).toBeNull();
  });

  tell("RESTORE LAST GOOD brings a split network back that reached the platform", async () => {
    await doneAtHome(box, enableStatic(box, "wan", "10.78.0.20"));
    const good = { ...split, lan: [leased], wan: ["10.78.0.20/24"] };
    await expect.poll(() => inForce(lab)).toEqual(good);
    // Nobody is there: the settings are kept, and do not reach the platform.
    await enableProxy(box, "10.78.0.99", 3128);
    await box.untilStatus(({ phase, fault }) => phase !== "contacting" && fault !== null, 90_000);
    expect((await box.settings()).proxy).toMatchObject({ host: "10.78.0.99" });
    await doneAtHome(box, restoreLastGood(box));
    expect((await box.settings()).proxy).toBeNull();
    expect(await inForce(lab)).toEqual(good);
  });

  tell("a change at the panel while an order runs is refused with the reason, and the other way round", async () => {
    const route = { destination: "198.51.100.0/24", gateway: "10.78.0.9", via: "wan" };
    const order = (revision: number) => ({ schema: 1, revision, items: [{ id: "r1", kind: "route", value: route }] });
    const settings = await box.settings();
    const first = await hold("connection modify");
    const ordered = box.order(order(1));
    await first.untilAsked();
    await enableStatic(box, "wan", "10.78.0.21");
    await atThePanel(box).sees("NOT DONE");
    expect(await readPages()).toBe("NOT DONE: an order of the platform is under way");
    await first.letGo();
    expect(await ordered).toMatchObject({ outcome: "kept" });
    await box.press("ENTER");
    await untilHome(box);
    expect(await box.settings()).toMatchObject({ wan: settings.wan, scan: { revision: 1 } });
    expect((await box.status()).faults[0]?.detail).toContain("an order of the platform is under way");

    await lab.replaceProgram(nmcli, null);
    const second = await hold("connection up");
    await enableStatic(box, "wan", "10.78.0.22");
    await second.untilAsked();
    const refused = await box.order(order(2));
    expect(refused).toMatchObject({ outcome: "busy", reason: "a change of the settings is under way" });
    await second.letGo();
    await untilHome(box);
    expect(await lab.kernel.addresses("wan0")).toEqual(["10.78.0.22/24"]);
    expect((await box.settings()).scan.revision).toBe(1);
  });

  tell(
    "RESET ALL SETTINGS that is cut short by SIGKILL rolls forward to the factory's settings, activation kept",
    async () => {
      await doneAtHome(box, enableStatic(box, "lan", "10.77.0.20"));
      await doneAtHome(box, enableProxy(box, gatewayAddress, proxy.port, account));
      expect((await proxy.asked()).at(-1)).toBe("10.78.0.22 200 platform.test:443");
      const middle = await hold("connection up");
      await resetNetwork(box, "all");
      await middle.untilAsked();
      // WAN has gone, and LAN is what it was.
      expect(await inForce(lab)).toMatchObject({ wan: [], rules: [], rules6: [], lan: ["10.77.0.20/24"] });
      await box.stop("SIGKILL");
      await lab.replaceProgram(nmcli, null);
      await box.start();
      await untilHome(box);
      expect(await box.settings()).toEqual(factorySettings());
      await expect.poll(() => inForce(lab)).toEqual({ ...standard, lan: [leased] });
      expect(lab.gateway.platform.appliances()).toHaveLength(1);
      expect((await lab.run(["sh", "-c", `cat ${lab.folder}/box/state/settings/*`])).includes(account.password)).toBe(
        false,
      );
      expect((await box.screen()).lines[0]).toContain("lab_box");
    },
  );
});
