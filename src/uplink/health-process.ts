import type { Health } from "./protocol.ts";

/** The file system among these that holds the directory: the longest mount point above it. */
export function holding<T extends { readonly mount: string }>(directory: string, systems: readonly T[]): T | undefined {
  const above = (mount: string) => `${directory}/`.startsWith(mount.endsWith("/") ? mount : `${mount}/`);
  return systems.filter(({ mount }) => above(mount)).sort((a, b) => b.mount.length - a.mount.length)[0];
}

/**
 * Looks at the machine: run in a process of its own, as several of these calls block for 30-150 ms. `directory` is the
 * state directory, whose file system counts.
 */
export async function readHealth(directory: string): Promise<Health> {
  const { default: systeminformation } = await import("systeminformation");
  const { cpuTemperature, currentLoad, fsSize, mem, time } = systeminformation;
  const [load, memory, systems, temperature] = await Promise.all([currentLoad(), mem(), fsSize(), cpuTemperature()]);
  const system = holding(directory, systems);
  const celsius: unknown = temperature.main;
  return {
    uptimeSeconds: Math.floor(Number(time().uptime)),
    load: load.avgLoad,
    memory: { totalBytes: memory.total, availableBytes: memory.available },
    disk: system === undefined ? null : { totalBytes: system.size, freeBytes: system.available },
    // null or -1 where there is no sensor.
    temperatureCelsius: typeof celsius === "number" && Number.isFinite(celsius) && celsius !== -1 ? celsius : null,
  };
}

/** What `bezel health DIRECTORY` does. */
export async function printHealth(directory: string, write: (text: string) => void): Promise<void> {
  write(`${JSON.stringify(await readHealth(directory))}\n`);
}
