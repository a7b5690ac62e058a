import { boxes, type Curve, intervalSeconds, mean, type Panel, windowSeconds } from "./fleet-curves.ts";

/** The load of the platform as a picture: a panel for each event, time from left to right, the load in means. */

const plot = { left: 56, width: 700, height: 108, top: 34 };
const panelHeight = plot.top + plot.height + 44;
const size = { width: plot.left + plot.width + 24, header: 58 };
const mostMeans = 4;
const colours = ["#2f6f9f", "#d1793a", "#5b9a5a"];

const style = `
  text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #1b2a33 }
  .head { font-size: 16px; font-weight: 600 }
  .title { font-weight: 600 }
  .small { font-size: 11px; fill: #5a6b74 }
  .grid { stroke: #dfe5e8 }
  .goal { stroke: #b3403a; stroke-dasharray: 5 4 }
  .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round }
`;

/** The same panels give the same bytes. */
export function drawFleet(panels: readonly Panel[]): string {
  const height = size.header + panels.length * panelHeight + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}">`,
    "<title>Load of the platform by ten thousand boxes</title>",
    `<style>${style}</style>`,
    `<rect width="${size.width}" height="${height}" fill="#ffffff"/>`,
    text(
      24,
      26,
      `${boxes.toLocaleString("en")} boxes, a poll each ${intervalSeconds} s: ${mean.toFixed(1)} polls a second`,
      "head",
    ),
    text(
      24,
      44,
      `Load of the platform, in multiples of that, in windows of ${windowSeconds} s. Red: what it must not exceed.`,
      "small",
    ),
    ...panels.flatMap((panel, index) => drawPanel(panel, size.header + index * panelHeight)),
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, curves }: Panel, top: number): readonly string[] {
  const base = top + plot.top + plot.height;
  const yOf = (means: number) => base - (Math.min(means, mostMeans) / mostMeans) * plot.height;
  const right = plot.left + plot.width;
  const windows = Math.max(...curves.map((curve) => curve.windows.length));
  const minutes = Math.floor((windows * windowSeconds) / 60);
  const xOf = (window: number) => plot.left + (window / windows) * plot.width;
  const grid = Array.from({ length: mostMeans + 1 }, (_, means) => [
    `<path class="${means === 3 ? "goal" : "grid"}" d="M${plot.left} ${yOf(means)}H${right}"/>`,
    text(plot.left - 8, yOf(means) + 4, `${means}`, "small", "end"),
  ]);
  const ticks = Array.from({ length: Math.floor(minutes / 3) + 1 }, (_, tick) =>
    text(xOf((tick * 180) / windowSeconds), base + 16, `${tick * 3} min`, "small", "middle"),
  );
  return [
    text(24, top + 16, title, "title"),
    ...grid.flat(),
    ...ticks,
    ...curves.flatMap((curve, index) => drawCurve(curve, colours[index] ?? "#000000", xOf, yOf)),
    ...legend(curves, top + plot.top + 12, right),
  ];
}

function drawCurve(
  { windows }: Curve,
  colour: string,
  xOf: (window: number) => number,
  yOf: (means: number) => number,
): readonly string[] {
  const points = windows.map((load, window) => `${xOf(window + 0.5).toFixed(1)} ${yOf(load / mean).toFixed(1)}`);
  const path = `<path class="curve" stroke="${colour}" d="M${points.join("L")}"/>`;
  const beyond = windows.findIndex((load) => load / mean > mostMeans);
  if (beyond === -1) return [path];
  const means = ((windows[beyond] ?? 0) / mean).toFixed(0);
  return [path, text(xOf(beyond + 0.5) + 8, yOf(mostMeans) + 8, `${means}, all within half a second`, "small")];
}

function legend(curves: readonly Curve[], top: number, right: number): readonly string[] {
  const box = `<rect x="${right - 250}" y="${top - 14}" width="250" height="${curves.length * 15 + 4}" fill="#ffffff"/>`;
  const rows = curves.flatMap(({ name, windows }, index) => {
    const y = top + index * 15;
    const peak = (Math.max(...windows) / mean).toFixed(1);
    return [
      `<rect x="${right - 240}" y="${y - 8}" width="14" height="4" fill="${colours[index]}"/>`,
      text(right - 220, y - 2, `${name}: at most ${peak}`, "small"),
    ];
  });
  return [box, ...rows];
}

function text(x: number, y: number, content: string, className: string, anchor = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${className}" text-anchor="${anchor}">${content}</text>`;
}
