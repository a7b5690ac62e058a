import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import type { HttpsOutcome } from "../../src/https/https.ts";
import { pollPath } from "../../src/uplink/protocol.ts";

/** Judges real messages by docs/platform-api.yaml alone: what is wrong with a request's body (null: not judged) and the reply to it. */
export function describeByApi(): (request: Uint8Array | null, outcome: HttpsOutcome) => string[] {
  const text = readFileSync(new URL("../../docs/platform-api.yaml", import.meta.url), "utf8");
  const api = parse(text);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: "api", ...api });
  const poll = `api#/paths/${pollPath.replaceAll("/", "~1")}/post`;
  const content = "content/application~1json/schema";

  const judge = (what: string, pointer: string, bytes: Uint8Array): string[] => {
    const validate = ajv.getSchema(pointer);
    if (validate === undefined) return [`${what}: not described`];
    if (validate(JSON.parse(Buffer.from(bytes).toString()))) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${what} ${instancePath}: ${message}`);
  };
  return (request, outcome) => [
    ...(request === null ? [] : judge("request", `${poll}/requestBody/${content}`, request)),
    ...(outcome.kind === "reply"
      ? judge(`reply ${outcome.status}`, `${poll}/responses/${outcome.status}/${content}`, outcome.body)
      : []),
  ];
}
