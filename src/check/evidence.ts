import { readChain } from "../connectivity/certificate.ts";
import type { Evidence } from "../connectivity/evidence.ts";
import type { ProxyAsked } from "../https/request-by-proxy.ts";
import { noAddresses, type PortState } from "../model/network-state.ts";
import { factorySettings } from "../model/settings.ts";
import type { Seen } from "./seen.ts";

/** The machine that checks stands where the appliance will stand: its network is the appliance's LAN. */
const lan: PortState = {
  ...noAddresses,
  interface: "this machine",
  present: true,
  configured: true,
  mac: null,
  carrier: true,
  speedMbps: null,
  duplex: null,
  link: "auto",
  vlan: 0,
  duplicate: null,
};

/** What was seen, as the box itself would hold it, so that the same rungs say the same words of it. Pure. */
export function evidenceOf({ target, proxy, dns, contact, look, lookedAtMs }: Seen): Evidence {
  return {
    settings: {
      ...factorySettings(),
      proxy: proxy === null ? null : { host: proxy.host, port: proxy.port, user: proxy.user, passwordRef: null },
    },
    network: { lan, wan: null, separated: false },
    platformHost: target.host,
    activated: true,
    proxyJustDisabled: false,
    proxyAuth: proxy === null ? null : { password: proxy.user !== null },
    networkUnread: null,
    configurationRefused: null,
    identityProblem: null,
    curl: null,
    dns,
    contact: contact === null ? null : { https: contact, answer: null, asked: askedOf(proxy, look) },
    look:
      look === null
        ? null
        : {
            chain: readChain(look.certificates, target.host, target.authority?.pems ?? null),
            exitCode: look.exitCode,
            message: look.message ?? "",
            ourMs: lookedAtMs,
            farMs: dateOf(look.date),
            location: look.location,
          },
  };
}

function askedOf(proxy: Seen["proxy"], look: Seen["look"]): ProxyAsked | null {
  if (proxy === null) return null;
  return { by: proxy.asking, offers: look?.proxyStatus === 407 ? look.proxySchemes : null, speaks: null };
}

/** The `Date:` of an answer, ms; null: it told none. */
export function dateOf(date: string | null): number | null {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? null : ms;
}
