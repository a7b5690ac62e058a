import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseAsking, type ProxyAsking } from "../../../src/https/proxy-scheme.ts";

const plain = "anna";
const domain = "corp\\anna";

describe("how a proxy is asked", () => {
  it.each<[offers: readonly string[] | null, user: string, asking: ProxyAsking, withoutNtlm: ProxyAsking]>([
    [null, plain, "none", "none"],
    [null, domain, "none", "none"],
    [["basic"], plain, "basic", "basic"],
    [["basic"], domain, "basic", "basic"],
    [["ntlm"], plain, "ntlm", "ntlm-missing"],
    [["ntlm"], domain, "ntlm", "ntlm-missing"],
    [["ntlm", "basic"], plain, "basic", "basic"],
    [["ntlm", "basic"], domain, "ntlm", "basic"],
    [["basic", "ntlm"], domain, "ntlm", "basic"],
    [["negotiate", "ntlm"], plain, "ntlm", "ntlm-missing"],
    [["negotiate", "ntlm", "basic"], plain, "basic", "basic"],
    [["digest", "basic"], domain, "basic", "basic"],
    [["digest"], plain, "unspoken", "unspoken"],
    [["negotiate", "digest"], domain, "unspoken", "unspoken"],
    [[], plain, "unspoken", "unspoken"],
  ])("that offers %j to %s: %s, without NTLM %s", (offers, user, asking, withoutNtlm) => {
    expect(chooseAsking(offers, { user, curlHasNtlm: true })).toBe(asking);
    expect(chooseAsking(offers, { user, curlHasNtlm: false })).toBe(withoutNtlm);
  });

  it("is never by what it does not offer", () => {
    const scheme = fc.oneof(fc.constantFrom("basic", "ntlm", "digest", "negotiate", "bearer"), fc.string());
    fc.assert(
      fc.property(fc.array(scheme), fc.string(), fc.boolean(), (offers, user, curlHasNtlm) => {
        const asking = chooseAsking(offers, { user, curlHasNtlm });
        if (asking === "basic" || asking === "ntlm") expect(offers).toContain(asking);
        if (asking === "ntlm") expect(curlHasNtlm).toBe(true);
        // Whatever can be spoken is.
        if (asking === "unspoken") expect(offers.some((one) => one === "basic" || one === "ntlm")).toBe(false);
        expect(asking).not.toBe("none");
      }),
    );
  });
});
