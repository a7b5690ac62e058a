import type { Frame } from "../src/model/frame.ts";
import { domainRules, hostRules, passwordRules, proxyUserRules } from "../src/panel/fields/rules.ts";
import { menuSections, type Row, type Section } from "./menu-rows.ts";

/** The menus as a picture: each screen as the 16 x 2 glass shows it, each path of keys from left to right. */

const cell = { width: 8, height: 17 };
const glass = { width: 16 * cell.width + 12, height: 2 * cell.height + 10 };
/** From one glass to the next, and from one row to the next. */
const step = { x: glass.width + 36, y: glass.height + 38 };
const margin = 24;
const titleHeight = 48;

const style = `
  text { font: 13px ui-monospace, "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace; fill: #1b2a33; white-space: pre }
  .title { font: 600 17px system-ui, "DejaVu Sans", sans-serif }
  .small { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: #5a6b74 }
  .glass { fill: #cfe3b4; stroke: #7d9363 }
  .line { stroke: #8a99a1; fill: none }
  .head { fill: #8a99a1 }
`;

/** The whole drawing as an SVG document. The same tables give the same bytes. */
export function drawMenus(): string {
  const sections = menuSections();
  const longest = Math.max(...sections.flatMap(({ rows }) => rows.map(({ screens }) => screens.length)));
  const width = 2 * margin + longest * step.x;
  const parts: string[] = [];
  let top = margin;
  for (const section of sections) {
    parts.push(...drawSection(section, top));
    top += titleHeight + section.rows.length * step.y;
  }
  parts.push(...drawRings(top));
  const height = top + titleHeight + rings.length * 44 + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    "<title>Menus and screens of the front panel</title>",
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawSection({ title, rows }: Section, top: number): readonly string[] {
  return [
    text(margin, top + 28, title, "title"),
    ...rows.flatMap((row, index) => drawRow(row, top + titleHeight + index * step.y - 4)),
  ];
}

function drawRow({ screens, note, end }: Row, top: number): readonly string[] {
  const middle = top + glass.height / 2;
  const behind = margin + screens.length * step.x - 36;
  return [
    ...screens.flatMap(({ frame, key }, index) => [
      ...(index === 0 ? [] : arrow(margin + index * step.x - 36, middle, key)),
      ...drawGlass(frame, margin + index * step.x, top),
    ]),
    ...(note === "" ? [] : [text(margin + 2, top + glass.height + 25, note, "small")]),
    ...(end === "" ? [] : [...arrow(behind, middle, ""), text(behind + 36, middle + 4, end, "small")]),
  ];
}

function drawGlass({ lines, screen }: Frame, left: number, top: number): readonly string[] {
  return [
    `<rect class="glass" x="${left}" y="${top}" width="${glass.width}" height="${glass.height}" rx="4"/>`,
    ...lines.map((line, row) => {
      const y = top + 19 + row * cell.height;
      // One cell a character, whatever the font's width.
      const width = `textLength="${line.length * cell.width}" lengthAdjust="spacingAndGlyphs"`;
      return `<text x="${left + 6}" y="${y}" ${width} xml:space="preserve">${escaped(line.replaceAll(" ", "\u00a0"))}</text>`;
    }),
    text(left + 2, top + glass.height + 12, screen, "small"),
  ];
}

function arrow(left: number, y: number, key: string): readonly string[] {
  const right = left + 34;
  return [
    `<path class="line" d="M${left + 3} ${y}H${right - 6}"/>`,
    `<path class="head" d="M${right} ${y}l-7 -4v8z"/>`,
    ...(key === "" ? [] : [text(left + 10, y - 5, key, "small")]),
  ];
}

const rings: readonly (readonly [string, string])[] = [
  ["DOMAIN NAME", domainRules.ring],
  ["PROXY HOST", hostRules("ipv4+v6").ring],
  ["PROXY USER", proxyUserRules.ring],
  ["PROXY PASSW", passwordRules.ring],
];

/** The order of the characters; the blank cell, drawn as a box, stands twice. */
function drawRings(top: number): readonly string[] {
  return [
    text(margin, top + 28, "Characters: UP goes to the right, DOWN to the left, round and round", "title"),
    ...rings.flatMap(([name, ring], index) => {
      const y = top + titleHeight + index * 44 + 14;
      return [text(margin, y, name, "small"), text(margin + 110, y, [...ring.replaceAll(" ", "\u25a1")].join(" "), "")];
    }),
  ];
}

function text(x: number, y: number, content: string, kind: string): string {
  const name = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${x}" y="${y}"${name}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return content.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}
