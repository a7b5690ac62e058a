import { request as httpRequest } from "node:http";
import type { z } from "zod";
import { type Clock, deadline } from "../../hal/clock.ts";
import { failed, ok, type Result } from "../model/result.ts";
import {
  type CancellationDocument,
  createAnswerSchemas,
  type ErrorDocument,
  type KeysRequest,
  type OrderReportDocument,
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
  /** `document` is JSON. Answers when the order has ended, which may take minutes: without a signal there is no limit. */
  order(document: string, signal?: AbortSignal): Promise<Result<Answer<OrderReportDocument>, ClientFailure>>;
  cancelOrder(signal?: AbortSignal): Promise<Result<Answer<CancellationDocument>, ClientFailure>>;
}

const timeoutMs = 10_000;
const maxReplyBytes = 1024 * 1024;
/** 5000 results of some hundred characters. */
const maxReportBytes = 4 * 1024 * 1024;

/** Speaks the local API. Each call but `order` ends within 10 s. */
export function createClient(target: Target, clock: Clock): Client {
  const schemas = createAnswerSchemas();
  const where = target.kind === "socket" ? target.path : target.url;

  const ask = async <T>(
    schema: z.ZodType<T>,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Result<Answer<T>, ClientFailure>> => {
    try {
      return judge(schema, schemas.error, await exchange(target, request, signal), where);
    } catch (error) {
      return failed(connectionFailure(error, where));
    }
  };
  const askSoon = async <T>(schema: z.ZodType<T>, request: Request, signal?: AbortSignal) => {
    const limit = deadline(clock, where, timeoutMs, signal);
    try {
      return await ask(schema, request, limit.signal);
    } finally {
      limit.done();
    }
  };

  return {
    status: (signal) => askSoon(schemas.status, { method: "GET", path: "/v1/status" }, signal),
    screen: (signal) => askSoon(schemas.screen, { method: "GET", path: "/v1/screen" }, signal),
    keys: (request, signal) =>
      askSoon(schemas.screen, { method: "POST", path: "/v1/keys", body: JSON.stringify(request) }, signal),
    order: (document, signal) =>
      ask(
        schemas.report,
        { method: "POST", path: "/v1/settings", body: document, maxReplyBytes: maxReportBytes },
        signal,
      ),
    cancelOrder: (signal) => askSoon(schemas.cancellation, { method: "DELETE", path: "/v1/settings" }, signal),
  };
}

interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  readonly maxReplyBytes?: number;
}

interface RawReply {
  readonly status: number;
  readonly text: string;
}

function exchange(
  target: Target,
  { method, path, body, maxReplyBytes: maxBytes = maxReplyBytes }: Request,
  signal: AbortSignal | undefined,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", connection: "close" };
    const options = { method, headers, ...(signal === undefined ? {} : { signal }) };
    const request =
      target.kind === "socket"
        ? httpRequest({ ...options, socketPath: target.path, path, host: "localhost" })
        : httpRequest(`${target.url.replace(/\/+$/, "")}/api${path}`, options);
    // Node says of every signal that the operation was aborted.
    request.on("error", (error) => reject(signal?.aborted ? signal.reason : error));
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxBytes) response.destroy(new Error(`the reply is longer than ${maxBytes} bytes`));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end(body);
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
