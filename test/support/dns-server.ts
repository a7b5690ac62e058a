import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/** RFC 1035, section 4.1.1. */
const responseCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** Addresses of either family, a response code, or no answer at all. */
export type DnsAnswer = readonly string[] | keyof typeof responseCodes | "silent";

export interface DnsServer {
  /** As the resolver takes it. */
  readonly server: string;
  /** `name type` of every query, such as `platform.example A`. */
  readonly queries: readonly string[];
  close(): Promise<void>;
}

/** A real DNS responder by UDP on 127.0.0.1 that gives everybody the same answer. */
export async function listenDns(answer: DnsAnswer): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const queries: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    queries.push(`${name} ${type === 28 ? "AAAA" : "A"}`);
    if (answer !== "silent") socket.send(reply(query, end, type, answer), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    server: `127.0.0.1:${socket.address().port}`,
    queries,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(query: Buffer, end: number, type: number, answer: Exclude<DnsAnswer, "silent">): Buffer {
  const addresses = typeof answer === "string" ? [] : answer.filter((address) => isIPv6(address) === (type === 28));
  const code = typeof answer === "string" ? responseCodes[answer] : responseCodes.NOERROR;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available.
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...addresses.map((address) => record(type, address))]);
}

/** A resource record for the name of the question, to which its first two bytes point. */
function record(type: number, address: string): Buffer {
  const data = isIPv6(address) ? ipv6Bytes(address) : Buffer.from(address.split(".").map(Number));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = "", after = ""] = address.split("::");
  const groups = (part: string) => part.split(":").filter(Boolean);
  const missing = 8 - groups(before).length - groups(after).length;
  const all = [...groups(before), ...Array(missing).fill("0"), ...groups(after)];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
