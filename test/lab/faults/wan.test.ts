import { enableWan, openActivatedBox } from "../steps.ts";
import { provokeRows } from "./fault-case.ts";
import { wanCases } from "./wan-cases.ts";

provokeRows(
  "wan",
  async () => {
    const bench = await openActivatedBox({ user: true });
    await enableWan(bench.box);
    return bench;
  },
  wanCases,
);
