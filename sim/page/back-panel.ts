import type { StatusDocument } from "../../src/control/schema.ts";
import type { BenchDocument } from "../bench-document.ts";
import type { PowerView } from "../page-protocol.ts";
import { patchBench, plugConsole, setPower } from "./api.ts";
import { byId, setText } from "./dom.ts";

/** The lamp of the serial cable stays lit so long after the last byte. */
const lampMs = 150;

type Complain = (problem: string | null) => void;

/** Cables that can be pulled, lamps, the power button. */
export function bindBackPanel(complain: Complain) {
  const jacks = {
    lan: byId("port-lan").querySelector<HTMLElement>(".jack"),
    wan: byId("port-wan").querySelector<HTMLElement>(".jack"),
  };
  const inlet = byId("power-plug");
  const dongle = byId("console-plug");
  let quiet = 0;
  const isIn = (plug: HTMLElement | null) => plug?.ariaPressed === "true";

  for (const port of ["lan", "wan"] as const) {
    jacks[port]?.addEventListener("click", async () =>
      complain(await patchBench({ [port]: { cable: !isIn(jacks[port]) } })),
    );
  }
  inlet.addEventListener("click", async () => complain(await setPower(isIn(inlet) ? "cut" : "restore")));
  byId("power-button").addEventListener("click", async () => complain(await setPower("button")));
  dongle.addEventListener("click", async () => complain(await plugConsole(!isIn(dongle))));

  const label = (plug: HTMLElement | null, name: string, plugged: boolean) => {
    if (plug === null) return;
    plug.ariaPressed = String(plugged);
    plug.title = plugged ? `Pull the ${name}` : `Plug in the ${name}`;
  };

  return {
    showBench: (bench: BenchDocument) => {
      for (const port of ["lan", "wan"] as const) label(jacks[port], `${port.toUpperCase()} cable`, bench[port].cable);
    },
    showPower: ({ plugged, running }: PowerView) => {
      label(inlet, "power cable", plugged);
      byId("power-button").classList.toggle("lit", plugged && running);
    },
    showConsole: (plugged: boolean, busy: boolean) => {
      label(dongle, "serial console", plugged);
      if (!busy) return;
      dongle.classList.add("busy");
      clearTimeout(quiet);
      quiet = window.setTimeout(() => dongle.classList.remove("busy"), lampMs);
    },
    /** The lamps belong to the socket: WAN's are lit by a cable even while the box does not use it. */
    showLamps: (status: StatusDocument, bench: BenchDocument, running: boolean) => {
      for (const port of ["lan", "wan"] as const) {
        const state = status[port];
        const up = running && (state === null ? bench[port].cable : state.carrier);
        byId(`port-${port}`).classList.toggle("up", up);
        const speed = byId(`port-${port}`).querySelector(".speed");
        if (speed !== null) setText(speed, up && state?.speedMbps ? speedText(state.speedMbps) : "");
      }
    },
  };
}

function speedText(mbps: number): string {
  return mbps >= 1000 ? `${mbps / 1000}G` : `${mbps}M`;
}
