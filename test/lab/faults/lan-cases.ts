import type { NameService } from "../gateway.ts";
import type { Host } from "../host.ts";
import { enableDhcp, enableStatic, renewDhcp, resetNetwork } from "../procedures.ts";
import { openRouter, type Router } from "../router.ts";
import { until } from "../until.ts";
import { asked, type FaultBench, type FaultCase, type FaultCases } from "./fault-case.ts";
import { obeyAgain, refuseConfiguration } from "./refused-configuration.ts";

export interface LanBench extends FaultBench {
  /** Another machine on LAN. */
  readonly host: Host;
}

const renewed = (dhcp: Parameters<LanBench["lab"]["gateway"]["dhcp"]>[0]) => async (bench: LanBench) => {
  await bench.lab.gateway.dhcp(dhcp);
  await renewDhcp(bench.box, "lan");
};
const mend = renewed({});
const names = (service: NameService): Pick<FaultCase<LanBench>, "provoke" | "mend"> => ({
  provoke: asked(({ lab }) => lab.gateway.names(service)),
  mend: asked(({ lab }) => lab.gateway.names("knows")),
});

/** A cable that is pulled takes the IPv6 addresses of its far end along: it comes when no more are pulled. */
let router: Router | null = null;

export const lanCases: FaultCases<LanBench> = {
  "lan-no-carrier": [
    {
      how: "the cable is pulled at the far end",
      provoke: asked(({ lab }) => lab.gateway.cable("lan", false)),
      detail: /^lan0 has no link$/,
    },
  ],
  "lan-no-ipv4-address": [
    {
      how: "the cable is put in, and no DHCP server answers",
      // The box tries again by itself.
      provoke: async ({ lab }) => {
        await lab.gateway.dhcp({ answers: false });
        await until("the lease to be given up", async () => (await lab.kernel.addresses("lan0")).length === 0);
        await lab.gateway.cable("lan", true);
      },
      detail: /^lan0: no lease$/,
      mend,
    },
  ],
  "lan-no-gateway": [
    {
      how: "a lease without option 3",
      provoke: renewed({ router: false }),
      detail: /^the lease of 10\.77\.0\.1 names no router$/,
      mend,
    },
  ],
  "lan-no-dns-servers": [
    {
      how: "a lease without option 6",
      provoke: renewed({ dns: false }),
      detail: /^the lease of 10\.77\.0\.1 names no DNS server$/,
      mend,
    },
  ],
  "lan-invalid-ip": [
    {
      how: "a lease with a router of another subnet",
      provoke: renewed({ router: "10.99.0.1" }),
      detail: /^LAN 10\.77\.0\.\d+\/24 gateway 10\.99\.0\.1 from 10\.77\.0\.1: Gateway not in the subnet$/,
      mend,
    },
  ],
  "duplicate-ip": [
    {
      how: "another machine answers for the fixed address",
      provoke: async ({ box, host }) => {
        await host.holdAddress("10.77.0.20/24", true);
        await enableStatic(box, "lan", "10.77.0.20");
      },
      detail: async ({ host }) => `LAN 10.77.0.20 is used by ${host.mac}`,
      mend: async ({ box, host }) => {
        await host.holdAddress("10.77.0.20/24", false);
        await enableDhcp(box, "lan");
      },
    },
  ],
  "lan-dns-unreachable": [
    { how: "nobody listens there", ...names("absent"), detail: /^10\.77\.0\.1: refuses DNS queries \(ECONNREFUSED\)$/ },
    {
      how: "a packet filter drops the questions",
      ...names("silent"),
      detail: /^10\.77\.0\.1: no answer \(ETIMEOUT\)$/,
    },
  ],
  "lan-platform-unresolved": (["NXDOMAIN", "REFUSED", "SERVFAIL"] as const).map((service) => ({
    how: service,
    ...names(service),
    detail: new RegExp(`^10\\.77\\.0\\.1 says ${service} for platform\\.test$`),
  })),
  "lan-not-configured": [
    {
      how: "somebody takes the profile away, and NetworkManager obeys us no more",
      provoke: asked((bench) => refuseConfiguration(bench, "lan")),
      detail: /Insufficient privileges/,
      mend: obeyAgain,
    },
  ],
  "lan-no-ipv6-address": [
    {
      how: "IPv6 only, and the router advertises no prefix",
      provoke: async ({ lab, box }) => {
        router ??= await openRouter(lab);
        await router.advertise({ prefix: null });
        await resetNetwork(box, "mode");
      },
      detail: /^lan0: router fe80::\S+ advertises no prefix$/,
      mend: async () => router?.advertise(),
    },
  ],
};
