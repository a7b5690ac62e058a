import { request as httpRequest } from "node:http";
import type { z } from "zod";
import { type Clock, deadline } from "../../hal/clock.ts";
import { failed, ok, type Result } from "../model/result.ts";
import {
  createAnswerSchemas,
  type ErrorDocument,
  type KeysRequest,
  type ScreenDocument,
  type StatusDocument,
} from "./schema.ts";

/** Where the daemon is: its unix socket, or the bench's page address such as `http://127.0.0.1:8080`. */
export type Target =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "url"; readonly url: string };

export interface ClientFailure {
  /** `unreachable`: nobody answers, or not as this API does. `denied`: no permission. `refused`: the request was wrong. `broken`: the daemon failed. */
  readonly kind: "unreachable" | "denied" | "refused" | "broken";
  readonly message: string;
}

/** A checked document, and all of what was sent: a newer daemon may tell more. */
export interface Answer<T> {
  readonly document: T;
  readonly raw: unknown;
}

export interface Client {
  status(signal?: AbortSignal): Promise<Result<Answer<StatusDocument>, ClientFailure>>;
  screen(signal?: AbortSignal): Promise<Result<Answer<ScreenDocument>, ClientFailure>>;
  keys(request: KeysRequest, signal?: AbortSignal): Promise<Result<Answer<ScreenDocument>, ClientFailure>>;
}

const timeoutMs = 10_000;
const maxReplyBytes = 1024 * 1024;

/** Speaks the local API. Each call ends within 10 s. */
export function createClient(target: Target, clock: Clock): Client {
  const schemas = createAnswerSchemas();
  const where = target.kind === "socket" ? target.path : target.url;

  const call = async <T>(
    schema: z.ZodType<T>,
    method: "GET" | "POST",
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<Result<Answer<T>, ClientFailure>> => {
    const limit = deadline(clock, where, timeoutMs, signal);
    let reply: RawReply;
    try {
      reply = await exchange(target, method, path, body, limit.signal);
    } catch (error) {
      return failed(connectionFailure(error, where));
    } finally {
      limit.done();
    }
    return judge(schema, schemas.error, reply, where);
  };

  return {
    status: (signal) => call(schemas.status, "GET", "/v1/status", undefined, signal),
    screen: (signal) => call(schemas.screen, "GET", "/v1/screen", undefined, signal),
    keys: (request, signal) => call(schemas.screen, "POST", "/v1/keys", request, signal),
  };
}

interface RawReply {
  readonly status: number;
  readonly text: string;
}

function exchange(target: Target, method: string, path: string, body: unknown, signal: AbortSignal): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", connection: "close" };
    const options = { method, headers, signal };
    const request =
      target.kind === "socket"
        ? httpRequest({ ...options, socketPath: target.path, path, host: "localhost" })
        : httpRequest(`${target.url.replace(/\/+$/, "")}/api${path}`, options);
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxReplyBytes) response.destroy(new Error(`the reply is longer than ${maxReplyBytes} bytes`));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function judge<T>(
  schema: z.ZodType<T>,
  errorSchema: z.ZodType<ErrorDocument>,
  { status, text }: RawReply,
  where: string,
): Result<Answer<T>, ClientFailure> {
  const raw = parseJson(text);
  if (status === 200) {
    const document = schema.safeParse(raw);
    return document.success
      ? ok({ document: document.data, raw })
      : failed({ kind: "unreachable", message: `${where}: what answers there is not bezel, or another version` });
  }
  const refusal = errorSchema.safeParse(raw);
  if (!refusal.success) {
    return failed({ kind: "unreachable", message: `${where}: what answers there (HTTP ${status}) is not bezel` });
  }
  const kind = status === 403 ? "denied" : status >= 500 ? "broken" : "refused";
  return failed({ kind, message: `${where}: ${refusal.data.error.message}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function connectionFailure(error: unknown, where: string): ClientFailure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") {
    return { kind: "denied", message: `${where}: no permission; use the daemon's user or group` };
  }
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    return { kind: "unreachable", message: `${where}: nobody answers; is the daemon running?` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: "unreachable", message: `${where}: no answer (${reason})` };
}
