/** The two NTLM messages that a proxy handles, as far as a bench needs them ([MS-NLMP] 2.2.1). Nothing is verified. */

const signature = Buffer.from("NTLMSSP\0", "latin1");
/** NEGOTIATE_UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, TARGET_INFO ([MS-NLMP] 2.2.2.5). */
const flags = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00010000 | 0x00800000;
const unicode = 0x00000001;

/** 1 negotiate, 2 challenge, 3 authenticate; null when it is no NTLM message. */
export function ntlmType(message: Buffer): 1 | 2 | 3 | null {
  if (message.length < 12 || !message.subarray(0, 8).equals(signature)) return null;
  const type = message.readUInt32LE(8);
  return type === 1 || type === 2 || type === 3 ? type : null;
}

/** CHALLENGE_MESSAGE with these 8 bytes, from a domain. */
export function ntlmChallenge(challenge: Buffer, domain: string): Buffer {
  const target = Buffer.from(domain, "utf16le");
  // MsvAvNbDomainName (2) and MsvAvEOL (0): what NTLMv2 answers are computed over.
  const info = Buffer.concat([Buffer.from([2, 0, target.length, 0]), target, Buffer.alloc(4)]);
  const head = Buffer.alloc(48);
  signature.copy(head);
  head.writeUInt32LE(2, 8);
  securityBuffer(head, 12, target.length, 48);
  head.writeUInt32LE(flags, 20);
  challenge.copy(head, 24, 0, 8);
  securityBuffer(head, 40, info.length, 48 + target.length);
  return Buffer.concat([head, target, info]);
}

/** The user of an AUTHENTICATE_MESSAGE that also carries a response; null for a malformed one. */
export function ntlmUser(message: Buffer): string | null {
  if (ntlmType(message) !== 3 || message.length < 64) return null;
  const responseLength = message.readUInt16LE(20);
  const length = message.readUInt16LE(36);
  const offset = message.readUInt32LE(40);
  if (responseLength === 0 || offset + length > message.length) return null;
  const wide = (message.readUInt32LE(60) & unicode) !== 0;
  return message.subarray(offset, offset + length).toString(wide ? "utf16le" : "latin1");
}

function securityBuffer(message: Buffer, at: number, length: number, offset: number): void {
  message.writeUInt16LE(length, at);
  message.writeUInt16LE(length, at + 2);
  message.writeUInt32LE(offset, at + 4);
}
