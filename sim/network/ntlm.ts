/** The proxy's side of NTLM ([MS-NLMP]), as far as the bench and tests need it: NTLMv2 in Unicode, and nothing older. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { md4 } from "./md4.ts";

const signature = Buffer.from("NTLMSSP\0", "latin1");
/**
 * NEGOTIATE_UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO (2.2.2.5).
 * Without the last but one curl 7.88 answers by NTLMv1.
 */
const flags = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00010000 | 0x00080000 | 0x00800000;
const unicode = 0x00000001;

/** 1 negotiate, 2 challenge, 3 authenticate; null when it is no NTLM message. */
export function ntlmType(message: Buffer): 1 | 2 | 3 | null {
  if (message.length < 12 || !message.subarray(0, 8).equals(signature)) return null;
  const type = message.readUInt32LE(8);
  return type === 1 || type === 2 || type === 3 ? type : null;
}

/** CHALLENGE_MESSAGE (2.2.1.2) with these 8 bytes, from a domain. */
export function ntlmChallenge(challenge: Buffer, domain: string): Buffer {
  const target = Buffer.from(domain, "utf16le");
  const info = targetInfo(domain);
  const head = Buffer.alloc(48);
  signature.copy(head);
  head.writeUInt32LE(2, 8);
  securityBuffer(head, 12, target.length, 48);
  head.writeUInt32LE(flags, 20);
  challenge.copy(head, 24, 0, 8);
  securityBuffer(head, 40, info.length, 48 + target.length);
  return Buffer.concat([head, target, info]);
}

/** Who answers a challenge, and with what. */
export interface NtlmAnswer {
  readonly domain: string;
  readonly user: string;
  /** NTLMv2_RESPONSE (2.2.2.8). */
  readonly response: Buffer;
}

/** An AUTHENTICATE_MESSAGE (2.2.1.3) with an NTLMv2 response; null for any other and for a malformed one. */
export function parseNtlmAnswer(message: Buffer): NtlmAnswer | null {
  if (ntlmType(message) !== 3 || message.length < 64) return null;
  if ((message.readUInt32LE(60) & unicode) === 0) return null;
  const field = (at: number) => {
    const offset = message.readUInt32LE(at + 4);
    const end = offset + message.readUInt16LE(at);
    return end > message.length ? null : message.subarray(offset, end);
  };
  const [response, domain, user] = [field(20), field(28), field(36)];
  // One of NTLMv1 has 24 bytes; here 16 of proof and at least 28 of what it was made over.
  if (response === null || domain === null || user === null || response.length < 44) return null;
  return { domain: domain.toString("utf16le"), user: user.toString("utf16le"), response };
}

/** Whether the answer to this challenge of ours was made with that password (3.3.2, 4.2.4). */
export function provesPassword(
  { domain, user, response }: NtlmAnswer,
  password: string,
  { challenge, domain: ours }: { readonly challenge: Buffer; readonly domain: string },
): boolean {
  const wide = (text: string) => Buffer.from(text, "utf16le");
  const mac = (key: Buffer, ...parts: readonly Buffer[]) =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac("md5", key)).digest();
  const key = mac(md4(wide(password)), wide(user.toUpperCase() + domain));
  const made = response.subarray(16);
  const isVersion2 = made[0] === 1 && made[1] === 1;
  // The client's data has what we said of ourselves, so that an answer to another proxy is of no use here.
  return (
    isVersion2 && made.includes(pairsOf(ours)) && timingSafeEqual(response.subarray(0, 16), mac(key, challenge, made))
  );
}

/** AV_PAIRs (2.2.2.1): MsvAvNbDomainName (2), and MsvAvEOL (0), before which a client may add its own. */
function targetInfo(domain: string): Buffer {
  return Buffer.concat([pairsOf(domain), Buffer.alloc(4)]);
}

function pairsOf(domain: string): Buffer {
  const name = Buffer.from(domain, "utf16le");
  const head = Buffer.alloc(4);
  head.writeUInt16LE(2, 0);
  head.writeUInt16LE(name.length, 2);
  return Buffer.concat([head, name]);
}

function securityBuffer(message: Buffer, at: number, length: number, offset: number): void {
  message.writeUInt16LE(length, at);
  message.writeUInt16LE(length, at + 2);
  message.writeUInt32LE(offset, at + 4);
}
