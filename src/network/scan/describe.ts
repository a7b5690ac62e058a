import type { ScanState } from "../../helper/scan/read.ts";
import { differLinks, differRoutes } from "./differ.ts";
import type { ScanWish } from "./scan-network.ts";

/** What brings the namespace to the wish, a line a step; none where all is there. */
export function describeScanSteps(wish: ScanWish, state: ScanState): readonly string[] {
  const { remove, make, set } = differLinks(wish, state);
  const made = make.map((tag) => ({ tag, up: true, going: false, addresses: [], refuted: [] }));
  const gone = new Set(remove);
  const links = [...state.links.filter(({ tag }) => !gone.has(tag)), ...made];
  const routes = differRoutes(wish, { ...state, links });
  const changed = set.map(({ tag }) => tag).filter((tag) => !make.includes(tag));
  return [
    ...step("take away", remove),
    ...step("make", make),
    ...step("change", changed),
    ...count("take away", routes.remove.length),
    ...count("make", routes.add.length),
  ];
}

function step(verb: string, tags: readonly number[]): readonly string[] {
  if (tags.length === 0) return [];
  return [`${verb} ${tags.length === 1 ? "VLAN" : "VLANs"} of scans: ${rangesOf(tags)}`];
}

function count(verb: string, routes: number): readonly string[] {
  return routes === 0 ? [] : [`${verb} ${routes} ${routes === 1 ? "route" : "routes"} of scans by VLANs`];
}

/** `2, 5-9, 4094`: 4094 tags in one line. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}
