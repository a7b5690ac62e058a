import { describe, expect, it } from "vitest";
import { type FaultCode, faultCodes } from "../../../src/connectivity/fault-code.ts";
import { messages, wordFault } from "../../../src/connectivity/messages.ts";
import { guideFaults } from "../../support/guide-faults.ts";
import { rowsOf } from "./evidence.ts";

const none = new Set<never>();

describe("messages", () => {
  const kindsOf: Readonly<Partial<Record<FaultCode, readonly FaultCode[]>>> = {
    "tls-certificate": ["tls-clock-wrong", "tls-expired", "tls-intercepted", "tls-portal", "tls-other-server"],
    "proxy-invalid-auth": ["proxy-auth-unspoken", "proxy-ntlm-missing"],
    "proxy-http": ["proxy-redirects"],
    "receive-failed": ["proxy-speaks-tls", "proxy-speaks-socks"],
  };

  it("hold every text of the guide, word for word, once; several kinds of a fault share one and differ in the next step", () => {
    for (const [general, kinds] of Object.entries(kindsOf)) {
      const all = [messages[general as FaultCode], ...kinds.map((code) => messages[code])];
      expect(new Set(all.map(({ message }) => message)).size, general).toBe(1);
      expect(new Set(all.map(({ next }) => JSON.stringify(next))).size, general).toBe(all.length);
    }
    const kinds = Object.values(kindsOf).flat();
    const texts = faultCodes.filter((code) => !kinds.includes(code)).map((code) => messages[code].message);
    expect(guideFaults.filter((text) => !texts.includes(text))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(faultCodes)("%s fits two rows of 16 and says what to do next", (code) => {
    const fault = wordFault(code, "detail", none, 599);
    const rows = rowsOf(fault.message, 16);
    expect(rows.length).toBeLessThanOrEqual(2);
    expect(rows.every((row) => row.length <= 16)).toBe(true);
    expect(fault.message).toMatch(/^[ -~]+$/);
    expect(fault.next.length).toBeGreaterThan(10);
  });

  it("use every code of the older models that stands for a fault of the ladder", () => {
    const used = faultCodes.flatMap((code) => [
      messages[code].legacyCode,
      ...Object.values(messages[code].legacyCodeWhen ?? {}),
    ]);
    const all = Array.from({ length: 15 }, (_, index) => `E${String(index).padStart(2, "0")}`);
    expect(all.filter((code) => !used.some((one) => one === code))).toEqual([]);
  });
});

describe("wordFault", () => {
  it("fills in the status", () => {
    expect(wordFault("platform-http", "x", none, 502).message).toBe("Unexpected QG HTTP/502");
  });

  it("tells another next step where a proxy is in the way", () => {
    expect(wordFault("timeout", "x", none).next).toMatch(/the box can connect/);
    expect(wordFault("timeout", "x", new Set(["via-proxy" as const])).next).toMatch(/the proxy can connect/);
  });

  it("takes a detail from outside as one bounded line without control characters", () => {
    const { detail } = wordFault("timeout", `a\r\n\u001b[2Jb${"c".repeat(1000)}`, none);
    expect(detail).toMatch(/^a \[2Jbc+…$/);
    expect(detail).toHaveLength(200);
  });

  it("leaves durations out, so that a fault reads the same at every poll", () => {
    const first = wordFault("timeout", "Connection timed out after 30001 milliseconds", none);
    const second = wordFault("timeout", "Connection timed out after 30002 milliseconds", none);
    expect(first).toEqual(second);
    expect(first.detail).toBe("Connection timed out");
  });
});
