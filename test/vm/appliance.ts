import { createPlatform, type Platform } from "../../platform/platform.ts";
import type { Hand } from "../lab/hand.ts";

/** The name of the platform in the guest's network; port 443 of it leads to this machine. */
const host = "platform.test";

/** A guest boots, starts Node and talks TLS on two emulated processors, which other tests may want at the same time. */
export const patienceMs = 300_000;

export interface Surroundings {
  readonly platform: Platform;
  /** What an appliance has to be told of them, for {@link GuestOptions.files}. */
  readonly files: Readonly<Record<string, string>>;
}

/** Starts the reference platform, on this machine's loopback. */
export async function startSurroundings(): Promise<Surroundings> {
  const platform = createPlatform({ hostName: host, now: Date.now });
  const { port, caPem } = await platform.start();
  const files = {
    "/etc/guest-platform": `PLATFORM_PORT=${port}\n`,
    "/etc/bezel/platform.pem": caPem,
    "/etc/bezel/bezel.toml": configuration,
  };
  return { platform, files };
}

const configuration = `[appliance]
serial = "29002"
model = "guest"
[platform]
url = "https://${host}/"
ca_file = "/etc/bezel/platform.pem"
[control]
settings = true
[console]
devices = ["/dev/ttyS1"]
`;

/**
 * From a status screen through every prompt of LAN's static address; all but the address, which is one of the network in
 * force, stays as it is offered.
 */
export async function enterStatic(hand: Hand, item: "ENABLE" | "CHANGE", address: string): Promise<void> {
  await toSetup(hand, ["DHCP ON LAN", "VLAN ON LAN", `${item} STATIC IP ON LAN`]);
  await hand.sees("CFG LAN STATIC NETWORK PARAMS?");
  await hand.press("ENTER");
  await hand.sees("LAN IP ADDR");
  await hand.enterAddress(address);
  for (const prompt of promptsIn(address)) {
    await hand.sees(prompt);
    await hand.press("ENTER");
  }
  await hand.sees("REALLY SET LAN STATIC NETWORK?");
  await hand.press("ENTER");
}

/** What follows the address in a network whose router, the first host of it, is its name server too. */
function promptsIn(address: string): readonly string[] {
  const octets = [...address.split(".").slice(0, 3), "1"];
  const router = octets.map((octet) => octet.padStart(3, "0")).join(".");
  return [
    "LAN NETMASK 255.255.255.000",
    `LAN GATEWAY ${router}`,
    `LAN DNS1 ${router}`,
    "LAN DNS2 000.000.000.000",
    "LAN WINS1 000.000.000.000",
    "LAN WINS2 000.000.000.000",
    "DOMAIN NAME",
  ];
}

/** From a status screen to the questions behind an item of SETUP NETWORK, by the items before it. */
export async function toSetup(hand: Hand, items: readonly string[]): Promise<void> {
  await hand.press("ENTER");
  await hand.sees("SETUP NETWORK");
  for (const [at, item] of items.entries()) {
    await hand.press(at === 0 ? "ENTER" : "DOWN");
    await hand.sees(item);
  }
  await hand.press("ENTER");
}
