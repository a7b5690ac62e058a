import { describe, expect, it } from "vitest";
import { type Controllable, controlRoutes, createApi, done, type Route, refuse } from "../../../src/control/api.ts";
import { createAnswerSchemas } from "../../../src/control/schema.ts";
import { type Log, silentLog } from "../../../src/model/log.ts";
import { takesText } from "../../../src/panel/panel.ts";
import { someRoute, someVlan } from "../../support/some-scans.ts";
import { panelBench } from "../panel/bench.ts";
import { enter } from "../panel/scenes.ts";
import { fakeAppliance, keptReport } from "./fake-appliance.ts";

const schemas = createAnswerSchemas();

function api({
  keys = true,
  settings = true,
  extra = [],
  log = silentLog,
}: {
  keys?: boolean;
  settings?: boolean;
  extra?: readonly Route[];
  log?: Log;
} = {}) {
  const appliance = fakeAppliance();
  const answer = createApi([...controlRoutes(appliance, { keys, settings }), ...extra], log);
  const ask = async (method: string, path: string, body: unknown = undefined) => {
    const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
    const reply = await answer({ method, path, body: new TextEncoder().encode(text) });
    if (reply.kind !== "json") throw new Error("not JSON");
    return reply;
  };
  return { appliance, ask, answer };
}

describe("the local API", () => {
  it("tells screen and status", async () => {
    const { ask } = api();
    const screen = await ask("GET", "/v1/screen");
    const status = await ask("GET", "/v1/status");
    expect([screen.status, status.status]).toEqual([200, 200]);
    expect(schemas.screen.parse(screen.body).screen).toBe("home");
    expect(schemas.status.parse(status.body).phase).toBe("ready");
  });

  it("presses keys and answers with the screen after the last one", async () => {
    const { ask, appliance } = api();
    const reply = await ask("POST", "/v1/keys", { keys: ["ENTER", "LEFT+RIGHT", "UP*2"] });
    expect(reply).toMatchObject({ status: 200, body: { lines: ["5 inputs        ", expect.anything()] } });
    expect(appliance.inputs).toHaveLength(5);
  });

  it("types text", async () => {
    const { ask, appliance } = api();
    expect(await ask("POST", "/v1/keys", { text: "10\b\n" })).toMatchObject({ status: 200 });
    expect(appliance.inputs.map(({ type }) => type)).toEqual(["character", "character", "erase", "key"]);
  });

  describe("of text in which something is refused", () => {
    const canary = "Canary7";
    const atProxyHost = (text: string) => {
      const bench = panelBench();
      enter(bench, "setup/proxy");
      bench.press("ENTER");
      const seen: string[] = [];
      const input: Controllable["input"] = (inputs) => {
        for (const one of inputs) seen.push(bench.input(one).lines.join("|"));
        return bench.frame();
      };
      const appliance = {
        ...fakeAppliance(),
        frame: bench.frame,
        input,
        takesText: () => takesText(bench.state(), bench.context()),
      };
      const answer = createApi(controlRoutes(appliance, { keys: true, settings: true }), silentLog);
      const body = new TextEncoder().encode(JSON.stringify({ text }));
      return { bench, seen, reply: answer({ method: "POST", path: "/v1/keys", body }) };
    };

    it.each([
      ["a value", `\u0015256.1.1.1\n3128\nanna\n${canary}\n\n`, "proxy/host/refused"],
      ["a character", `\u0015p/q\n3128\nanna\n${canary}\n\n`, "proxy/host/refused"],
      ["a value in the field before the user's", `\u0015p\n0\n\n${canary}\n\n`, "proxy/port/refused"],
      ["a user", `\u0015p\n\na b\n${canary}\n\n`, "proxy/user/refused"],
    ])("drops what follows %s: a password is never typed into another field", async (_, text, screen) => {
      const { bench, seen, reply } = atProxyHost(text);
      expect(await reply).toMatchObject({ status: 200, body: { screen, lines: bench.frame().lines } });
      expect(seen.filter((lines) => /Can|ary|y7/.test(lines))).toEqual([]);
      expect(bench.effects()).toEqual([]);
    });

    it("answers no question with the ENTER behind a line that nothing takes", async () => {
      const { bench, reply } = atProxyHost(`\u0015p\n3128\n\nstray\n`);
      expect(await reply).toMatchObject({ status: 200, body: { screen: "confirm/proxy" } });
      expect(bench.effects()).toEqual([]);
    });

    it("types all of it when nothing is refused", async () => {
      const { bench, reply } = atProxyHost(`\u0015p\n3128\nanna\n${canary}\n\n`);
      expect(await reply).toMatchObject({ status: 200 });
      expect(bench.effects()).toMatchObject([{ secrets: { proxyPassword: canary } }]);
    });
  });

  it.each([
    ["no such path", "GET", "/v1/nothing", undefined, 404, "not-found"],
    ["prototype names", "GET", "/constructor", undefined, 404, "not-found"],
    ["a path with something behind", "GET", "/v1/screen/", undefined, 404, "not-found"],
    ["a wrong method", "POST", "/v1/screen", {}, 405, "method-not-allowed"],
    ["an unknown method", "BREW", "/v1/keys", {}, 405, "method-not-allowed"],
    ["no JSON", "POST", "/v1/keys", "{", 400, "bad-request"],
    ["JSON of another shape", "POST", "/v1/keys", { key: "UP" }, 400, "bad-request"],
    ["keys and text at once", "POST", "/v1/keys", { keys: ["UP"], text: "x" }, 400, "bad-request"],
    ["a key that does not exist", "POST", "/v1/keys", { keys: ["ESC"] }, 400, "bad-request"],
    ["too many keys", "POST", "/v1/keys", { keys: Array.from({ length: 10_001 }, () => "UP") }, 400, "bad-request"],
    ["too many repeats", "POST", "/v1/keys", { keys: ["UP*10000"] }, 400, "bad-request"],
    ["a character that the panel lacks", "POST", "/v1/keys", { text: "ü" }, 400, "bad-request"],
  ])("refuses %s and presses nothing", async (_, method, path, body, status, kind) => {
    const { ask, appliance } = api();
    const reply = await ask(method, path, body);
    expect(reply.status).toBe(status);
    expect(schemas.error.parse(reply.body).error.kind).toBe(kind);
    expect(appliance.inputs).toEqual([]);
  });

  it.each([[{ keys: "UP" }], [{}], [{ text: 7 }], [["UP"]], [null]])(
    "says what it expects instead of %j",
    async (body) => {
      const reply = await api().ask("POST", "/v1/keys", JSON.stringify(body));
      expect(schemas.error.parse(reply.body).error.message).toBe(
        'body: expected {"keys": ["ENTER", ...]} or {"text": "..."}',
      );
    },
  );

  it("says which methods a path takes", async () => {
    const { ask } = api();
    expect(await ask("PATCH", "/v1/keys", {})).toMatchObject({ status: 405, allow: "POST" });
  });

  it("takes no keys where the configuration does not allow them", async () => {
    const { ask, appliance } = api({ keys: false });
    const reply = await ask("POST", "/v1/keys", { keys: ["ENTER"] });
    expect(reply.status).toBe(403);
    expect(schemas.error.parse(reply.body).error.message).toMatch(/keys = true/);
    expect(appliance.inputs).toEqual([]);
    expect((await ask("GET", "/v1/screen")).status).toBe(200);
  });

  describe("of orders", () => {
    const order = { schema: 1, revision: 7, items: [] };

    it("carries the document out as it is, and answers with the report", async () => {
      const { ask, appliance } = api();
      const reply = await ask("POST", "/v1/settings", order);
      expect([reply.status, schemas.report.parse(reply.body)]).toEqual([200, keptReport]);
      expect(appliance.orders).toEqual([order]);
    });

    it("leaves it to the appliance what is wrong with a document, as long as it is JSON", async () => {
      const { ask, appliance } = api();
      for (const body of ["null", "[]", '"x"', "7"]) await ask("POST", "/v1/settings", body);
      expect(appliance.orders).toEqual([null, [], "x", 7]);
      expect((await ask("POST", "/v1/settings", "{")).status).toBe(400);
      expect(appliance.orders).toHaveLength(4);
    });

    it("takes one back, without a body", async () => {
      const { answer } = api();
      const ask = () => answer({ method: "DELETE", path: "/v1/settings", body: new Uint8Array() });
      expect([await ask(), await ask()]).toEqual([done({ canceled: true }), done({ canceled: false })]);
    });

    it("takes and cancels none where the configuration does not allow them, and tells all the same", async () => {
      const { ask, appliance } = api({ settings: false });
      for (const method of ["POST", "DELETE"]) {
        const reply = await ask(method, "/v1/settings", order);
        expect(reply.status).toBe(403);
        expect(schemas.error.parse(reply.body).error).toEqual({
          kind: "forbidden",
          message: expect.stringMatching(/settings = true under \[control\]/),
        });
      }
      expect([appliance.orders, appliance.cancellations()]).toEqual([[], 0]);
      expect((await ask("GET", "/v1/settings")).status).toBe(200);
    });

    it("says which methods the path takes", async () => {
      expect(await api().ask("PATCH", "/v1/settings", {})).toMatchObject({ status: 405, allow: "GET, POST, DELETE" });
    });

    it("tells of each VLAN and route in force, and of the order that ended last", async () => {
      const { ask, appliance } = api();
      const scan = { revision: 8, vlans: [someVlan(20), someVlan(21)], routes: [someRoute(1, 20)] };
      const refused = { ...keptReport, revision: 9, outcome: "refused" as const, reason: "vlan-20: no" };
      const failures = [{ id: "vlan-21", message: "no such luck" }];
      appliance.change({
        facts: {
          settings: { ...appliance.facts().settings, scan },
          scanNetworks: { state: "settled", detail: null, failures },
          lastOrder: refused,
        },
      });
      const { body } = await ask("GET", "/v1/settings");
      expect(schemas.settings.parse(body)).toStrictEqual(body);
      expect(body).toEqual({
        revision: 8,
        vlans: 2,
        routes: 1,
        state: "settled",
        detail: null,
        results: [
          { id: "vlan-20", ok: true, message: "" },
          { id: "vlan-21", ok: false, message: "no such luck" },
          { id: "route-1", ok: true, message: "" },
        ],
        last: refused,
      });
    });

    it("tells that nothing is ordered", async () => {
      const { body } = await api().ask("GET", "/v1/settings");
      expect(body).toMatchObject({ revision: null, vlans: 0, routes: 0, state: "unknown", results: [], last: null });
    });
  });

  it("serves routes of others beside its own", async () => {
    const extra: readonly Route[] = [
      { method: "GET", path: "/v1/bench", handle: () => done({ lan: {} }) },
      { method: "PATCH", path: "/v1/bench", handle: (body) => (body === 1 ? done(body) : refuse("bad-request", "no")) },
    ];
    const { ask } = api({ extra });
    expect(await ask("GET", "/v1/bench")).toMatchObject({ status: 200, body: { lan: {} } });
    expect(await ask("PATCH", "/v1/bench", 1)).toMatchObject({ status: 200, body: 1 });
    expect(await ask("POST", "/v1/bench", 1)).toMatchObject({ status: 405, allow: "GET, PATCH" });
  });

  it("turns our own bug into a 500 that tells nothing, and logs it", async () => {
    const logged: object[] = [];
    const log: Log = { ...silentLog, error: (fields) => logged.push(fields) };
    const bug = new Error("secret inside");
    const extra: readonly Route[] = [{ method: "GET", path: "/v1/bug", handle: () => Promise.reject(bug) }];
    const reply = await api({ extra, log }).ask("GET", "/v1/bug");
    expect(reply.status).toBe(500);
    expect(JSON.stringify(reply.body)).not.toContain("secret");
    expect(logged).toMatchObject([{ err: bug, path: "/v1/bug" }]);
  });
});
