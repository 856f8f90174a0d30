/** Draws a session's columns: how much ran, the worst of it, alarms, and the risk as a line over them. */
import type { Column } from './session-columns.ts';

/** px. */
export const HEIGHT = 56;

const FLOOR = HEIGHT - 1;
const COLOURS = { observe: '--observe', hold: '--hold', deny: '--deny' } as const;

/** Unix ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function drawTimeline(
  canvas: HTMLCanvasElement,
  columns: readonly Column[],
  { from, to }: Span,
): void {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const colour = (name: string): string => {
    canvas.style.color = `var(${name})`; // a variable by itself may be an expression
    return getComputedStyle(canvas).color;
  };
  const x = (at: number): number => ((at - from) / Math.max(1, to - from)) * (width - 2);

  context.globalAlpha = 0.55;
  context.fillStyle = colour('--text-3');
  for (const [place, count] of counts(columns, x)) {
    const height = Math.min(4 + 7 * Math.log2(1 + count), 30);
    context.fillRect(place, HEIGHT - height, 1.5, height);
  }
  context.globalAlpha = 1;
  for (const { from: at, worst } of columns) {
    if (worst === 'allow') continue;
    context.fillStyle = colour(COLOURS[worst]);
    context.fillRect(x(at), HEIGHT - 34, 2, 34);
  }
  context.strokeStyle = colour('--risk');
  drawRisk(context, columns, x);
  context.fillStyle = colour('--accent');
  for (const { from: at, alarms } of columns) if (alarms > 0) drawFlag(context, x(at));
}

/** How many statements are in each column of pixels. */
function counts(columns: readonly Column[], x: (at: number) => number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const { from, statements } of columns) {
    const place = Math.round(x(from));
    if (statements > 0) places.set(place, (places.get(place) ?? 0) + statements);
  }
  return places;
}

/** In steps: a score holds until the next. */
function drawRisk(
  context: CanvasRenderingContext2D,
  columns: readonly Column[],
  x: (at: number) => number,
): void {
  let before: number | null = null;
  context.lineWidth = 1.25;
  context.beginPath();
  for (const { from, risk } of columns) {
    if (risk === null) continue;
    const y = FLOOR - risk * (HEIGHT - 4);
    if (before === null) context.moveTo(x(from), y);
    else context.lineTo(x(from), before);
    context.lineTo(x(from), y);
    before = y;
  }
  context.stroke();
}

/** An alarm differs from a refusal by its form, too. */
function drawFlag(context: CanvasRenderingContext2D, x: number): void {
  context.fillRect(x, 4, 1.5, HEIGHT - 4);
  context.beginPath();
  context.moveTo(x, 4);
  context.lineTo(x + 9, 8.5);
  context.lineTo(x, 13);
  context.fill();
}
