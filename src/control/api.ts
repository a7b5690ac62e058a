import type { z } from "zod";
import type { Stop } from "../../hal/clock.ts";
import type { Facts } from "../model/facts.ts";
import type { Frame } from "../model/frame.ts";
import type { PanelInput } from "../model/key.ts";
import type { Log } from "../model/log.ts";
import type { OrderReport } from "../model/order.ts";
import type { Result } from "../model/result.ts";
import { parseKeys, parseText } from "./keys.ts";
import { createKeysRequestSchema, type ErrorDocument, type ErrorKind, maxOrderBytes } from "./schema.ts";
import { screenOf } from "./screen.ts";
import { reportOf, settingsOf } from "./settings.ts";
import { statusOf } from "./status.ts";

/** The appliance, as far as a local client may reach it. */
export interface Controllable {
  facts(): Facts;
  frame(): Frame;
  /** Handles the inputs in order and returns the picture after the last one; effects that they start go on behind it. */
  input(inputs: readonly PanelInput[]): Frame;
  /** An entry field is open: characters belong to it. */
  takesText(): boolean;
  /**
   * Carries out a document of the platform's settings and answers when that has ended; what is wrong with it, or that it comes
   * at a bad time, is in the report.
   */
  order(document: unknown): Promise<OrderReport>;
  /** Takes back the order that is being carried out, unless it is in force already; false: there is none. */
  cancelOrder(): boolean;
  /** Calls `changed` after facts or picture have changed. */
  subscribe(changed: () => void): Stop;
}

/** Events of which only the newest of each name counts. */
export interface EventFeed {
  /** The state now, as one event a name, in the order of sending. */
  current(): readonly { readonly name: string; readonly data: unknown }[];
  subscribe(changed: () => void): Stop;
}

export interface JsonReply {
  readonly kind: "json";
  readonly status: number;
  readonly body: unknown;
  readonly allow?: string;
}

export type Reply = JsonReply | { readonly kind: "events"; readonly feed: EventFeed };

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Matched whole, without a prefix or a query. */
  readonly path: string;
  /** What its body may have; absent: 256 KiB. */
  readonly maxBodyBytes?: number;
  /** `body` is the parsed JSON; undefined for GET and DELETE. What it throws is our own bug and becomes a 500. */
  handle(body: unknown): Reply | Promise<Reply>;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

const statusByKind: Readonly<Record<ErrorKind, number>> = {
  "bad-request": 400,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "too-large": 413,
  busy: 503,
  internal: 500,
};

export function done(body: unknown): JsonReply {
  return { kind: "json", status: 200, body };
}

export function refuse(kind: ErrorKind, message: string): JsonReply {
  const body: ErrorDocument = { error: { kind, message } };
  return { kind: "json", status: statusByKind[kind], body };
}

/** A handler for bodies of this shape; any other is answered with 400. The schema is made for the first request. */
export function withBody<T>(
  createSchema: () => z.ZodType<T>,
  handle: (body: T) => Reply | Promise<Reply>,
): Route["handle"] {
  let schema: z.ZodType<T> | undefined;
  return (body) => {
    schema ??= createSchema();
    const parsed = schema.safeParse(body);
    if (parsed.success) return handle(parsed.data);
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "body" : issue.path.join(".");
    return refuse("bad-request", `${where}: ${issue?.message ?? "not as documented"}`);
  };
}

/** What a local client may do beyond looking. */
export interface Allowed {
  readonly keys: boolean;
  readonly settings: boolean;
}

/** The routes of `docs/control-api.yaml`. */
export function controlRoutes(appliance: Controllable, allowed: Allowed): readonly Route[] {
  const screen = () => screenOf(appliance.frame());
  const status = () => statusOf(appliance.facts());
  const enter = (inputs: Result<readonly PanelInput[], string>, handle: (inputs: readonly PanelInput[]) => Frame) =>
    inputs.ok ? done(screenOf(handle(inputs.value))) : refuse("bad-request", inputs.error);
  const pressKeys = withBody(createKeysRequestSchema, (request) =>
    "keys" in request
      ? enter(parseKeys(request.keys), appliance.input)
      : enter(parseText(request.text), (inputs) => typeText(appliance, inputs)),
  );
  const feed: EventFeed = {
    current: () => [
      { name: "screen", data: screen() },
      { name: "status", data: status() },
    ],
    subscribe: (changed) => appliance.subscribe(changed),
  };
  return [
    { method: "GET", path: "/v1/screen", handle: () => done(screen()) },
    { method: "GET", path: "/v1/status", handle: () => done(status()) },
    { method: "GET", path: "/v1/events", handle: () => ({ kind: "events", feed }) },
    {
      method: "POST",
      path: "/v1/keys",
      handle: (body) =>
        allowed.keys
          ? pressKeys(body)
          : refuse("forbidden", "keys of local clients are switched off: set keys = true under [control]"),
    },
    { method: "GET", path: "/v1/settings", handle: () => done(settingsOf(appliance.facts())) },
    {
      method: "POST",
      path: "/v1/settings",
      maxBodyBytes: maxOrderBytes,
      handle: async (body) => (allowed.settings ? done(reportOf(await appliance.order(body))) : settingsForbidden),
    },
    {
      method: "DELETE",
      path: "/v1/settings",
      handle: () => (allowed.settings ? done({ canceled: appliance.cancelOrder() }) : settingsForbidden),
    },
  ];
}

const settingsForbidden = refuse(
  "forbidden",
  "orders of local clients are switched off: set settings = true under [control]",
);

/**
 * Until something is refused, or a character comes that nothing takes: what follows was meant for another screen. A password
 * must not end in a field that shows it, and the ENTER behind a line must not answer a question.
 */
function typeText(appliance: Controllable, inputs: readonly PanelInput[]): Frame {
  for (const input of inputs) {
    if (input.type !== "key" && !appliance.takesText()) break;
    const frame = appliance.input([input]);
    if (frame.screen.endsWith("/refused")) return frame;
  }
  return appliance.frame();
}

/** Finds the route and answers; never rejects. */
export function createApi(routes: readonly Route[], log: Log): (request: ApiRequest) => Promise<Reply> {
  return async ({ method, path, body }) => {
    const here = routes.filter((route) => route.path === path);
    if (here.length === 0) return refuse("not-found", `there is no ${path}`);
    const route = here.find((candidate) => candidate.method === method);
    if (route === undefined) {
      const allow = here.map((candidate) => candidate.method).join(", ");
      return { ...refuse("method-not-allowed", `${path} takes ${allow}`), allow };
    }
    let json: unknown;
    if (method !== "GET" && method !== "DELETE") {
      try {
        json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
      } catch {
        return refuse("bad-request", "the body is not JSON");
      }
    }
    try {
      return await route.handle(json);
    } catch (error) {
      log.error({ err: error, method, path }, "local API: request failed");
      return refuse("internal", "the request failed; the log has the cause");
    }
  };
}
