import type { GlassView } from "../page-protocol.ts";
import { byId, setText } from "./dom.ts";

/** In dots: a cell is 5 by 8, between cells stands one dot of glass sideways and one and a half downwards. */
const cellWidth = 6;
const cellHeight = 9.5;
const margin = 2.4;
/** Part of the pitch that a dot covers. */
const fill = 0.9;
/** Liquid crystal is slow: the time in which a dot covers two thirds of the way. */
const riseMs = 38;
const fallMs = 74;

type Rgb = readonly [number, number, number];
/** Each colour without and with the backlight. */
const groundTop: readonly [Rgb, Rgb] = [
  [12, 23, 54],
  [28, 86, 236],
];
const groundBottom: readonly [Rgb, Rgb] = [
  [8, 15, 38],
  [17, 62, 196],
];
const dotOn: readonly [Rgb, Rgb] = [
  [30, 47, 92],
  [228, 241, 255],
];
/** A dot that is off is seen a little all the same, as on any such glass. */
const dotOff = "rgb(0 4 60 / 0.14)";

/** Draws every dot of the glass, each with the inertia of a real one. */
export function createGlass(): (view: GlassView) => void {
  const canvas = byId<HTMLCanvasElement>("glass");
  const context = canvas.getContext("2d");
  const window_ = canvas.parentElement;
  if (context === null || window_ === null) throw new Error("this browser has no canvas");
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  let view: GlassView | null = null;
  let shades = new Float32Array(0);
  let targets = new Float32Array(0);
  let backlight = 0;
  let lastMs = 0;
  let frame = 0;

  const measure = ({ cols, rows }: GlassView) => {
    const units = { width: cols * cellWidth - 1 + 2 * margin, height: rows * cellHeight - 1.5 + 2 * margin };
    canvas.style.aspectRatio = `${units.width} / ${units.height}`;
    const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    const height = Math.round((width * units.height) / units.width);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    return width / units.width;
  };

  const draw = () => {
    if (view === null) return;
    const pitch = measure(view);
    const ground = context.createLinearGradient(0, 0, 0, canvas.height);
    ground.addColorStop(0, css(mix(groundTop[0], groundTop[1], backlight)));
    ground.addColorStop(1, css(mix(groundBottom[0], groundBottom[1], backlight)));
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const size = pitch * fill;
    const [red, green, blue] = mix(dotOn[0], dotOn[1], backlight);
    let index = 0;
    for (let row = 0; row < view.rows; row++) {
      for (let col = 0; col < view.cols; col++) {
        const left = (margin + col * cellWidth) * pitch;
        const top = (margin + row * cellHeight) * pitch;
        for (let y = 0; y < 8; y++) {
          for (let x = 0; x < 5; x++, index++) {
            const shade = shades[index] ?? 0;
            context.fillStyle = shade < 0.02 ? dotOff : `rgb(${red} ${green} ${blue} / ${shade})`;
            context.fillRect(left + x * pitch, top + y * pitch, size, size);
          }
        }
      }
    }
    vignette(context, canvas.width, canvas.height);
  };

  const step = (nowMs: number) => {
    frame = 0;
    const elapsedMs = lastMs === 0 ? 16 : Math.min(100, nowMs - lastMs);
    lastMs = nowMs;
    let moving = false;
    const towards = (from: number, to: number, ms: number) => {
      const next = reducedMotion.matches ? to : from + (to - from) * (1 - Math.exp(-elapsedMs / ms));
      if (Math.abs(to - next) < 0.01) return to;
      moving = true;
      return next;
    };
    backlight = towards(backlight, view?.lit ? 1 : 0, 60);
    for (let index = 0; index < shades.length; index++) {
      const from = shades[index] ?? 0;
      const to = targets[index] ?? 0;
      if (from !== to) shades[index] = towards(from, to, to > from ? riseMs : fallMs);
    }
    draw();
    if (moving) schedule();
    else lastMs = 0;
  };
  const schedule = () => {
    if (frame === 0) frame = requestAnimationFrame(step);
  };
  new ResizeObserver(schedule).observe(window_);

  return (next) => {
    view = next;
    const count = next.cols * next.rows * 40;
    if (shades.length !== count) shades = new Float32Array(count);
    targets = targetsOf(next);
    window_.classList.toggle("lit", next.lit);
    const text = next.lit ? next.lines.map((line) => line.trimEnd()).join("\n") : "";
    canvas.setAttribute("aria-label", next.lit ? `Display: ${text}` : "Display, dark");
    canvas.dataset.lines = next.lit ? next.lines.join("\n") : "";
    setText(byId("glass-text"), text);
    schedule();
  };
}

function targetsOf({ dots, lit: on, cols, rows }: GlassView): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(cols * rows * 40);
  if (!on) return targets;
  let index = 0;
  for (const row of dots) {
    for (const cell of row) {
      for (let y = 0; y < 8; y++) {
        for (let bit = 4; bit >= 0; bit--) targets[index++] = ((cell[y] ?? 0) >> bit) & 1;
      }
    }
  }
  return targets;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}

/** The light comes from the side and is weaker at the edges. */
function vignette(context: CanvasRenderingContext2D, width: number, height: number): void {
  const shade = context.createRadialGradient(width / 2, height / 2, height * 0.3, width / 2, height / 2, width * 0.62);
  shade.addColorStop(0, "rgb(120 170 255 / 0.10)");
  shade.addColorStop(0.6, "rgb(0 0 0 / 0)");
  shade.addColorStop(1, "rgb(0 0 30 / 0.34)");
  context.fillStyle = shade;
  context.fillRect(0, 0, width, height);
}
