import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect } from "vitest";
import type { NetworkState } from "../../src/model/network-state.ts";
import { profileUuids } from "../../src/network/networkmanager/profile.ts";
import { orderDhcp, orderStatic } from "../contract/network-backend.ts";
import { done, never, openRig, useBackend } from "./backend-rig.ts";
import { inLab, labLacks } from "./needs.ts";
import { until } from "./until.ts";

describe.skipIf(labLacks() !== null)(inLab("NetworkManager in trouble under its back end"), () => {
  const { lab, open, perform, lan, nmcli, tell } = useBackend();
  const activating = () =>
    until("an activation under way", async () =>
      /^activating$/m.test(await nmcli("-g", "GENERAL.STATE", "connection", "show", "uuid", profileUuids.lan)),
    );

  /** With all that comes with a lease; the WINS servers are asked for behind. */
  const lanWithWins = () =>
    until("WINS servers", async () => {
      const state = await lan();
      return state.wins.length > 0 ? state : null;
    });

  tell("profiles are in memory only, survive NetworkManager and are used by it alone", async () => {
    await open();
    await perform(orderStatic);
    expect(
      await lab()
        .run(["find", "/etc/NetworkManager/system-connections", "-type", "f"])
        .catch(() => ""),
    ).toBe("");
    for (const disturb of [lab().daemons.restartNetworkManager, lab().daemons.killNetworkManager]) {
      await disturb();
      expect(await lab().kernel.addresses("lan0")).toEqual(["10.77.0.20/24"]);
      await lab().daemons.start();
      await until("NetworkManager as before", async () => {
        const { ipv4, gateway, dns, configured } = await lan();
        return configured && ipv4.length === 1 && gateway === "10.77.0.1" && dns.length === 2;
      });
    }
  });

  tell("NetworkManager and its bus dead: the kernel goes on, orders are refused", async () => {
    await open();
    await perform(orderDhcp);
    const before = await lanWithWins();
    await lab().daemons.killBus();
    expect(await lan()).toEqual(before);
    expect(await perform(orderStatic)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    await lab().daemons.start();
    expect(await perform(orderStatic)).toEqual(done);
    expect(await lab().kernel.addresses("lan0")).toEqual(["10.77.0.20/24"]);
  });

  tell("a back end that began without NetworkManager is told by a bell when it can be read", async () => {
    await open();
    await perform(orderStatic);
    await lab().daemons.killBus();
    const fresh = await openRig(lab());
    try {
      await expect(fresh.backend.observe(never)).rejects.toMatchObject({ name: "HalError", kind: "absent" });
      let seen: NetworkState | null = null;
      fresh.backend.watch(() => {
        fresh.backend.observe(never).then(
          (state) => {
            seen = state;
          },
          () => {},
        );
      });
      await lab().daemons.start();
      await until("a reading that a bell asked for", async () => seen !== null);
      // Only NetworkManager knows that.
      expect(seen).toMatchObject({ lan: { method: "static" } });
    } finally {
      await fresh.close();
    }
  });

  tell(
    "restarted beside a silent server NetworkManager forgets what came with the lease; the reading does not",
    async () => {
      const { serve } = await open();
      await perform(orderDhcp);
      const before = await lanWithWins();
      expect(before).toMatchObject({ dns: ["10.77.0.1"], domain: "lab.example", lease: { server: "10.77.0.1" } });
      await serve(false);
      await lab().daemons.restartNetworkManager();
      await activating();
      expect(await nmcli("-g", "IP4.DNS", "connection", "show", "uuid", profileUuids.lan)).toBe("");
      expect(await lan()).toEqual(before);
      expect(await nmcli("-g", "GENERAL.STATE", "connection", "show", "uuid", profileUuids.lan)).toBe("activating");
    },
  );

  // nmcli notices at once, or waits to the end of its time.
  for (const order of [orderDhcp, { kind: "renew", port: "lan" }] as const) {
    tell(`killed in the middle of an order (${order.kind}) NetworkManager is told as gone`, async () => {
      const { serve } = await open();
      await perform(orderDhcp);
      await serve(false);
      const performing = perform(order);
      await activating();
      await lab().daemons.killNetworkManager();
      expect(await performing).toEqual({
        ok: false,
        error: { kind: "unavailable", detail: expect.stringContaining("lan0: ") },
      });
      await lab().daemons.start();
      expect(await lan()).toMatchObject({ method: "dhcp", configured: true });
    });
  }

  tell("nmcli missing", async () => {
    await open();
    await lab().replaceProgram("/usr/bin/nmcli", "");
    try {
      await expect(lan()).rejects.toThrow('nmcli is missing; install the package "network-manager"');
      expect(await perform(orderDhcp)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    } finally {
      await lab().replaceProgram("/usr/bin/nmcli", null);
    }
    expect(await perform(orderDhcp)).toEqual(done);
  });

  tell("a port that NetworkManager is set up to leave alone is refused, not waited for", async () => {
    await open();
    const file = lab().path("/etc/NetworkManager/conf.d/leave-lan0.conf");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      "[keyfile]\nunmanaged-devices=interface-name:lan0\n[device-all]\nmatch-device=*\nmanaged=0\n",
    );
    try {
      await lab().daemons.restartNetworkManager();
      const detail = expect.stringContaining("NetworkManager is set up not to manage lan0");
      expect(await perform(orderDhcp)).toEqual({ ok: false, error: { kind: "refused", detail } });
    } finally {
      await rm(file);
      await lab().daemons.restartNetworkManager();
    }
    expect(await perform(orderDhcp)).toEqual(done);
  });
});
