import { openBox } from "../box.ts";
import { openLab } from "../lab.ts";
import { activateOnSight } from "../steps.ts";
import { provokeRows } from "./fault-case.ts";
import { storeCases } from "./store-cases.ts";

provokeRows(
  "store",
  async () => {
    const lab = await openLab();
    activateOnSight(lab);
    return { lab, box: await openBox(lab) };
  },
  storeCases,
);
