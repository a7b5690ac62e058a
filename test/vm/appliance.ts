import { createPlatform, type Platform } from "../../platform/platform.ts";

/** The name of the platform in the guest's network; its router leads port 443 of it to this machine. */
const host = "platform.test";

/** Starts the reference platform on this machine's loopback, the only address of this machine that a guest reaches. */
export async function startPlatform(): Promise<{ readonly platform: Platform; readonly files: Record<string, string> }> {
  const platform = createPlatform({ hostName: host, now: Date.now });
  const { port, caPem } = await platform.start();
  return { platform, files: { "/etc/guest-platform": `PLATFORM_PORT=${port}\n`, "/etc/bezel/platform.pem": caPem, "/etc/bezel/bezel.toml": config } };
}

const config = `[appliance]
serial = "29002"
model = "guest"
[platform]
url = "https://${host}/"
ca_file = "/etc/bezel/platform.pem"
[console]
devices = ["/dev/ttyS1"]
`;
