/**
 * Benchmarks: `npm run bench`, or `npm run bench -- lcd start` for some of them; `--pairs N` and `--idle-seconds N` make the
 * alternated measurements and the observation of the idle process longer or shorter. `change` and `scan` need a lab (test/lab;
 * with `--network-manager` 4094 profiles are measured as well, for minutes), and `idle` uses one where there is one; `faults` takes
 * minutes, since what hangs has to be waited for; `unit` boots a guest (test/vm) and is measured only when it is asked for by name.
 *
 * Each figure is measured beside its yardstick in the same run and printed as a ratio with its goal. Times are medians with
 * the smallest and the largest. Nothing here decides a test: a machine that is busy with something else makes any time long.
 */
import { parseArgs } from "node:util";
import { measureChange } from "./change.ts";
import { measureConsole } from "./console.ts";
import { measureFaults } from "./faults.ts";
import { measureFleet } from "./fleet.ts";
import { measureIdle } from "./idle.ts";
import { measureKeys } from "./keys.ts";
import { measureLcd } from "./lcd.ts";
import { type Effort, type Figure, showFigure } from "./measure.ts";
import { measurePoll } from "./poll.ts";
import { measurePresses } from "./presses.ts";
import { measureScan } from "./scan.ts";
import { measureStart } from "./start.ts";
import { measureUnit } from "./unit.ts";

const figures: Readonly<Record<string, (effort: Effort) => Promise<Figure>>> = {
  lcd: measureLcd,
  keys: measureKeys,
  console: measureConsole,
  presses: measurePresses,
  start: measureStart,
  poll: measurePoll,
  fleet: measureFleet,
  faults: measureFaults,
  change: measureChange,
  scan: measureScan,
  idle: measureIdle,
  unit: measureUnit,
};
/** It boots a guest, and the first time makes it. */
const onlyByName = ["unit"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "20" },
    "idle-seconds": { type: "string", default: "60" },
    "network-manager": { type: "boolean", default: false },
  },
});
const effort: Effort = {
  pairs: Number(values.pairs),
  idleSeconds: Number(values["idle-seconds"]),
  networkManager: values["network-manager"],
};
const unknown = positionals.filter((name) => !(name in figures));
if (unknown.length > 0 || !(effort.pairs >= 1) || !(effort.idleSeconds >= 1)) {
  console.error(
    `usage: bench [${Object.keys(figures).join(" | ")}]... [--pairs N] [--idle-seconds N] [--network-manager]`,
  );
  process.exit(2);
}

console.log(`Node ${process.version}, ${process.platform} ${process.arch}\n`);
for (const [name, measure] of Object.entries(figures)) {
  if (positionals.length === 0 ? !onlyByName.includes(name) : positionals.includes(name))
    console.log(showFigure(await measure(effort)));
}
