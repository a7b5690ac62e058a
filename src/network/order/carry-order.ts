import { doNetworksOverlap, parseIpv4 } from "../../model/address.ts";
import type { NetworkState } from "../../model/network-state.ts";
import type { Order, OrderItem } from "../../model/order.ts";
import { failed, ok, type Result } from "../../model/result.ts";
import type { ItemFailure } from "../../model/scan.ts";
import type { Ipv4Settings, Settings } from "../../model/settings.ts";
import { checkSettings } from "../../model/validate.ts";
import { checkScan, leasedGatewayFlaw, type ScanLimits } from "./check-scan.ts";
import { describeIssue, firstOfEach, type ItemKind, type ItemValue, itemSchemas } from "./schema.ts";

/** What an order is judged by. */
export interface OrderContext extends ScanLimits {
  /** Settings in force. */
  readonly standing: Settings;
  /** What the machine shows; null when that is not known. */
  readonly network: NetworkState | null;
}

/**
 * The settings that an order makes of those in force. Refused whole when anything is wrong with it, by the items that are
 * to blame.
 */
export function carryOrder(order: Order, context: OrderContext): Result<Settings, readonly ItemFailure[]> {
  const { revision, items } = order;
  const empty = { ...context.standing, scan: { revision, vlans: [], routes: [] } };
  /** The item that gave a part of the settings its value. */
  const sources = new Map<string, string>();
  const flaws: ItemFailure[] = [...twice(items)];
  let settings: Settings = empty;
  const vlans: Settings["scan"]["vlans"][number][] = [];
  const routes: Settings["scan"]["routes"][number][] = [];
  for (const item of inTurn(items)) {
    const read = readItem(item);
    if (!read.ok) {
      flaws.push({ id: item.id, message: read.error });
      continue;
    }
    const part = read.value;
    if (part.kind === "vlan") vlans.push({ id: item.id, ...part.value });
    else if (part.kind === "route") routes.push({ id: item.id, ...part.value });
    else {
      const owner = sources.get(part.kind);
      if (owner !== undefined) flaws.push({ id: item.id, message: `${part.kind} is ordered by ${owner} already` });
      sources.set(part.kind, owner ?? item.id);
      const changed = change(settings, part);
      if (changed.ok) settings = changed.value;
      else flaws.push({ id: item.id, message: changed.error });
    }
  }
  settings = { ...settings, scan: { revision, vlans, routes } };
  flaws.push(...portFlaws(settings, sources), ...splitFlaws(settings, context.network, sources));
  flaws.push(...checkScan(settings, context));
  for (const route of routes) {
    // A lease that stays judges a route by it; one that goes with this order judges nothing.
    const stays = typeof route.via === "string" && !sources.has(`${route.via}-ipv4`);
    const message = stays ? leasedGatewayFlaw(route, context.network) : null;
    if (message !== null) flaws.push({ id: route.id, message });
  }
  return flaws.length === 0 ? ok(settings) : failed(firstOfEach(flaws));
}

/** Whatever the order of a document: WAN has a link once it is on. */
function inTurn(items: readonly OrderItem[]): readonly OrderItem[] {
  const isLast = ({ kind }: OrderItem) => kind === "wan-link";
  return [...items.filter((item) => !isLast(item)), ...items.filter(isLast)];
}

function twice(items: readonly OrderItem[]): readonly ItemFailure[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ id, message: "two items have this id" }];
  });
}

/** An item whose value has the form of its kind. */
type Part = { [Kind in ItemKind]: { readonly kind: Kind; readonly value: ItemValue<Kind> } }[ItemKind];

function readItem({ kind, value }: OrderItem): Result<Part, string> {
  if (!Object.hasOwn(itemSchemas, kind)) return failed(`there is no kind ${kind}`);
  const parsed = itemSchemas[kind as ItemKind].safeParse(value);
  if (parsed.success) return ok({ kind, value: parsed.data } as Part);
  const [issue] = parsed.error.issues;
  return failed(issue === undefined ? "not understood" : describeIssue(issue));
}

function change(settings: Settings, part: Exclude<Part, { kind: "vlan" | "route" }>): Result<Settings, string> {
  const { lan, wan } = settings;
  switch (part.kind) {
    case "lan-ipv4":
      return ok({ ...settings, lan: { ...lan, ipv4: part.value } });
    case "lan-ipv6":
      return ok({ ...settings, lan: { ...lan, ipv6: part.value } });
    case "lan-link":
      return ok({ ...settings, lan: { ...lan, link: part.value.mode } });
    case "wan-ipv4":
      if (part.value.method === "off") return ok({ ...settings, wan: null });
      if (settings.mode === "ipv6-only") return failed("there is no WAN in IPv6-only mode");
      return ok({ ...settings, wan: { link: wan?.link ?? "auto", ipv4: part.value } });
    case "wan-link":
      if (wan === null) return failed("WAN is not enabled");
      return ok({ ...settings, wan: { ...wan, link: part.value.mode } });
    case "proxy": {
      if ("off" in part.value) return ok({ ...settings, proxy: null });
      const { host, port } = part.value;
      if (settings.mode === "ipv6-only" && parseIpv4(host) !== null) return failed(`${host}: there is no IPv4 here`);
      // Credentials belong to a proxy, and go to no other.
      const same = settings.proxy?.host === host && settings.proxy.port === port ? settings.proxy : null;
      return ok({ ...settings, proxy: same ?? { host, port, user: null, passwordRef: null } });
    }
  }
}

/** By the rules of the panel, each under the item that ordered it. */
function portFlaws(settings: Settings, sources: ReadonlyMap<string, string>): readonly ItemFailure[] {
  return checkSettings(settings).map(({ path, message }) => {
    const [first = "", second = ""] = path.split(".");
    const kind = first === "proxy" ? "proxy" : `${first}-${second}`;
    const id = sources.get(kind);
    // Not the order's doing, but it cannot be applied upon this either.
    return { id: id ?? path, message: id === undefined ? message : `${path}: ${message}` };
  });
}

interface Side {
  readonly network: string;
  readonly gateway: string | null;
}

/** LAN and WAN must be two networks with two ways out. A lease counts where it stays. */
function splitFlaws(
  settings: Settings,
  network: NetworkState | null,
  sources: ReadonlyMap<string, string>,
): readonly ItemFailure[] {
  const { lan, wan } = settings;
  const id = sources.get("wan-ipv4") ?? sources.get("lan-ipv4");
  if (wan === null || id === undefined) return [];
  const ours = sideOf(lan.ipv4, sources.has("lan-ipv4") ? undefined : network?.lan);
  const theirs = sideOf(wan.ipv4, sources.has("wan-ipv4") ? undefined : (network?.wan ?? undefined));
  if (ours === null || theirs === null) return [];
  if (doNetworksOverlap(ours.network, theirs.network)) {
    return [{ id, message: `Duplicate LAN and WAN config: LAN ${ours.network}, WAN ${theirs.network}` }];
  }
  if (ours.gateway !== null && ours.gateway === theirs.gateway) {
    return [{ id, message: `LAN and WAN same gateway: ${ours.gateway}` }];
  }
  return [];
}

function sideOf(ipv4: Ipv4Settings, leased: NetworkState["lan"] | undefined): Side | null {
  if (ipv4.method === "static") {
    return { network: `${ipv4.address}/${ipv4.prefixLength}`, gateway: ipv4.gateway };
  }
  const own = leased?.ipv4[0];
  return own === undefined ? null : { network: own, gateway: leased?.gateway ?? null };
}
