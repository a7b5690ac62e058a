import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gatewayAddress, gatewayAddress6 } from "./gateway.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";
import { until } from "./until.ts";

/** squid on LAN's far side, at the gateway's addresses of both families. Closing the lab ends it. */
export interface ForwardProxy {
  readonly port: number;
  /** Asks for this name and password (Basic), or for none (null). */
  ask(account: { readonly user: string; readonly password: string } | null): Promise<void>;
  /** `10.77.0.53 200 platform.test:443`: who asked, with what result, for what; of all CONNECTs so far. */
  asked(): Promise<readonly string[]>;
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
    accounts: join(folder, "judge"),
  };
  let squid: Daemon | null = null;
  const ask: ForwardProxy["ask"] = async (account) => {
    await squid?.kill("SIGKILL");
    await writeFile(paths.accounts, account === null ? "" : judge(account));
    await chmod(paths.accounts, 0o755);
    await writeFile(paths.config, squidConfig(paths, account !== null));
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

/** squid hands over a line of name and password, in which it escapes what RFC 1738 section 2.2 calls unsafe. */
function judge({ user, password }: { readonly user: string; readonly password: string }): string {
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

function squidConfig(paths: { readonly log: string; readonly accounts: string }, asksForAccount: boolean): string {
  const judged = `auth_param basic program ${paths.accounts}
auth_param basic children 1
auth_param basic realm lab
acl known proxy_auth REQUIRED
http_access deny !known`;
  return `http_port ${gatewayAddress}:${port}
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
${asksForAccount ? judged : ""}
http_access allow all
`;
}
