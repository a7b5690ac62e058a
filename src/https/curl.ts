import type { Processes } from "../../hal/processes.ts";
import { failed, ok, type Result } from "../model/result.ts";
import { curlConfig, curlLookConfig } from "./curl-config.ts";
import { lookOutcome } from "./curl-look.ts";
import { curlOutcome, missingCurl } from "./curl-outcome.ts";
import type { Https } from "./https.ts";

/** `-q` comes first and keeps any curlrc out; all else, secrets too, is read from standard input. */
const argv = ["curl", "-q", "--config", "-"] as const;

/** curl keeps its own limits; this is for one that hangs all the same. */
const overtimeMs = 2000;

/** Room for the report on standard error, whatever the limit of the reply is. */
const reportBytes = 65_536;

/** Headers, which curl limits to 300 KB a response, and a chain of certificates. */
const lookBytes = 1024 * 1024;

function notStarted(error: unknown): { readonly kind: "unavailable"; readonly message: string } {
  return { kind: "unavailable", message: `curl could not be started: ${String(error)}` };
}

/** HTTPS by curl(1), one child a request. Rejects only with a RangeError for a request that the caller has not validated. */
export function createCurlHttps({ processes }: { readonly processes: Processes }): Https {
  return {
    request: async (request) => {
      const config = curlConfig(request);
      const { maxReplyBytes, totalTimeoutMs, showsCertificates = false, body, signal } = request;
      try {
        const ended = await processes.run(argv, {
          inputs: body === null ? { 0: config } : { 0: config, 3: body },
          timeoutMs: totalTimeoutMs + overtimeMs,
          maxOutputBytes: Math.max(maxReplyBytes, showsCertificates ? lookBytes : reportBytes),
          stdoutEncoding: "latin1",
          ...(signal === undefined ? {} : { signal }),
        });
        return curlOutcome(ended, request);
      } catch (error) {
        return notStarted(error);
      }
    },
    look: async (request) => {
      const config = curlLookConfig(request);
      const { totalTimeoutMs, signal } = request;
      try {
        const ended = await processes.run(argv, {
          inputs: { 0: config },
          timeoutMs: totalTimeoutMs + overtimeMs,
          maxOutputBytes: lookBytes,
          stdoutEncoding: "latin1",
          ...(signal === undefined ? {} : { signal }),
        });
        return lookOutcome(ended, totalTimeoutMs);
      } catch (error) {
        return notStarted(error);
      }
    },
  };
}

export interface CurlInfo {
  readonly version: string;
  /** curl drops NTLM from its default build; without it a proxy that offers nothing else cannot be used. */
  readonly ntlm: boolean;
}

/** `%{errormsg}` came with 7.75. */
const oldestVersion = [7, 75] as const;

/** What curl can do, or a sentence that says what is missing. For the start: it takes some milliseconds. */
export async function probeCurl(processes: Processes): Promise<Result<CurlInfo, string>> {
  const ended = await processes.run(["curl", "-q", "--version"], { timeoutMs: 10_000 }).catch(String);
  if (typeof ended === "string") return failed(`curl could not be started: ${ended}`);
  if (ended.kind === "notFound") return failed(missingCurl);
  const match = ended.kind === "exited" && ended.code === 0 ? /^curl (\d+)\.(\d+)\.\S+/.exec(ended.stdout) : null;
  if (ended.kind !== "exited" || match === null) return failed('"curl --version" does not answer as curl does');
  const [line, major, minor] = match;
  const version = line.slice("curl ".length);
  const listed = (title: string) =>
    new RegExp(`^${title}: (.*)$`, "m").exec(ended.stdout)?.[1]?.toLowerCase().split(" ") ?? [];
  const [oldestMajor, oldestMinor] = oldestVersion;
  if (Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor)) {
    return failed(`curl ${version} is too old; ${oldestMajor}.${oldestMinor} or newer is needed`);
  }
  if (!listed("Protocols").includes("https")) return failed(`curl ${version} was built without https`);
  return ok({ version, ntlm: listed("Features").includes("ntlm") });
}
