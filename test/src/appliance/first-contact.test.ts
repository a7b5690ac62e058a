import { describe, expect, it } from "vitest";
import { createWorld, type WorldPatch } from "../../../sim/network/world.ts";
import { failed } from "../../../src/model/result.ts";
import {
  type Answer,
  answers,
  createScriptedPlatform,
  curlFails,
  refuses,
  type ScriptedPlatform,
  spoils,
} from "../../support/scripted-platform.ts";
import { type Bench, startBox } from "./harness.ts";

interface Weather {
  readonly lan?: WorldPatch["lan"];
  readonly platform?: ScriptedPlatform["fault"];
}

const lan = (change: WorldPatch["lan"]): Weather => ({ lan: change });
const platform = (fault: Answer | "hangs"): Weather => ({ platform: fault });

async function startIn({ lan, platform: fault = null }: Weather): Promise<Bench> {
  const world = createWorld();
  world.patch({ lan });
  const scripted = createScriptedPlatform();
  scripted.fault = fault;
  const box = await startBox({ world, platform: scripted });
  await box.until("network-error");
  return box;
}

const rows: readonly [name: string, weather: Weather, glass: string, detail: RegExp][] = [
  ["no carrier", lan({ cable: false }), "no CARRIER on→↓↵|LAN interface   ", /cable|link|carrier/i],
  ["no lease", lan({ dhcp: "off" }), "LAN has no   →↓↵|IPv4 address    ", /no lease/],
  ["every lease refused", lan({ dhcp: "nak" }), "LAN has no   →↓↵|IPv4 address    ", /no lease/],
  ["a lease without a router", lan({ dhcp: "no-router" }), "LAN DHCP lease→↵|has no gateway  ", /router/],
  ["a lease without DNS servers", lan({ dhcp: "no-dns" }), "LAN has no   →↓↵|DNS servers     ", /no DNS server/],
  ["the address is another machine's", lan({ duplicate: true }), "Duplicate IP →↓↵|detected        ", /10\.77\.0\.100/],
  ["DNS silent", lan({ dns: "off" }), "LAN DNS server→↵|not reachable   ", /10\.77\.0\.1: no answer \(ETIMEOUT\)/],
  ["DNS refuses", lan({ dns: "refuse" }), "LAN DNS can't→↓↵|resolve QG URL  ", / REFUSED for platform\.example/],
  ["DNS fails", lan({ dns: "servfail" }), "LAN DNS can't→↓↵|resolve QG URL  ", / SERVFAIL /],
  ["curl 7", platform(curlFails(7, "Failed to connect")), "Error connect→↓↵|to server (07)  ", /Failed to connect/],
  ["curl 28", platform(curlFails(28, "Connection timed out")), "Timeout was  →↓↵|reached (28)    ", /timed out/],
  ["a platform that hangs", platform("hangs"), "Timeout was  →↓↵|reached (28)    ", /timed out/],
  ["curl 55", platform(curlFails(55, "Send failure: Broken pipe")), "Failed sending→↵|peer data (55)  ", /Broken pipe/],
  [
    "curl 56",
    platform(curlFails(56, "Recv failure: Connection reset by peer")),
    "Failed receiving|peer data (56)  ",
    /reset by peer/,
  ],
  [
    "curl 60",
    platform(curlFails(60, "unable to get local issuer certificate")),
    "SSL peer cert→↓↵|was not OK      ",
    /issuer/,
  ],
  [
    "our certificate refused",
    platform(curlFails(56, "tlsv13 alert certificate required")),
    "QG refused   →↓↵|device cert     ",
    /alert/,
  ],
  ["HTTP 401", platform(answers(401)), "Unexpected QG→↓↵|HTTP/401        ", /HTTP\/401/],
  ["HTTP 500", platform(answers(500)), "Unexpected QG→↓↵|HTTP/500        ", /HTTP\/500/],
  [
    "HTTP 502 of something in between",
    platform(answers(502, "<html>")),
    "Unexpected QG→↓↵|HTTP/502        ",
    /HTTP\/502/,
  ],
  ["unknown appliance", platform(refuses("unknown-appliance")), "This scan_id →↓↵|does not exist  ", /403/],
  ["unknown scan", platform(refuses("unknown-scan")), "This scan_id →↓↵|does not exist  ", /403/],
  ["disabled", platform(refuses("disabled")), "This Scanner →↓↵|is disabled     ", /403/],
  ["account expired", platform(refuses("account-expired")), "Account      →↓↵|expired         ", /403/],
  ["no JSON", platform(answers(200, "<html>log in</html>")), "Malformed QG →↓↵|reply           ", /not JSON/],
  [
    "another nonce",
    platform(spoils((reply) => ({ ...reply, nonce: "A".repeat(22) }))),
    "Malformed QG →↓↵|reply           ",
    /nonce/,
  ],
];

describe("a first contact that fails", () => {
  it.each(rows)("%s", async (_name, weather, glass, detail) => {
    const box = await startIn(weather);
    expect(box.glass().join("|")).toBe(glass);
    const { fault } = box.facts();
    expect(fault?.detail).toMatch(detail);

    // The detail is one key away, and back.
    await box.press("RIGHT");
    expect(box.screen()).toBe("network-error/detail");
    await box.press("LEFT");
    expect(box.screen()).toBe("network-error");
    // No error screen blocks the menu.
    await box.press("ENTER");
    expect(box.screen()).toBe("main/setup-network");
    await box.press("UP");

    // It goes by itself with the next good poll; what is wrong with a lease is mended by its renewal.
    box.platform.fault = null;
    box.world.patch({ lan: { cable: true, dhcp: "ok", duplicate: false, dns: "ok" } });
    await box.until("home", 2_000_000);
    expect(box.facts()).toMatchObject({ fault: null, phase: "ready" });
    expect(box.facts().faults.map(({ message, until }) => [message, until !== null])).toContainEqual([
      fault?.message,
      true,
    ]);
  });
});

describe("a network daemon that is not there at the start", () => {
  it("leaves a box that says what is missing, and goes on line when the daemon has come", async () => {
    let isThere = false;
    const box = await startBox({
      tamper: (backend) => ({
        ...backend,
        perform: async (operation, signal) =>
          isThere
            ? backend.perform(operation, signal)
            : failed({ kind: "unavailable", detail: "NetworkManager is not running" }),
      }),
    });
    await box.until("network-error");
    expect(box.glass()).toEqual(["Could not    →↓↵", "configure LAN   "]);
    expect(box.facts().fault?.detail).toContain("NetworkManager is not running");
    isThere = true;
    await box.until("home", 60_000);
  });
});
