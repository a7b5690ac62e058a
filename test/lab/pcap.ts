import ipaddr from "ipaddr.js";

/** A packet on an Ethernet, as far as tests look into it. */
export interface Packet {
  /** MAC addresses. */
  readonly fromMac: string;
  readonly toMac: string;
  readonly protocol: "arp" | "tcp" | "udp" | "icmp" | "icmp6" | "other";
  /** Of IPv4 in dotted form, of IPv6 as in RFC 5952, of ARP the addresses asked by and for; empty otherwise. */
  readonly from: string;
  readonly to: string;
  /** Of TCP and UDP; 0 otherwise. */
  readonly fromPort: number;
  readonly toPort: number;
}

const protocols: Readonly<Record<number, Packet["protocol"]>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6" };

/** What tcpdump writes on this machine: microseconds, Ethernet. A packet whose end is missing is left out. */
export function parsePcap(file: Buffer): readonly Packet[] {
  if (file.length < 24 || file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) {
    throw new Error("no recording of an Ethernet");
  }
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const frame = file.subarray(at + 16, at + 16 + length);
    if (frame.length === length && length >= 14) packets.push(parseFrame(frame));
    at += 16 + length;
  }
  return packets;
}

function parseFrame(frame: Buffer): Packet {
  const mac = (at: number) =>
    [...frame.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  const address = (at: number, length: number) => ipaddr.fromByteArray([...frame.subarray(at, at + length)]).toString();
  const macs = { fromMac: mac(6), toMac: mac(0) };
  const none = { ...macs, protocol: "other", from: "", to: "", fromPort: 0, toPort: 0 } as const;
  const above = (protocol: Packet["protocol"], from: string, to: string, at: number): Packet => {
    const hasPorts = (protocol === "tcp" || protocol === "udp") && frame.length >= at + 4;
    const [fromPort, toPort] = hasPorts ? [frame.readUInt16BE(at), frame.readUInt16BE(at + 2)] : [0, 0];
    return { ...macs, protocol, from, to, fromPort, toPort };
  };
  // A tag of 802.1Q stands before the type of what it holds.
  const start = frame.readUInt16BE(12) === 0x8100 ? 18 : 14;
  if (frame.length < start + 20) return none;
  switch (frame.readUInt16BE(start - 2)) {
    case 0x0800: {
      const headerLength = ((frame[start] ?? 0) & 0x0f) * 4;
      const protocol = protocols[frame[start + 9] ?? 0] ?? "other";
      return above(protocol, address(start + 12, 4), address(start + 16, 4), start + headerLength);
    }
    case 0x0806:
      return frame.length < start + 28 ? none : above("arp", address(start + 14, 4), address(start + 24, 4), 0);
    case 0x86dd: {
      if (frame.length < start + 40) return none;
      // Hop-by-hop options, which multicast listeners send, stand before ICMPv6.
      const hasOptions = frame[start + 6] === 0;
      const protocol = protocols[frame[hasOptions ? start + 40 : start + 6] ?? 0] ?? "other";
      return above(protocol, address(start + 8, 16), address(start + 24, 16), start + (hasOptions ? 48 : 40));
    }
    default:
      return none;
  }
}
