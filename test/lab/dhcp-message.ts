/** What a scripted DHCP server gives, and how it behaves. One client at a time: everybody is offered the same address. */
export interface DhcpScript {
  /** Its own address, by which it is known (option 54). */
  readonly server: string;
  readonly address: string;
  readonly netmask: string;
  readonly leaseSeconds: number;
  /** Option 3; null: left out. */
  readonly router: string | null;
  /** Option 6. */
  readonly dns: readonly string[];
  /** What it says to a client that looks for a server, that wants the address, and that has one and renews it. */
  readonly discover: "offer" | "silence";
  readonly request: "ack" | "nak" | "silence";
  readonly renew: "ack" | "nak" | "silence";
}

/** Option 53, RFC 2132 section 9.6. */
export const messageTypes = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7 } as const;
export type MessageType = keyof typeof messageTypes;

export interface DhcpMessage {
  readonly type: MessageType;
  /** Bytes 4 to 7, repeated in the answer. */
  readonly transaction: Buffer;
  /** Where a client has an address already: it renews. */
  readonly clientAddress: string;
  /** Byte 28 to 43. */
  readonly hardware: Buffer;
  readonly options: ReadonlyMap<number, Buffer>;
}

const cookie = Buffer.from([99, 130, 83, 99]);
const optionsAt = 240;
const codes = { netmask: 1, router: 3, dns: 6, requested: 50, lease: 51, type: 53, server: 54 } as const;

/** RFC 2131 section 2; null: not a request of a client. */
export function parseDhcp(packet: Buffer): DhcpMessage | null {
  const isRequest = packet.length > optionsAt && packet[0] === 1 && packet.subarray(236, optionsAt).equals(cookie);
  if (!isRequest) return null;
  const options = new Map<number, Buffer>();
  for (let at = optionsAt; at + 1 < packet.length && packet[at] !== 255; ) {
    const code = packet[at] ?? 0;
    const length = packet[at + 1] ?? 0;
    if (code !== 0) options.set(code, packet.subarray(at + 2, at + 2 + length));
    at += code === 0 ? 1 : 2 + length;
  }
  const number = options.get(codes.type)?.[0];
  const type = (Object.keys(messageTypes) as MessageType[]).find((name) => messageTypes[name] === number);
  if (type === undefined) return null;
  const clientAddress = dotted(packet.subarray(12, 16));
  return { type, transaction: packet.subarray(4, 8), clientAddress, hardware: packet.subarray(28, 44), options };
}

/** Where a client stands, RFC 2131 section 4.3.2; null: it has nothing to ask of this server. */
export type Stage = "discover" | "select" | "return" | "renew" | "decline" | null;

export function stageOf({ server }: DhcpScript, { type, clientAddress, options }: DhcpMessage): Stage {
  if (type === "discover" || type === "decline") return type;
  const chosen = options.get(codes.server);
  if (type !== "request") return null;
  if (chosen !== undefined) return dotted(chosen) === server ? "select" : null;
  return clientAddress === "0.0.0.0" ? "return" : "renew";
}

export function answerOf(
  script: DhcpScript,
  stage: Stage,
  { options }: DhcpMessage,
): "offer" | "ack" | "nak" | "silence" {
  switch (stage) {
    case "discover":
    case "renew":
      return script[stage];
    case "select":
      return script.request;
    case "return":
      // One that comes back with an address of an earlier lease is told to ask anew.
      return dotted(options.get(codes.requested)) === script.address ? script.request : "nak";
    default:
      return "silence";
  }
}

export function encodeDhcp(script: DhcpScript, message: DhcpMessage, type: "offer" | "ack" | "nak"): Buffer {
  const packet = Buffer.alloc(optionsAt);
  // BOOTREPLY, Ethernet, six bytes of hardware address.
  packet.set([2, 1, 6], 0);
  message.transaction.copy(packet, 4);
  message.hardware.copy(packet, 28);
  cookie.copy(packet, 236);
  const option = (code: number, bytes: readonly number[]) => Buffer.from([code, bytes.length, ...bytes]);
  const options = [option(codes.type, [messageTypes[type]]), option(codes.server, octets(script.server))];
  if (type !== "nak") {
    packet.set(octets(script.address), 16);
    const lease = Buffer.alloc(4);
    lease.writeUInt32BE(script.leaseSeconds);
    options.push(option(codes.lease, [...lease]), option(codes.netmask, octets(script.netmask)));
    if (script.router !== null) options.push(option(codes.router, octets(script.router)));
    if (script.dns.length > 0) options.push(option(codes.dns, script.dns.flatMap(octets)));
  }
  return Buffer.concat([packet, ...options, Buffer.from([255])]);
}

function dotted(bytes: Buffer | undefined): string {
  return bytes === undefined ? "" : [...bytes].join(".");
}

function octets(address: string): number[] {
  return address.split(".").map(Number);
}
