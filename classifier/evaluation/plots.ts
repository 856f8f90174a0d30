/** Curves as SVG: plain, self-contained, readable on white. */
import type { CalibrationBin, CurvePoint } from '../learning/metrics.ts';

export interface Line {
  readonly name: string;
  /** Both in [0, 1]. */
  readonly points: readonly (readonly [number, number])[];
}

/** `logarithmic`: four powers of ten, up to 1. */
export type Scale = 'linear' | 'logarithmic';

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly scale?: Scale;
  /** Points stand out, not lines alone. */
  readonly dotted?: boolean;
  readonly lines: readonly Line[];
}

const SIZE = 360;
const MARGIN = 48;
const COLOURS = ['#0b5fa5', '#c2410c', '#15803d', '#7c3aed'];
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
const POWERS = 4;
const DECADES = Array.from({ length: POWERS + 1 }, (_, power) => 10 ** (power - POWERS));

export function svgOf({ title, x, y, scale = 'linear', dotted = false, lines }: Plot): string {
  const whole = SIZE + 2 * MARGIN;
  const grid =
    TICKS.map(rowAt).join('') +
    ticksOf(scale)
      .map((tick) => columnAt(tick, scale))
      .join('');
  const paths = lines
    .map((line, index) => pathOf(line, COLOURS[index % COLOURS.length] as string, index, scale, dotted))
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

/** On a logarithmic scale what is smaller stands at the edge. */
function across(value: number, scale: Scale): string {
  const share = scale === 'linear' ? value : 1 + Math.log10(Math.max(10 ** -POWERS, value)) / POWERS;
  return (MARGIN + share * SIZE).toFixed(1);
}

const up = (value: number): string => (MARGIN + (1 - value) * SIZE).toFixed(1);

const ticksOf = (scale: Scale): readonly number[] => (scale === 'linear' ? TICKS : DECADES);

const rowAt = (tick: number): string =>
  `<path d="M${MARGIN} ${up(tick)}h${SIZE}" stroke="#ddd" fill="none"/>
<text x="${MARGIN - 6}" y="${up(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`;

const columnAt = (tick: number, scale: Scale): string =>
  `<path d="M${across(tick, scale)} ${up(0)}V${up(1)}" stroke="#ddd" fill="none"/>
<text x="${across(tick, scale)}" y="${MARGIN + SIZE + 16}" text-anchor="middle">${scale === 'linear' ? tick : `${100 * tick} %`}</text>`;

function pathOf(
  { name, points }: Line,
  colour: string,
  index: number,
  scale: Scale,
  dotted: boolean,
): string {
  const places = points.map(([a, b]) => `${across(a, scale)} ${up(b)}`);
  const dots = dotted
    ? places
        .map((place) => place.split(' '))
        .map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/>`)
    : [];
  const label = `<text x="${MARGIN + SIZE - 6}" y="${MARGIN + SIZE - 10 - 16 * index}" text-anchor="end" fill="${colour}">${escaped(name)}</text>`;
  return `<path d="M${places.join('L')}" stroke="${colour}" stroke-width="2" fill="none"/>${dots.join('')}${label}`;
}

const escaped = (text: string): string => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Enough points to look smooth. */
const MOST_POINTS = 400;
/** The first ones all count on a logarithmic scale. */
const DETAILED = 100;

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
  return curve.filter((_, index) => index < DETAILED || index % step === 0 || index === curve.length - 1);
}
