import { createFakeClock } from "../../../hal/mock/fake-clock.ts";
import { createMemoryFiles, type MemoryFiles } from "../../../hal/mock/memory-files.ts";
import type { Facts } from "../../../src/model/facts.ts";
import { silentLog } from "../../../src/model/log.ts";
import { createNetworkService } from "../../../src/network/service.ts";
import { openSettingsStore } from "../../../src/settings/store.ts";
import { createModelBackend } from "../../support/model-backend.ts";
import { createModelScans } from "../../support/model-scans.ts";

type Published = Partial<
  Pick<
    Facts,
    "network" | "networkUnread" | "configurationRefused" | "settings" | "storage" | "scanNetworks" | "lastOrder"
  >
>;

/** A network service on the smallest machine there is. */
export async function someService(files: MemoryFiles = createMemoryFiles()) {
  const clock = createFakeClock();
  const backend = createModelBackend();
  const store = await openSettingsStore({ files, directory: "/state/settings", clock, log: silentLog });
  const published: Published[] = [];
  const scans = createModelScans();
  const service = createNetworkService({
    backend,
    scan: scans,
    limits: { mostVlans: 4094 },
    store,
    clock,
    log: silentLog,
    publish: (change) => published.push(change),
  });
  /** What the facts would say. */
  const facts = (): Published => Object.assign({}, ...published);
  return { clock, backend, scans, store, service, published, facts };
}

export async function startedService(files?: MemoryFiles) {
  const parts = await someService(files);
  await parts.service.start();
  return parts;
}
