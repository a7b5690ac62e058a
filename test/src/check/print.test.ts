import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { CheckReport } from "../../../src/check/check.ts";
import { toDocument } from "../../../src/check/document.ts";
import { judgeHost } from "../../../src/check/judge.ts";
import { presets } from "../../../src/check/presets.ts";
import { describeCheck, describeProgress } from "../../../src/check/print.ts";
import { createProgressLine } from "../../../src/check/progress-line.ts";
import { createCheckSchema } from "../../../src/check/schema.ts";
import { nothingSeen } from "../../../src/check/seen.ts";
import { failedWith, someProxy, someSeen, someTarget } from "./some-seen.ts";

const { addresses, advice } = presets["qualys-qg3"];
const qg3 = (name: string) => ({ host: `${name}.qg3.apps.qualys.com`, addresses });
const to = (...given: string[]) => ({ dns: { kind: "addresses", addresses: given, server: "192.168.1.1" } }) as const;
const here = { source: "192.168.1.20" };

/** What a technician may meet: one host well, one behind a DNS filter, one behind a firewall. */
const report: CheckReport = {
  ok: false,
  interrupted: false,
  hosts: [
    judgeHost(someSeen({ ...here, ...to("162.159.152.21") }, qg3("qualysguard"))),
    judgeHost(someSeen({ ...here, ...to("146.112.61.106") }, qg3("monitoring"))),
    judgeHost(
      someSeen(
        { ...here, ...to("162.159.153.243"), contact: failedWith(28, "Connection timed out") },
        qg3("scanservice1"),
      ),
    ),
  ],
  bandwidth: { kind: "measured", mbps: 1.25, bytes: 1_000_000, ms: 6400, from: "qualysguard.qg3.apps.qualys.com:443" },
};

describe("the report for a person", () => {
  it("is a table, then what is broken with the rule to ask for, then advice", () => {
    expect(
      describeCheck(report, null, advice.slice(0, 1)),
    ).toBe(`host                                  dns     connect  tls      http     clock  certificate issued by
qualysguard.qg3.apps.qualys.com:443   ✓ 5 ms  ✓ 10 ms  ✓ 20 ms  ✓ 40 ms  ✓
monitoring.qg3.apps.qualys.com:443    ✓ 5 ms  ✓ 10 ms  ✓ 20 ms  ✓ 40 ms  ✓
scanservice1.qg3.apps.qualys.com:443  ✓ 5 ms  ✗ 90 ms  ·        ·        ·

bandwidth  1.25 Mbit/s: 1000000 bytes from qualysguard.qg3.apps.qualys.com:443 in 6.40 s. At least
           1.5 Mbit/s are recommended to the platform.

✗ scanservice1.qg3.apps.qualys.com:443: Timeout was reached (28) (E06)
  found    scanservice1.qg3.apps.qualys.com: Connection timed out
  do       Check that the box can connect to the platform within 30 seconds and that no firewall
           rule blocks it.
  ask for  Allow TCP 443 outbound from 192.168.1.20 to scanservice1.qg3.apps.qualys.com
           (162.159.152.21, 162.159.153.243)

Worth a look:
- monitoring.qg3.apps.qualys.com resolves to 146.112.61.106, the notice names 162.159.152.21 and
  162.159.153.243: a DNS filter may answer instead, or the notice is out of date

Ask those who keep the network; it cannot be seen from here:
- Web filters (Websense, WebTitan, Barracuda and the like): leave the appliance's traffic out. To
  look into TLS they replace the platform's certificate, and the appliance does not have theirs.

2 of 3 hosts are well.
`);
  });

  it("says once what is broken in the same way at several hosts, and asks for all of them", () => {
    const unknown = (name: string) => {
      const host = `${name}.qg3.apps.qualys.com`;
      return judgeHost(
        someSeen({ dns: { kind: "noAnswer", server: "192.168.1.1", code: "ENOTFOUND" } }, { host, addresses }),
      );
    };
    const bandwidth = { kind: "notMeasured", reason: "no host has answered" } as const;
    const hosts = [unknown("qualysguard"), judgeHost(someSeen()), unknown("qgadmin"), unknown("guard.qgadmin")];
    const text = describeCheck({ ...report, hosts, bandwidth }, null, []);
    expect(text.slice(text.indexOf("bandwidth"))).toBe(`bandwidth  not measured: no host has answered

✗ 3 hosts: LAN DNS can't resolve QG URL (E05)
  hosts    qualysguard.qg3.apps.qualys.com:443, qgadmin.qg3.apps.qualys.com:443,
           guard.qgadmin.qg3.apps.qualys.com:443
  found    192.168.1.1 says NXDOMAIN for each of them
  do       Check that the LAN's DNS servers can resolve the platform's name.
  ask for  Let DNS server 192.168.1.1 resolve qualysguard.qg3.apps.qualys.com,
           qgadmin.qg3.apps.qualys.com, guard.qgadmin.qg3.apps.qualys.com (162.159.152.21,
           162.159.153.243)

1 of 4 hosts are well.
`);
  });

  it.each<[string, string, number]>([
    ["another port", "b:8443", 2],
    ["an address", "[2001:db8::9]:443", 1],
  ])("takes together what has the same rule but for the host: %s", (_, name, blocks) => {
    const at = (host: string) => {
      const port = Number(host.replace(/^.*:/, ""));
      const given = { host: host.replace(/:\d+$/, ""), port };
      return judgeHost(someSeen({ dns: null, contact: failedWith(28, "Connection timed out") }, given));
    };
    const text = describeCheck({ ...report, hosts: [at("a:443"), at(name)] }, null, []);
    expect(text.match(/✗ .*: Timeout was reached/g)).toHaveLength(blocks);
  });

  it("says once what is odd of the proxy of all hosts", () => {
    const seen = someSeen({ proxy: someProxy, nameWarning: "the proxy's name is odd" });
    const both: CheckReport = { ...report, hosts: [judgeHost(seen), judgeHost(seen)] };
    expect(describeCheck(both, "proxy:3128", []).match(/odd/g)).toHaveLength(1);
  });

  it("names the proxy, and what was left by an interruption", () => {
    const seen = someSeen({ proxy: someProxy, dnsMs: 1500 });
    const interrupted: CheckReport = {
      ok: false,
      interrupted: true,
      hosts: [judgeHost(seen), judgeHost({ ...nothingSeen(someTarget({ host: "b" }), someProxy) })],
      bandwidth: { kind: "notMeasured", reason: "interrupted" },
    };
    expect(
      describeCheck(interrupted, "proxy.corp.example:3128", []),
    ).toBe(`host                  dns      proxy    tls      http     clock  certificate issued by
platform.example:443  ✓ 1.5 s  ✓ 10 ms  ✓ 20 ms  ✓ 40 ms  ✓
b:443                 ·        ·        ·        ·        ·

proxy      proxy.corp.example:3128
bandwidth  not measured: interrupted

Interrupted. 1 of 2 hosts are well.
`);
  });
});

describe("the report for programs", () => {
  const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

  it("is as its schema says", () => {
    const document = toDocument(report, advice);
    expect(createCheckSchema().parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    expect(document).toMatchObject({
      ok: false,
      bandwidthMbps: 1.25,
      hosts: [{ ok: true }, { ok: true }, { ok: false }],
    });
  });

  it("is described by docs/check.schema.json", () => {
    expect(JSON.parse(read("check.schema.json"))).toEqual(z.toJSONSchema(createCheckSchema()));
  });

  it("is shown in docs/check.md", () => {
    const [, shown = ""] = /```json\n(.*?)```/s.exec(read("check.md")) ?? [];
    expect(createCheckSchema().safeParse(JSON.parse(shown)).error).toBeUndefined();
  });
});

describe("the progress", () => {
  const hosts = report.hosts.map((host) => ({ ...host }));
  const busy = judgeHost({ ...nothingSeen(someTarget({ host: "b" }), null), ...to("192.0.2.1") });
  it.each([
    [
      { hosts: [judgeHost(nothingSeen(someTarget(), null))], done: 0, measuring: false },
      "checked 0 of 1, platform.example:443",
    ],
    [{ hosts: [...hosts, busy], done: 3, measuring: false }, "checked 3 of 4, b:443 after dns"],
    [{ hosts, done: 3, measuring: false }, "checked 3 of 3"],
    [{ hosts, done: 3, measuring: true }, "measuring the bandwidth"],
  ])("%#: %s", (progress, text) => {
    expect(describeProgress(progress)).toBe(text);
  });

  it("fits a terminal, however long a name is", () => {
    const long = judgeHost(nothingSeen(someTarget({ host: "a".repeat(63) }), null));
    expect(describeProgress({ hosts: [long], done: 0, measuring: false })).toHaveLength(79);
  });

  it("is one line of a terminal, written over and taken away, and nothing elsewhere", () => {
    let written = "";
    const write = (text: string) => {
      written += text;
    };
    const line = createProgressLine(write, true);
    line.show("one");
    line.show("one");
    line.show("two");
    line.clear();
    line.clear();
    expect(written).toBe("\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K");
    const nowhere = createProgressLine(write, false);
    nowhere.show("three");
    nowhere.clear();
    expect(written).not.toContain("three");
  });
});
