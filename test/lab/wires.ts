import type { PortName } from "../../src/model/settings.ts";
import { type Capture, startCapture } from "./capture.ts";
import type { Lab } from "./lab.ts";
import type { Packet } from "./pcap.ts";

/** What the box has sent by each of its ports, as `tcp 203.0.113.10:443`; one line for what was sent again and again. */
export type Sent = Readonly<Record<PortName, readonly string[]>>;

export interface Wires {
  /** Ends the captures. */
  stop(): Promise<Sent>;
}

/** Leases and IPv6's announcements are neither management's nor a scan's; the system sends them whatever is configured. */
const ofTheSystem = [67, 68, 546, 547];

/** Both wires from now on. TCP, UDP and pings: ARP, neighbours and groups belong to a wire as such. */
export async function watchWires(lab: Lab): Promise<Wires> {
  const open = async (port: PortName): Promise<{ readonly capture: Capture; readonly mac: string }> => {
    const [link] = JSON.parse(await lab.run(["ip", "-json", "link", "show", "dev", `${port}0`])) as {
      readonly address: string;
    }[];
    return { capture: await startCapture(lab, "gw", `${port}gw`, "ip or ip6"), mac: link?.address ?? "" };
  };
  const [lan, wan] = await Promise.all([open("lan"), open("wan")]);
  const sent = async ({ capture, mac }: typeof lan) => {
    const own = (await capture.stop()).filter(({ fromMac }) => fromMac === mac);
    return [...new Set(own.flatMap(wordOf))].sort();
  };
  return {
    stop: async () => {
      const [byLan, byWan] = await Promise.all([sent(lan), sent(wan)]);
      return { lan: byLan, wan: byWan };
    },
  };
}

function wordOf({ protocol, to, fromPort, toPort }: Packet): readonly string[] {
  switch (protocol) {
    case "tcp":
      return [`tcp ${to}:${toPort}`];
    case "udp":
      return ofTheSystem.includes(toPort) && ofTheSystem.includes(fromPort) ? [] : [`udp ${to}:${toPort}`];
    case "icmp":
      return [`icmp ${to}`];
    default:
      return [];
  }
}
