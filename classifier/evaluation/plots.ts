/** Curves as SVG: plain, self-contained, readable on white. */
import type { CalibrationBin, CurvePoint } from '../learning/metrics.ts';

export interface Line {
  readonly name: string;
  /** Both in [0, 1]. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const SIZE = 360;
const MARGIN = 48;
const COLOURS = ['#0b5fa5', '#c2410c', '#15803d', '#7c3aed'];
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function svgOf({ title, x, y, lines }: Plot): string {
  const whole = SIZE + 2 * MARGIN;
  const grid = TICKS.map((tick) => gridAt(tick)).join('');
  const paths = lines
    .map((line, index) => pathOf(line, COLOURS[index % COLOURS.length] as string, index))
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${whole}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title><rect width="${whole}" height="${whole}" fill="#fff"/>
<text x="${whole / 2}" y="24" text-anchor="middle" font-size="15">${escaped(title)}</text>
${grid}${paths}
<text x="${whole / 2}" y="${whole - 8}" text-anchor="middle">${escaped(x)}</text>
<text x="14" y="${whole / 2}" text-anchor="middle" transform="rotate(-90 14 ${whole / 2})">${escaped(y)}</text>
</svg>
`;
}

const across = (value: number): string => (MARGIN + value * SIZE).toFixed(1);
const up = (value: number): string => (MARGIN + (1 - value) * SIZE).toFixed(1);

function gridAt(tick: number): string {
  return `<path d="M${across(0)} ${up(tick)}H${across(1)}M${across(tick)} ${up(0)}V${up(1)}" stroke="#ddd" fill="none"/>
<text x="${across(tick)}" y="${MARGIN + SIZE + 16}" text-anchor="middle">${tick}</text>
<text x="${MARGIN - 6}" y="${up(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`;
}

function pathOf({ name, points }: Line, colour: string, index: number): string {
  const path = points.map(([a, b], at) => `${at === 0 ? 'M' : 'L'}${across(a)} ${up(b)}`).join('');
  const label = `<text x="${MARGIN + SIZE - 6}" y="${MARGIN + SIZE - 10 - 16 * index}" text-anchor="end" fill="${colour}">${escaped(name)}</text>`;
  return `<path d="${path}" stroke="${colour}" stroke-width="2" fill="none"/>${label}`;
}

const escaped = (text: string): string => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Enough points to look smooth. */
const MOST_POINTS = 400;

export function rocLine(name: string, curve: readonly CurvePoint[]): Line {
  return {
    name,
    points: [[0, 0], ...thinned(curve).map(({ falseAlarms, recall }) => [falseAlarms, recall] as const)],
  };
}

export function precisionLine(name: string, curve: readonly CurvePoint[]): Line {
  return { name, points: thinned(curve).map(({ recall, precision }) => [recall, precision] as const) };
}

export function calibrationLine(name: string, bins: readonly CalibrationBin[]): Line {
  return {
    name,
    points: bins.filter(({ count }) => count > 0).map(({ score, bad }) => [score, bad] as const),
  };
}

function thinned(curve: readonly CurvePoint[]): readonly CurvePoint[] {
  const step = Math.max(1, Math.floor(curve.length / MOST_POINTS));
  return curve.filter((_, index) => index % step === 0 || index === curve.length - 1);
}
