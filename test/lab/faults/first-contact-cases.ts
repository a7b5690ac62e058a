import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { factorySettings, type Settings } from "../../../src/model/settings.ts";
import { encodeDocument } from "../../../src/settings/document.ts";
import { storeFiles } from "../../../src/settings/recover.ts";
import { schemaVersion } from "../../../src/settings/schema.ts";
import { gatewayAddress } from "../gateway.ts";
import type { LabOddProxy } from "../odd-proxy.ts";
import { disableProxy, enableDhcp, enableProxy } from "../procedures.ts";
import { activateOnSight, enableWan } from "../steps.ts";
import { asked, type FaultBench, type FaultCases } from "./fault-case.ts";

export interface FirstContactBench extends FaultBench {
  readonly odd: LabOddProxy;
  /** Of the box, which cannot write there at first. */
  readonly state: string;
}

const loopback = {
  method: "static",
  address: "127.0.0.1",
  prefixLength: 8,
  gateway: "127.0.0.2",
  domain: null,
} as const;
/** What no key of the panel takes: from a store that somebody wrote to, with the right checksum. */
const impossible: Settings = {
  ...factorySettings(),
  lan: { ...factorySettings().lan, ipv4: { ...loopback, dns: ["127.0.0.1"], wins: [] } },
  wan: { link: "auto", ipv4: { ...loopback, dns: ["127.0.0.1"], wins: [] } },
  proxy: { host: "0.0.0.0", port: 3128, user: null, passwordRef: null },
};
const names = (service: "absent" | "NXDOMAIN") => ({
  provoke: asked(({ lab }: FirstContactBench) => lab.gateway.names(service)),
  mend: asked(({ lab }: FirstContactBench) => lab.gateway.names("knows")),
});

/** The life of a new box, whose curl was built without NTLM. */
export const firstContactCases: FaultCases<FirstContactBench> = {
  "device-certificate-missing": [
    {
      how: "the first start, with a state directory that is read-only",
      provoke: async () => {},
      detail: /^The device key and certificate in \S+ cannot be read or stored: .*read-only.*Mount it writable/i,
      mend: asked(({ lab, state }) => lab.run(["mount", "-o", "remount,rw", state])),
    },
  ],
  "lan-dns-unreachable, before activation": [
    { how: "nobody listens there", ...names("absent"), detail: /^10\.77\.0\.1: ECONNREFUSED$/ },
  ],
  "lan-platform-unresolved, before activation": [
    { how: "NXDOMAIN", ...names("NXDOMAIN"), detail: /^10\.77\.0\.1 says ENOTFOUND for platform\.test$/ },
  ],
  "wan-dns-unreachable, before activation": [
    {
      how: "nobody listens there",
      ...names("absent"),
      provoke: async ({ lab, box }) => {
        await enableWan(box, "activation");
        await lab.gateway.names("absent");
      },
      detail: /^10\.78\.0\.1: ECONNREFUSED$/,
    },
  ],
  "wan-platform-unresolved, before activation": [
    { how: "NXDOMAIN", ...names("NXDOMAIN"), detail: /^10\.78\.0\.1 says ENOTFOUND for platform\.test$/ },
  ],
  "lan-invalid-ip, loopback": [
    {
      how: "a store that somebody wrote to",
      provoke: async ({ lab, box, state }) => {
        activateOnSight(lab);
        await box.stop();
        const file = join(lab.path(state), "settings", storeFiles.current);
        const [body = ""] = (await readFile(file, "utf8")).split("\n");
        const { revision } = JSON.parse(body) as { revision: number };
        const document = { schema: schemaVersion, revision, savedAt: new Date().toISOString(), settings: impossible };
        await writeFile(file, encodeDocument(document));
        await box.start();
      },
      detail: /^LAN 127\.0\.0\.1\/8: 127\.x\.x\.x is this box itself$/,
    },
  ],
  "wan-invalid-ip, loopback": [
    {
      how: "LAN is set right by keys",
      provoke: ({ box }) => enableDhcp(box, "lan"),
      detail: /^WAN 127\.0\.0\.1\/8: 127\.x\.x\.x is this box itself$/,
    },
  ],
  "proxy-invalid-ip": [
    {
      how: "WAN is set right by keys",
      provoke: ({ box }) => enableDhcp(box, "wan"),
      detail: /^0\.0\.0\.0:3128: 0\.x\.x\.x is no host address$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
  "proxy-ntlm-missing": [
    {
      how: "the proxy offers nothing else",
      provoke: async ({ box, odd }) => {
        await odd.play({ kind: "asks", offers: ["NTLM"], answer: { kind: "status", status: 407 } });
        await enableProxy(box, gatewayAddress, odd.port, { user: "LAB\\anna", password: "secret" });
      },
      detail: /^proxy 10\.77\.0\.1:3129 answered 407 for platform\.test; it offers NTLM, and this curl lacks NTLM$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
};
