import type { Argv } from "../../hal/processes.ts";
import type { PortName } from "../../src/model/settings.ts";
import type { Lab } from "./lab.ts";
import type { Daemon } from "./namespaces.ts";

/** Another machine on a cable's network, with a network card of its own. Gateway and host do not see one another. */
export interface Host {
  readonly mac: string;
  run(argv: Argv): Promise<string>;
  start(argv: Argv): Promise<Daemon>;
  /** Takes an address with prefix length, or gives it up. */
  holdAddress(address: string, held: boolean): Promise<void>;
}

/** In a namespace of that name. The wire is one of the box's ports and, as for a switch, all that hangs on it. */
export async function plugHost({ run, start, gateway }: Lab, port: PortName, name: string): Promise<Host> {
  const card = `${name}0`;
  const inside = ([...argv]: Argv): Argv => ["ip", "netns", "exec", name, ...argv];
  await run(["ip", "netns", "add", name]);
  await gateway.run([
    "ip",
    "link",
    "add",
    card,
    "link",
    `${port}gw`,
    "netns",
    name,
    "type",
    "macvlan",
    "mode",
    "bridge",
  ]);
  await run(inside(["ip", "link", "set", "lo", "up"]));
  await run(inside(["ip", "link", "set", card, "up"]));
  // So that it can broadcast without an address of the network. The kernel drops it with the card's last address.
  const routeAll = () => run(inside(["ip", "route", "replace", "default", "dev", card]));
  await routeAll();
  const [link] = JSON.parse(await run(inside(["ip", "-json", "link", "show", "dev", card]))) as { address: string }[];
  return {
    mac: link?.address ?? "",
    run: (argv) => run(inside(argv)),
    start: (argv) => start(inside(argv)),
    holdAddress: async (address, held) => {
      await run(inside(["ip", "address", held ? "add" : "delete", address, "dev", card]));
      await routeAll();
    },
  };
}
