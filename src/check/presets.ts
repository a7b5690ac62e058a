/** A platform whose needs are known from a notice of its operator. */
export interface Preset {
  /** What must be reached, each by TCP 443. */
  readonly hosts: readonly string[];
  /** The addresses that these names should resolve to; the notice gives no IPv6 ones. */
  readonly addresses: readonly string[];
  /** For those who keep the network; nothing of it can be seen from here. One paragraph each. */
  readonly advice: readonly string[];
}

export const presetNames = ["qualys-qg3"] as const;
export type PresetName = (typeof presetNames)[number];

/** From the whitelisting notice for scanner appliances of Qualys Cloud Platform QG3. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  "qualys-qg3": {
    hosts: [
      "qualysguard.qg3.apps.qualys.com",
      "distribution.qg3.apps.qualys.com",
      "monitoring.qg3.apps.qualys.com",
      "qgadmin.qg3.apps.qualys.com",
      "scanservice1.qg3.apps.qualys.com",
      "qualysapi.qg3.apps.qualys.com",
    ],
    addresses: ["162.159.152.21", "162.159.153.243"],
    advice: [
      "Web filters (Websense, WebTitan, Barracuda and the like): leave the appliance's traffic out. To look into TLS they replace the platform's certificate, and the appliance does not have theirs.",
      "Antivirus, endpoint protection, EDR: allow the appliance's IP address in all areas of the software. It sees a scan as an attack and blocks it, and the results are incomplete.",
      "Intrusion detection and prevention (IDS/IPS): ignore the appliance's IP address, or all of its traffic may be blocked.",
      "Firewalls inside: let the appliance reach all ports of all addresses that are to be scanned, in all subnets.",
      "Proxy services, transparent ones above all: leave the appliance out. They answer for addresses where nobody is, which fills the results with what is not there and makes a scan ten times slower.",
    ],
  },
};

export function isPresetName(text: string): text is PresetName {
  return presetNames.some((name) => name === text);
}
