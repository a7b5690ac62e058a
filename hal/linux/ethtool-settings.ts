import { type LinkMode, linkModes } from "../ethernet.ts";

/** What `ethtool PORT` prints, as far as speed and duplex go. Sets hold names such as `1000/full`, of all speeds. */
export interface EthtoolSettings {
  readonly supported: ReadonlySet<string>;
  readonly advertised: ReadonlySet<string>;
  /** The port can negotiate. Those that cannot have one way to work, which nobody chose. */
  readonly canNegotiate: boolean;
  readonly negotiates: boolean;
  /** Such as `100/full`; null where the driver does not say: many keep silent without carrier. */
  readonly current: string | null;
}

/** Reads the text form: ethtool 6.1 of Debian 12 takes no `--json` for it. */
export function parseEthtoolSettings(text: string): EthtoolSettings {
  const value = (title: string) => new RegExp(`^\\s*${title}: (.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
  const speed = /^(\d+)Mb\/s$/.exec(value("Speed"))?.[1];
  const duplex = /^(Half|Full)$/.exec(value("Duplex"))?.[1];
  return {
    supported: modeNames(text, "Supported link modes"),
    advertised: modeNames(text, "Advertised link modes"),
    canNegotiate: value("Supports auto-negotiation") === "Yes",
    negotiates: value("Auto-negotiation") === "on",
    current: speed === undefined || duplex === undefined ? null : nameOf(speed, duplex),
  };
}

/** The names in a paragraph `TITLE:   10baseT/Half 10baseT/Full ...` that goes on over indented lines, up to the next title. */
function modeNames(text: string, title: string): ReadonlySet<string> {
  const paragraph = new RegExp(`^\\s*${title}:([^:]*)(?:\\n[^\\n:]*:|$)`, "m").exec(text)?.[1] ?? "";
  const listed = paragraph.matchAll(/\b(\d+)base[^/\s]*\/(Half|Full)/g);
  return new Set([...listed].map(([, speed = "", duplex = ""]) => nameOf(speed, duplex)));
}

function nameOf(speed: string, duplex: string): string {
  return `${speed}/${duplex.toLowerCase()}`;
}

/** Modes that can be chosen. */
export function modesOf({ supported, canNegotiate }: EthtoolSettings): readonly LinkMode[] {
  const chosen = (mode: LinkMode) =>
    canNegotiate && supported.has(mode) && !(needsNegotiation(mode) && supported.size === 1);
  return linkModes.filter((mode) => mode === "auto" || chosen(mode));
}

/** The mode that the port is set to; null: a forced one that the driver does not name now. */
export function modeOf(settings: EthtoolSettings): LinkMode | null {
  const { supported, advertised, negotiates, current } = settings;
  const offered = modesOf(settings);
  if (offered.length === 1) return "auto";
  if (negotiates) {
    const [only] = advertised;
    return advertised.size === 1 && supported.size > 1 ? (offered.find((mode) => mode === only) ?? "auto") : "auto";
  }
  return current === null ? null : (offered.find((mode) => mode === current) ?? "auto");
}

/** The arguments of `ethtool -s PORT`. `autoneg on` alone advertises all that the port supports (ethtool(8), autoneg). */
export function settingArguments(mode: LinkMode): readonly string[] {
  if (mode === "auto") return ["autoneg", "on"];
  const [speed = "", duplex = ""] = mode.split("/");
  return ["speed", speed, "duplex", duplex, "autoneg", isForced(mode) ? "off" : "on"];
}

/** Set with negotiation off. */
export function isForced(mode: LinkMode): boolean {
  return mode !== "auto" && !needsNegotiation(mode);
}

/** 1000BASE-T cannot do without (IEEE 802.3 clause 40): set together with speed and duplex, it advertises that mode alone. */
function needsNegotiation(mode: LinkMode): boolean {
  return mode === "1000/full";
}
