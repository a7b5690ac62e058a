import { describeRestart } from "./restart.ts";

describeRestart("SIGTERM");
