import { gatewayAddress } from "../gateway.ts";
import type { LabOddProxy } from "../odd-proxy.ts";
import { disableProxy, enableProxy } from "../procedures.ts";
import { enableWan } from "../steps.ts";
import { asked, type FaultBench, type FaultCases } from "./fault-case.ts";

export interface FirstContactBench extends FaultBench {
  readonly odd: LabOddProxy;
  /** Of the box, which cannot write there at first. */
  readonly state: string;
}

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
      detail: /^The device key and certificate in \S+ cannot be read or stored: \S+: EROFS: read-only file system/,
      mend: asked(({ lab, state }) => lab.run(["mount", "-o", "remount,rw", state])),
    },
  ],
  "lan-dns-unreachable, before activation": [
    { how: "nobody listens there", ...names("absent"), detail: /^10\.77\.0\.1: refuses DNS queries \(ECONNREFUSED\)$/ },
  ],
  "lan-platform-unresolved, before activation": [
    { how: "NXDOMAIN", ...names("NXDOMAIN"), detail: /^10\.77\.0\.1 says NXDOMAIN for platform\.test$/ },
  ],
  "wan-dns-unreachable, before activation": [
    {
      how: "nobody listens there",
      ...names("absent"),
      provoke: async ({ lab, box }) => {
        await enableWan(box, "activation");
        await lab.gateway.names("absent");
      },
      detail: /^10\.78\.0\.1: refuses DNS queries \(ECONNREFUSED\)$/,
    },
  ],
  "wan-platform-unresolved, before activation": [
    { how: "NXDOMAIN", ...names("NXDOMAIN"), detail: /^10\.78\.0\.1 says NXDOMAIN for platform\.test$/ },
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
