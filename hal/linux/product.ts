import { HalError } from "../errors.ts";
import type { Files } from "../files.ts";

/** What the firmware says of the machine; empty where it says nothing. */
export interface MachineName {
  readonly serial: string;
  readonly model: string;
}

const places = {
  /** DMI of a PC, then the device tree of a board. The serial in DMI can be read by root only. */
  serial: ["/sys/class/dmi/id/product_serial", "/proc/device-tree/serial-number"],
  model: ["/sys/class/dmi/id/product_name", "/proc/device-tree/model"],
} as const;

/** Reads serial number and model from DMI or the device tree. Never rejects for what is missing or forbidden. */
export async function readMachineName(files: Pick<Files, "read">): Promise<MachineName> {
  const first = async (paths: readonly string[]) => {
    for (const path of paths) {
      const text = await readText(files, path);
      if (text !== "") return text;
    }
    return "";
  };
  return { serial: await first(places.serial), model: await first(places.model) };
}

async function readText(files: Pick<Files, "read">, path: string): Promise<string> {
  try {
    // Strings of a device tree end in NUL.
    return new TextDecoder()
      .decode(await files.read(path, 4096))
      .replaceAll("\0", "")
      .trim();
  } catch (error) {
    if (error instanceof HalError) return "";
    throw error;
  }
}
