import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { factorySettings, type Settings, type StaticIpv4 } from "../../../src/model/settings.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { storeFiles } from "../../../src/settings/recover.ts";
import { schemaVersion } from "../../../src/settings/schema.ts";
import { disableProxy, disableWanInterface, enableDhcp } from "../procedures.ts";
import type { FaultBench, FaultCases } from "./fault-case.ts";

const loopback: StaticIpv4 = {
  ...{ method: "static", address: "127.0.0.1", prefixLength: 8, gateway: "127.0.0.2" },
  ...{ dns: ["127.0.0.1"], wins: [], domain: null },
};
const factory = factorySettings();
let revision = 0;

/** The box starts with settings that no key takes: somebody wrote to its store, with the right checksum. */
const written =
  (change: Partial<Settings>) =>
  async ({ lab, box }: FaultBench): Promise<void> => {
    await box.stop();
    revision += 100;
    const folder = join(lab.folder, "box", "state", "settings");
    await mkdir(folder, { recursive: true });
    const savedAt = new Date().toISOString();
    const document = { schema: schemaVersion, revision, savedAt, settings: { ...factory, ...change } };
    await writeFile(join(folder, storeFiles.current), encodeDocument(document));
    await box.start();
  };
const how = "a store that somebody wrote to";

/** A box that does not run yet. */
export const storeCases: FaultCases<FaultBench> = {
  "proxy-invalid-ip": [
    {
      how,
      provoke: written({ proxy: { host: "0.0.0.0", port: 3128, user: null, passwordRef: null } }),
      detail: /^0\.0\.0\.0:3128: 0\.x\.x\.x is no host address$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
  "lan-invalid-ip, loopback": [
    {
      how,
      provoke: written({ lan: { ...factory.lan, ipv4: loopback } }),
      detail: /^LAN 127\.0\.0\.1\/8: 127\.x\.x\.x is this box itself$/,
      mend: ({ box }) => enableDhcp(box, "lan"),
    },
  ],
  "wan-invalid-ip, loopback": [
    {
      how,
      provoke: written({ wan: { link: "auto", ipv4: loopback } }),
      detail: /^WAN 127\.0\.0\.1\/8: 127\.x\.x\.x is this box itself$/,
      mend: ({ box }) => disableWanInterface(box),
    },
  ],
};
