import { describeKept } from "./settings-kept.ts";

describeKept("lan");
