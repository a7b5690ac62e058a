import { expect, it } from "vitest";
import { HalError } from "../../../hal/errors.ts";
import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles } from "../../../hal/mock/memory-files.ts";
import { defaultConfig } from "../../../src/config/load.ts";
import { planChange } from "../../../src/main/plan-change.ts";
import { silentLog } from "../../../src/model/log.ts";
import { failed, ok } from "../../../src/model/result.ts";
import { factorySettings } from "../../../src/model/settings.ts";
import { describeScanSteps } from "../../../src/network/scan/describe.ts";
import type { ScanWish } from "../../../src/network/scan/scan-network.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { createModelBackend } from "../../support/model-backend.ts";
import { createModelScans } from "../../support/model-scans.ts";

it("says what brings the machine to the stored settings, and does none of it", async () => {
  const backend = createModelBackend();
  const parts = { backend, scanNetwork: createModelScans(), files: createMemoryFiles(), clock: createFakeClock() };
  expect(await planChange(defaultConfig(), parts)).toEqual({ ok: true, value: "configure LAN: DHCP\n" });
  expect(backend.operations).toEqual([]);
});

it("says why the machine cannot be read", async () => {
  const backend = createModelBackend();
  backend.blind(new HalError("absent", "NetworkManager", "is not running"));
  const parts = { backend, scanNetwork: createModelScans(), files: createMemoryFiles(), clock: createFakeClock() };
  expect(await planChange(defaultConfig(), parts)).toEqual({ ok: false, error: "NetworkManager: is not running" });
});

it("tells what becomes of the networks of the scans, by ranges of their tags", async () => {
  const backend = createModelBackend();
  const files = createMemoryFiles();
  const clock = createFakeClock();
  const store = await openSettingsStore({ files, directory: "/var/lib/bezel/settings", clock, log: silentLog });
  const vlans = [2, 3, 4, 9].map((tag) => ({
    id: `v${tag}`,
    tag,
    address: `10.1.${tag}.2`,
    prefixLength: 24,
    ipv6: null,
  }));
  const begun = await store.begin({ ...factorySettings(), scan: { revision: 1, vlans, routes: [] } });
  if (!begun.ok) throw new Error(begun.error);
  await begun.value.commit();
  const holds = [
    { tag: 3, up: true, going: false, addresses: ["10.1.3.2/24"], refuted: [] },
    { tag: 4, up: true, going: false, addresses: ["10.1.4.9/24"], refuted: [] },
    { tag: 7, up: true, going: false, addresses: [], refuted: [] },
  ];
  const plan = async (wish: ScanWish) => ok(describeScanSteps(wish, { links: holds, routes: [] }));
  expect(await planChange(defaultConfig(), { backend, scanNetwork: { plan }, files, clock })).toEqual({
    ok: true,
    value: `configure LAN: DHCP
take away VLAN of scans: 7
make VLANs of scans: 2, 9
change VLAN of scans: 4
`,
  });
  const refused = async () => failed({ kind: "unavailable" as const, detail: "there is no namespace scan" });
  expect(await planChange(defaultConfig(), { backend, scanNetwork: { plan: refused }, files, clock })).toEqual({
    ok: true,
    value: "configure LAN: DHCP\nnetworks of scans: cannot be told, there is no namespace scan\n",
  });
});
