import { type LinkMode, linkModes } from "../../../hal/ethernet.ts";
import type { PortName, Settings } from "../../model/settings.ts";
import { isSplit } from "../conditions.ts";
import { choiceField } from "../fields/choice.ts";
import { change, of, type Procedure } from "../procedure-parts.ts";

const labels: Readonly<Record<LinkMode, string>> = {
  auto: "AUTO",
  "1000/full": "1GbaseT/Full",
  "100/full": "100baseT/Full",
  "100/half": "100baseT/Half",
  "10/full": "10baseT/Full",
  "10/half": "10baseT/Half",
};

const options = linkModes.map((value) => ({ value, label: labels[value] }));

/** Speed and duplex of a port. WAN's stands below LAN's, and there in a split network only. */
export function portLink(port: PortName): Procedure {
  const label = port.toUpperCase();
  const modeOf = (name: string) => linkModes.find((mode) => mode === name) ?? "auto";
  return {
    begin: null,
    fields: [
      {
        id: `ports/${port}`,
        name: "link",
        prompt: `${label} PORT LINK`,
        optional: false,
        initial: ({ settings }) => settings[port]?.link ?? "auto",
        open: choiceField(options),
      },
    ],
    confirm: {
      id: `confirm/${port}-link`,
      text: `REALLY SET ${label} TO`,
      chosen: (entered) => labels[modeOf(of(entered, "link"))],
    },
    effect: (entered, { settings }) =>
      change(withLink(settings, port, modeOf(of(entered, "link"))), `${port}-link`, `SETTING ${label} PORT LINK`),
    ...(port === "lan" ? { below: "wan-link" } : { above: "lan-link", when: isSplit }),
    stays: true,
  };
}

function withLink(settings: Settings, port: PortName, link: LinkMode): Settings {
  if (port === "lan") return { ...settings, lan: { ...settings.lan, link } };
  return settings.wan === null ? settings : { ...settings, wan: { ...settings.wan, link } };
}
