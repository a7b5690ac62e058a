import { describeKept } from "./settings-kept.ts";

describeKept("wan");
