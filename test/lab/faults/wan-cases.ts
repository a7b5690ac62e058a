import type { DhcpBehaviour, NameService } from "../gateway.ts";
import { disableProxy, enableProxy, renewDhcp } from "../procedures.ts";
import { asked, type FaultBench, type FaultCase, type FaultCases } from "./fault-case.ts";
import { obeyAgain, refuseConfiguration } from "./refused-configuration.ts";

const renewed = (dhcp: Partial<DhcpBehaviour>) => async (bench: FaultBench) => {
  await bench.lab.gateway.dhcp(dhcp, "wan");
  await renewDhcp(bench.box, "wan");
};
const mend = renewed({});
const names = (service: NameService): Pick<FaultCase<FaultBench>, "provoke" | "mend"> => ({
  provoke: asked(({ lab }) => lab.gateway.names(service)),
  mend: asked(({ lab }) => lab.gateway.names("knows")),
});

/** The box has a lease on either port, and goes by WAN. */
export const wanCases: FaultCases<FaultBench> = {
  "wan-no-carrier": [
    {
      how: "the cable is pulled at the far end",
      provoke: asked(({ lab }) => lab.gateway.cable("wan", false)),
      detail: /^wan0 has no link$/,
    },
  ],
  "wan-no-ipv4-address": [
    {
      how: "the cable is put in, and no DHCP server answers",
      // The box tries again by itself.
      provoke: async ({ lab, box }) => {
        await lab.gateway.dhcp({ answers: false }, "wan");
        await box.untilStatus(({ wan }) => wan?.ipv4.length === 0);
        await lab.gateway.cable("wan", true);
      },
      detail: /^wan0: no lease$/,
      mend,
    },
  ],
  "wan-no-gateway": [
    {
      how: "a lease without option 3",
      provoke: renewed({ router: false }),
      detail: /^the lease of 10\.78\.0\.1 names no router$/,
      mend,
    },
  ],
  "wan-no-dns-servers": [
    {
      how: "a lease without option 6",
      provoke: renewed({ dns: false }),
      detail: /^the lease of 10\.78\.0\.1 names no DNS server$/,
      mend,
    },
  ],
  "wan-invalid-ip": [
    {
      how: "a lease with a router of another subnet",
      provoke: renewed({ router: "10.99.0.1" }),
      detail: /^WAN 10\.78\.0\.\d+\/24 gateway 10\.99\.0\.1 from 10\.78\.0\.1: Gateway not in the subnet$/,
      mend,
    },
  ],
  "lan-wan-same-subnet": [
    {
      how: "a lease whose netmask takes LAN's network in, with a router there",
      provoke: renewed({ netmask: "255.0.0.0", router: "10.77.0.200" }),
      detail: /^LAN 10\.77\.0\.\d+\/24 and WAN 10\.78\.0\.\d+\/8 overlap$/,
      mend,
    },
  ],
  "lan-wan-same-gateway": [
    {
      how: "a lease with LAN's router, which is no way to the platform",
      provoke: async (bench) => {
        await bench.lab.gateway.listens(false);
        await renewed({ router: "10.77.0.1" })(bench);
      },
      detail: /^LAN and WAN both use 10\.77\.0\.1$/,
      mend: async (bench) => {
        await bench.lab.gateway.listens(true);
        await mend(bench);
      },
    },
  ],
  "wan-dns-unreachable": [
    { how: "nobody listens there", ...names("absent"), detail: /^10\.78\.0\.1: refuses DNS queries \(ECONNREFUSED\)$/ },
  ],
  "wan-platform-unresolved": [
    { how: "NXDOMAIN", ...names("NXDOMAIN"), detail: /^10\.78\.0\.1 says NXDOMAIN for platform\.test$/ },
  ],
  "wan-proxy-unresolved": [
    {
      how: "a proxy that nobody knows",
      provoke: ({ box }) => enableProxy(box, "nobody.test", 3128),
      detail: /^10\.78\.0\.1 says REFUSED for nobody\.test$/,
      mend: ({ box }) => disableProxy(box),
    },
  ],
  "wan-not-configured": [
    {
      how: "somebody takes the profile away, and NetworkManager obeys us no more",
      provoke: asked((bench) => refuseConfiguration(bench, "wan")),
      detail: /Insufficient privileges/,
      mend: obeyAgain,
    },
  ],
};
