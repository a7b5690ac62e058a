import type { ConsolePorts } from "../hal/console.ts";

/** Two sets of console ports as one; a device that both have is the first one's. */
export function joinConsoles(first: ConsolePorts, second: ConsolePorts): ConsolePorts {
  const owners = new Map<string, ConsolePorts>();
  return {
    watch: (patterns, changed) => {
      const seen = new Map<ConsolePorts, readonly string[]>();
      const report = (ports: ConsolePorts) => (devices: readonly string[]) => {
        seen.set(ports, devices);
        for (const device of seen.get(second) ?? []) owners.set(device, second);
        for (const device of seen.get(first) ?? []) owners.set(device, first);
        changed([...new Set([...seen.values()].flat())].sort());
      };
      const stops = [first.watch(patterns, report(first)), second.watch(patterns, report(second))];
      return () => {
        for (const stop of stops) stop();
      };
    },
    open: (device, line) => (owners.get(device) ?? first).open(device, line),
  };
}
