import { plugHost } from "../host.ts";
import { openActivatedBox } from "../steps.ts";
import { provokeRows } from "./fault-case.ts";
import { lanCases } from "./lan-cases.ts";

provokeRows(
  "lan",
  async () => {
    const bench = await openActivatedBox();
    return { ...bench, host: await plugHost(bench.lab, "lan", "host") };
  },
  lanCases,
);
