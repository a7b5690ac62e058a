import type { ShownScans } from "../../../contract/scan-network.ts";
import { createModelKernel, type ModelKernel } from "../../../support/model-scan-kernel.ts";
import { scanNetworkOver } from "../../../support/some-scans.ts";

/** The real implementation, with both helpers, over the modelled kernel. */
export function openModel(kernel: ModelKernel = createModelKernel()) {
  return { kernel, network: scanNetworkOver(kernel) };
}

export const isOwn = (text: string) => !text.startsWith("fe80");

/** Links of ours, those that are about to go included, and the routes over them. */
export function shownBy(kernel: ModelKernel): ShownScans {
  const ours = kernel.links.filter(({ name, group }) => /^lan0\.\d+$/.test(name) && /^409[45]$/.test(group));
  const names = new Set(ours.map(({ name }) => name));
  const tagOf = (name: string) => Number(name.split(".")[1]);
  return {
    links: ours
      .map(({ name, ifindex, addresses }) => ({
        tag: tagOf(name),
        identity: ifindex,
        addresses: addresses.map(({ text }) => text).filter(isOwn),
      }))
      .sort((a, b) => a.tag - b.tag),
    routes: kernel.routes
      .filter(({ dev, protocol }) => names.has(dev) && protocol === "static")
      .map(({ dev, destination, gateway }) => ({ tag: tagOf(dev), destination, gateway }))
      .sort((a, b) => a.destination.localeCompare(b.destination)),
  };
}
