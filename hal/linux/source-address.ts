import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { FindSourceAddress } from "../source-address.ts";

/** "Discard", RFC 863; nothing is sent there. */
const anyPort = 9;

/** connect(2) of a UDP socket chooses the route and sends nothing; so on Linux and on the BSDs. */
export const findSourceAddress: FindSourceAddress = (towards) =>
  new Promise((resolve) => {
    const socket = createSocket(isIPv6(towards) ? "udp6" : "udp4");
    const done = (address: string | null) => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => done(null));
    socket.once("connect", () => done(socket.address().address));
    socket.connect(anyPort, towards);
  });
