import { createMockFileSystems } from "../../../hal/mock/file-systems.ts";
import { describeFileSystems } from "../../contract/file-systems.ts";

describeFileSystems("mock", (state) => createMockFileSystems(() => state));
