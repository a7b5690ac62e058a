import { toJSONSchema } from "zod/mini";
import { createFileSchema } from "./schema.ts";

/** JSON schema of the configuration file, for editors and for `bezel config schema`. */
export function configJsonSchema(): object {
  return toJSONSchema(createFileSchema(), { io: "input" });
}
