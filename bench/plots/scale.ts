/** Where a value stands on an axis, and which values are written beside it. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From 0 to a round number beyond the largest value. */
export function linear(values: readonly number[], { from, to }: Span): Scale {
  const most = Math.max(...values, Number.MIN_VALUE);
  const step = roundStep(most / 4);
  const end = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, n) => n * step);
  return { at: (value) => from + ((to - from) * value) / end, ticks };
}

/** Powers of ten around the values, which are above 0; within one, also its 2 and 5. */
export function logarithmic(values: readonly number[], { from, to }: Span): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10) as [number, number];
  const narrow = Math.ceil(high) - Math.floor(low) <= 2;
  const steps = narrow ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const step of steps) all.push(step * 10 ** power);
  const first = all.findLastIndex((tick) => Math.log10(tick) <= low + 1e-9);
  const last = all.findIndex((tick) => Math.log10(tick) >= high - 1e-9);
  const ticks = all.slice(Math.max(first, 0), Math.max(last, first + 1) + 1);
  const [start, end] = [ticks[0] as number, ticks.at(-1) as number].map(Math.log10) as [number, number];
  return { at: (value) => from + ((to - from) * (Math.log10(value) - start)) / (end - start), ticks };
}

/** 1, 2 or 5 times a power of ten, at least as large as `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) as number);
}

/** `1,500`, `0.05`, `1 M`. */
export function short(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)} M`;
  if (value >= 1e4) return `${round(value / 1e3)} k`;
  return value >= 1 || value === 0 ? round(value).toLocaleString('en') : String(Number(value.toPrecision(1)));
}

const round = (value: number): number => Math.round(value * 100) / 100;
