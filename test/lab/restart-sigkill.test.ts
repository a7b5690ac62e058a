import { describeRestart } from "./restart.ts";

describeRestart("SIGKILL");
