import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { gatewayAddress, gatewayAddress6, platformAddress } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";
import { until } from "./until.ts";

/**
 * squid on LAN's far side, at the gateway's addresses of both families, and at the platform's, which has a name. Closing the lab
 * ends it.
 */
export interface ForwardProxy {
  readonly port: number;
  /** Asks for this name and password, or for none (null). */
  ask(account: ProxyAccount | null, how?: Partial<Asking>): Promise<void>;
  /** `10.77.0.53 200 platform.test:443`: who asked, with what result, for what; of all CONNECTs so far. */
  asked(): Promise<readonly string[]>;
}

/** By NTLM the name goes without its domain. */
export interface ProxyAccount {
  readonly user: string;
  readonly password: string;
}

export interface Asking {
  /** Offered in this order; Basic alone by default. */
  readonly schemes: readonly ("basic" | "ntlm")[];
  /** Whoever is known may use it. */
  readonly permits: boolean;
}

const port = 3128;

/** `gatewayAddress6` is there once the router is: see router.ts. Asks for no account at first. */
export async function openForwardProxy(lab: Lab): Promise<ForwardProxy> {
  const folder = join(lab.folder, "squid");
  await mkdir(folder);
  // squid gives up being root, and so does what it starts.
  await chmod(folder, 0o777);
  const paths = {
    config: join(folder, "squid.conf"),
    log: join(folder, "access.log"),
    basic: join(folder, "judge-basic"),
    ntlm: join(folder, "judge-ntlm"),
  };
  let squid: Daemon | null = null;
  const ask: ForwardProxy["ask"] = async (account, how = {}) => {
    await squid?.kill("SIGKILL");
    const { schemes, permits }: Asking = { schemes: ["basic"], permits: true, ...how };
    const offered = account === null ? [] : schemes;
    for (const scheme of offered) {
      const known = account ?? nobody;
      await writeFile(paths[scheme], scheme === "basic" ? basicJudge(known) : await ntlmJudge(known, folder));
      await chmod(paths[scheme], 0o755);
    }
    await writeFile(paths.config, squidConfig(paths, offered, permits));
    squid = await lab.start(["ip", "netns", "exec", "gw", "squid", "-N", "-f", paths.config]);
    const { log, running } = squid;
    await until(
      () => `squid: ${log()}`,
      async () => {
        if (!running()) throw new Error(`squid ended: ${log()}`);
        const listening = await lab.gateway.run(["ss", "--listening", "--tcp", "--numeric", "--no-header"]);
        return listening.includes(`:${port} `);
      },
    );
  };
  await ask(null);
  return {
    port,
    ask,
    asked: async () => {
      const text = await lab.run(["cat", paths.log]);
      return text.split("\n").filter((line) => line !== "");
    },
  };
}

const nobody: ProxyAccount = { user: "", password: "" };

/** squid hands over a line of name and password, in which it escapes what RFC 1738 section 2.2 calls unsafe. */
function basicJudge({ user, password }: ProxyAccount): string {
  const escaped = (text: string) =>
    text.replace(/[ <>"#%{}|\\^~[\]`']/g, (unsafe) => {
      return `%${unsafe.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
  const right = `${escaped(user)} ${escaped(password)}`;
  return `#!/bin/sh
while read -r line; do
  if [ "$line" = '${right}' ]; then echo OK; else echo ERR; fi
done
`;
}

async function ntlmJudge({ user, password }: ProxyAccount, folder: string): Promise<string> {
  const program = join(folder, "ntlm-helper.cjs");
  const entry = resolve(import.meta.dirname, "ntlm-helper.ts");
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: "node", logLevel: "warning" });
  // Node may lie in a folder of root's.
  const node = join(folder, "node");
  if (!existsSync(node)) await copyFile(process.execPath, node);
  const quoted = [node, program, user, password].map((text) => `'${text.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${quoted.join(" ")}\n`;
}

function squidConfig(
  paths: Readonly<Record<"log" | Asking["schemes"][number], string>>,
  schemes: Asking["schemes"],
  permits: boolean,
): string {
  const judged = schemes.flatMap((scheme) => [
    `auth_param ${scheme} program ${paths[scheme]}`,
    `auth_param ${scheme} children ${scheme === "basic" ? 1 : "2 startup=1 idle=1"}`,
    ...(scheme === "basic" ? ["auth_param basic realm lab"] : []),
  ]);
  const known = ["acl known proxy_auth REQUIRED", "http_access deny !known"];
  return `http_port ${gatewayAddress}:${port}
http_port ${platformAddress}:${port}
http_port [${gatewayAddress6}]:${port}
dns_nameservers ${gatewayAddress}
visible_hostname proxy.test
pid_filename none
cache_log /dev/null
logformat bezel %>a %>Hs %ru
access_log stdio:${paths.log} bezel
pinger_enable off
netdb_filename none
cache deny all
cache_mem 1 MB
memory_cache_shared off
shutdown_lifetime 0 seconds
${[...judged, ...(schemes.length === 0 ? [] : known)].join("\n")}
http_access ${permits ? "allow" : "deny"} all
`;
}
