import { createAuthority } from "../../support/certificates.ts";
import { openForwardProxy } from "../forward-proxy.ts";
import { openLabOddProxy } from "../odd-proxy.ts";
import { openActivatedBox } from "../steps.ts";
import { provokeRows } from "./fault-case.ts";
import { proxyCases } from "./proxy-cases.ts";

provokeRows(
  "proxy",
  async () => {
    const stranger = await createAuthority("Corporate Proxy CA");
    const bench = await openActivatedBox();
    return { ...bench, squid: await openForwardProxy(bench.lab), odd: await openLabOddProxy(bench.lab), stranger };
  },
  proxyCases,
);
