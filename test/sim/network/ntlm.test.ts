import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { md4 } from "../../../sim/network/md4.ts";
import {
  type NtlmAnswer,
  ntlmChallenge,
  ntlmType,
  parseNtlmAnswer,
  provesPassword,
} from "../../../sim/network/ntlm.ts";
import { answerConnect } from "../../../sim/network/proxy-answer.ts";
import { initialWorld } from "../../../sim/network/world.ts";

describe("md4", () => {
  // RFC 1320, A.5.
  it.each([
    ["", "31d6cfe0d16ae931b73c59d7e0c089c0"],
    ["a", "bde52cb31de33e46245e05fbdbd6fb24"],
    ["abc", "a448017aaf21d8525fc10ae87aa6729d"],
    ["message digest", "d9130a8164549fe818874806e1c7014b"],
    ["abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"],
    ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4"],
    ["1234567890".repeat(8), "e33b4ddc9c38f2199c3e7b164fcc0536"],
  ])("of %j", (text, digest) => expect(md4(Buffer.from(text)).toString("hex")).toBe(digest));
});

/** [MS-NLMP] 4.2.4: user `User`, domain `Domain`, password `Password`, which a server of the domain `Domain` asked for. */
const challenge = Buffer.from("0123456789abcdef", "hex");
const temp = Buffer.from(
  `${"01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"}${"02000c0044006f006d00610069006e00"}${"01000c005300650072007600650072000000000000000000"}`,
  "hex",
);
const answer: NtlmAnswer = {
  domain: "Domain",
  user: "User",
  response: Buffer.concat([Buffer.from("68cd0ab851e51c96aabc927bebef6a1c", "hex"), temp]),
};
const asked = { challenge, domain: "Domain" };

describe("an answer to a challenge of NTLM", () => {
  it("proves the password of the specification's example", () => {
    expect(provesPassword(answer, "Password", asked)).toBe(true);
    expect(provesPassword({ ...answer, user: "USER" }, "Password", asked)).toBe(true);
  });

  it.each<[string, NtlmAnswer, string, typeof asked]>([
    ["another password", answer, "password", asked],
    ["another user", { ...answer, user: "Usr" }, "Password", asked],
    ["another domain", { ...answer, domain: "domain" }, "Password", asked],
    ["another challenge", answer, "Password", { ...asked, challenge: Buffer.alloc(8) }],
    ["another server's name", answer, "Password", { ...asked, domain: "Other" }],
    ["a bit of it changed", { ...answer, response: flipped(answer.response) }, "Password", asked],
  ])("proves nothing with %s", (_, given, password, ours) => expect(provesPassword(given, password, ours)).toBe(false));

  it("is read with names in Unicode, and not at all where it is cut, older or something else", () => {
    const message = authenticate(answer);
    expect(ntlmType(message)).toBe(3);
    expect(parseNtlmAnswer(message)).toEqual(answer);
    for (let length = 0; length < message.length; length++) {
      expect(parseNtlmAnswer(message.subarray(0, length))).toBeNull();
    }
    expect(parseNtlmAnswer(authenticate({ ...answer, response: Buffer.alloc(24) }))).toBeNull();
    expect(parseNtlmAnswer(ntlmChallenge(challenge, "Domain"))).toBeNull();
    const narrow = Buffer.from(message);
    narrow.writeUInt32LE(0, 60);
    expect(parseNtlmAnswer(narrow)).toBeNull();
  });
});

describe("the bench's proxy", () => {
  const asks = { ...initialWorld.proxy, auth: "ntlm" } as const;
  const wide = (text: string) => Buffer.from(text, "utf16le");
  const mac = (key: Buffer, ...parts: readonly Buffer[]) =>
    createHmac("md5", key).update(Buffer.concat(parts)).digest();
  const pairs = Buffer.concat([Buffer.from("02000a00", "hex"), wide("BENCH"), Buffer.alloc(8)]);
  const made = Buffer.concat([Buffer.from("0101", "hex"), Buffer.alloc(26), pairs]);
  const proof = mac(mac(md4(wide("bench")), wide("BENCH")), challenge, made);
  const right = authenticate({ domain: "", user: "bench", response: Buffer.concat([proof, made]) });
  const token = `NTLM ${right.toString("base64")}`;

  it("takes an answer where it has asked for it, and nowhere else", () => {
    expect(answerConnect(asks, token, { challenge, isOpen: true })).toEqual({ kind: "tunnel" });
    for (const handshake of [
      { challenge, isOpen: false },
      { challenge: Buffer.alloc(8), isOpen: true },
    ]) {
      expect(answerConnect(asks, token, handshake)).toMatchObject({ status: 407, authenticate: "NTLM" });
    }
  });
});

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[15] = (other[15] ?? 0) ^ 1;
  return other;
}

/** AUTHENTICATE_MESSAGE, the response last: so that a shorter message lacks something of it. */
function authenticate({ domain, user, response }: NtlmAnswer): Buffer {
  const head = Buffer.alloc(64);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(3, 8);
  const parts = [Buffer.from(domain, "utf16le"), Buffer.from(user, "utf16le"), response] as const;
  let offset = head.length;
  for (const [index, part] of parts.entries()) {
    const at = [28, 36, 20][index] ?? 0;
    head.writeUInt16LE(part.length, at);
    head.writeUInt16LE(part.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    offset += part.length;
  }
  head.writeUInt32LE(1, 60);
  return Buffer.concat([head, ...parts]);
}
