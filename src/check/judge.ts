import { contactRungs, dnsRung } from "../connectivity/contact-rungs.ts";
import { nameCurlFailure } from "../connectivity/curl-failure.ts";
import { wordFault } from "../connectivity/messages.ts";
import { type Rung, sound, type Verdict } from "../connectivity/rung.ts";
import type { Timings } from "../https/https.ts";
import type { Fault } from "../model/fault.ts";
import { isPublic, issuerOf } from "./authority.ts";
import { type CheckRung, checkRungs } from "./check-rungs.ts";
import { dateOf, evidenceOf } from "./evidence.ts";
import { ruleFor } from "./firewall-rule.ts";
import type { Seen } from "./seen.ts";
import { nameTarget } from "./target.ts";

export interface CheckedRung {
  readonly rung: CheckRung;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

export interface CheckFault extends Fault {
  /** What to ask of those who keep the network; null where no rule of theirs would help. */
  readonly rule: string | null;
}

/** One host as it was found. */
export interface CheckedHost {
  /** `host:port`. */
  readonly host: string;
  /** Every rung was looked at, and is well. */
  readonly ok: boolean;
  /** Up to the first broken one, or to the first that was not looked at yet. */
  readonly rungs: readonly CheckedRung[];
  readonly fault: CheckFault | null;
  /** Who signed the certificate that was shown, trusted or not; null: none was shown. */
  readonly issuer: string | null;
  /** What is well but odd. */
  readonly warnings: readonly string[];
}

/** What was seen of a host, in the product's words. Pure. */
export function judgeHost(seen: Seen): CheckedHost {
  const host = { host: nameTarget(seen.target), issuer: issuerOf(seen), warnings: warningsOf(seen) };
  const rungs: CheckedRung[] = [];
  for (const { name, verdict } of verdictsOf(seen)) {
    if (verdict.state === "unknown") return { ...host, ok: false, rungs, fault: null };
    const ok = verdict.state === "sound";
    rungs.push({ rung: name, ok, ms: rungMs(name, ok, seen), detail: ok ? verdict.detail : verdict.fault.detail });
    if (!ok) return { ...host, ok, rungs, fault: { ...verdict.fault, rule: ruleFor(name, verdict.fault, seen) } };
  }
  return { ...host, ok: true, rungs, fault: null };
}

interface Judged {
  readonly name: CheckRung;
  readonly verdict: Verdict;
}

function verdictsOf(seen: Seen): readonly Judged[] {
  const evidence = evidenceOf(seen);
  const product: readonly Rung[] = [dnsRung, ...contactRungs(seen.proxy !== null)];
  return checkRungs.flatMap((name): readonly Judged[] => {
    if (name === "clock") return [{ name, verdict: checkClock(seen) }];
    const rung = product.find((one) => one.name === name);
    return rung === undefined ? [] : [{ name, verdict: ownVerdict(name, seen) ?? rung.check(evidence) }];
  });
}

/** Where a check asks for less than the box does, or for more; null: it asks for the same. */
function ownVerdict(rung: CheckRung, seen: Seen): Verdict | null {
  const { contact, proxy } = seen;
  if (contact === null || rung === "dns") return null;
  const asksForDevice =
    contact.kind === "failed" && nameCurlFailure(contact, proxy !== null).code === "device-certificate-refused";
  const isVerified = asksForDevice || contact.kind === "reply" || contact.kind === "tooLarge";
  if (rung === "tls" && isVerified) {
    return inspected(seen) ?? sound(`issued by ${issuerOf(seen) ?? "an authority that is trusted here"}`);
  }
  // Somebody answered: what a front page says is no concern of the appliance's.
  if (rung === "http" && contact.kind === "reply")
    return sound(`HTTP/${contact.status}${redirectOf(seen)?.text ?? ""}`);
  return asksForDevice && rung === "http" ? sound("asks for a device certificate, which only the appliance has") : null;
}

/** This machine may trust the authority of a device that looks into TLS; the appliance does not. */
function inspected(seen: Seen): Verdict | null {
  if (!seen.target.publicAuthority || isPublic(seen) !== false) return null;
  const detail = `the certificate for ${seen.target.host} is issued by ${issuerOf(seen)}; this machine trusts it, the appliance will not`;
  return { state: "broken", fault: wordFault("tls-intercepted", detail, new Set()) };
}

/** Where the front page sends on to; null: nowhere. */
function redirectOf({ look, contact, target }: Seen): { readonly text: string; readonly leadsAway: boolean } | null {
  if (contact?.kind !== "reply" || contact.status < 300 || contact.status > 399) return null;
  const location = look?.location ?? null;
  if (location === null) return null;
  const base = `https://${nameTarget(target)}/`;
  const url = URL.canParse(location, base) ? new URL(location, base) : null;
  const host = url?.hostname.replace(/^\[|\]$/g, "");
  return {
    text: `, sends on to ${url === null ? location : `${url.origin}${url.pathname}`}`,
    leadsAway: host !== target.host,
  };
}

/** Certificates are refused and log-ins expire by a wrong clock; minutes are neither. */
const maxClockOffsetMs = 5 * 60_000;

function checkClock({ look, lookedAtMs, contact, target }: Seen): Verdict {
  if (contact === null) return { state: "unknown", needs: "contact" };
  const farMs = dateOf(look?.date ?? null);
  if (farMs === null) return sound(`${target.host} tells no time`);
  const offsetMs = lookedAtMs - farMs;
  if (Math.abs(offsetMs) <= maxClockOffsetMs)
    return sound(`within ${Math.ceil(Math.abs(offsetMs) / 1000)} s of ${target.host}`);
  const off = `${durationText(Math.abs(offsetMs))} ${offsetMs > 0 ? "ahead of" : "behind"}`;
  return {
    state: "broken",
    fault: {
      code: "clock-wrong",
      message: "The clock is wrong",
      legacyCode: null,
      detail: `our clock says ${isoText(lookedAtMs)}, ${off} ${target.host}, which says ${isoText(farMs)}`,
      next: "Set date, time and time zone of this machine. The appliance takes the time from its platform.",
    },
  };
}

function durationText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

function isoText(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : "nothing";
}

function warningsOf(seen: Seen): readonly string[] {
  const { target, proxy, dns, nameWarning, contact } = seen;
  const resolved = proxy === null && dns?.kind === "addresses" ? dns.addresses : [];
  const strange =
    target.addresses.length === 0 ? [] : resolved.filter((address) => !target.addresses.includes(address));
  const isPrivate =
    contact?.kind === "reply" && !target.publicAuthority && target.authority === null && isPublic(seen) === false;
  return [
    ...(nameWarning === null ? [] : [nameWarning]),
    ...(strange.length === 0
      ? []
      : [
          `${target.host} resolves to ${strange.join(", ")}, the notice names ${target.addresses.join(" and ")}: a DNS filter may answer instead, or the notice is out of date`,
        ]),
    ...(isPrivate
      ? [
          `the certificate for ${target.host} is issued by ${issuerOf(seen)}, which is no public authority: this machine trusts it, the appliance only with ca_file`,
        ]
      : []),
    ...(redirectOf(seen)?.leadsAway === true
      ? [`${target.host} sends on to another host: a block page, a log-in page?`]
      : []),
  ];
}

/** The part of the last transfer that a rung took; 0: none of its own, or not told. */
function rungMs(rung: CheckRung, ok: boolean, { dnsMs, look, contact }: Seen): number {
  if (rung === "dns") return round(dnsMs);
  const timings = contact !== null && "timings" in contact ? contact.timings : look?.timings;
  if (timings === undefined) return 0;
  const { connectedMs, tlsMs, firstByteMs, totalMs }: Timings = timings;
  // A time that curl does not tell is that of the end where it broke, and unknown where it did not.
  const span = (from: number, to: number) => round(Math.max(0, (to !== 0 ? to : ok ? from : totalMs) - from));
  switch (rung) {
    case "proxy":
    case "connect":
      return span(0, connectedMs);
    case "tls":
      return span(connectedMs, tlsMs);
    case "http":
      return span(tlsMs, firstByteMs);
    case "clock":
      return 0;
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
