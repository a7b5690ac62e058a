import type { Stop } from "../hal/clock.ts";
import type { ConsolePorts } from "../hal/console.ts";
import { createConsolePair } from "../hal/mock/console-pair.ts";
import { createListeners } from "./listeners.ts";
import type { ConsoleView } from "./page-protocol.ts";

/** The cable between the box's USB socket and the terminal of the page. It outlives the box. */
export interface SerialLine {
  /** The box's end. */
  readonly ports: ConsolePorts;
  /** What the person types; lost when nobody reads. */
  type(input: string): void;
  plug(plugged: boolean): void;
  /** What was printed from this character on, as far as it is remembered. */
  printed(from: number): ConsoleView;
  subscribe(changed: () => void): Stop;
}

/** A page that joins late gets this much of what was printed: more than a dozen full repaints. */
const rememberedCharacters = 32_768;

export function createSerialLine(device: string): SerialLine {
  const pair = createConsolePair();
  const peer = pair.peer(device);
  const { tell, subscribe } = createListeners();
  let plugged = true;
  let remembered = "";
  let forgotten = 0;
  pair.plug(device);

  const collect = () => {
    const all = remembered + peer.take();
    remembered = all.slice(-rememberedCharacters);
    forgotten += all.length - remembered.length;
    tell();
  };

  return {
    ports: {
      watch: pair.watch,
      open: async (name, line) => {
        const port = await pair.open(name, line);
        return {
          ...port,
          write: async (bytes) => {
            await port.write(bytes);
            collect();
          },
        };
      },
    },
    type: (input) => peer.write(input),
    plug: (next) => {
      if (plugged === next) return;
      plugged = next;
      if (next) pair.plug(device);
      else pair.unplug(device);
      forgotten += remembered.length;
      remembered = "";
      tell();
    },
    printed: (from) => {
      const start = Math.max(from, forgotten);
      return { device, plugged, from: start, text: remembered.slice(start - forgotten) };
    },
    subscribe,
  };
}
