/** Population stability index (Lewis 1994): how far a distribution has moved, over bins that were fixed at training. */
export interface Bins {
  /** Upper bounds of all bins but the last: a value is in the first bin whose bound is at least the value. */
  readonly bounds: readonly number[];
  /** Shares at training; their sum is 1. */
  readonly shares: readonly number[];
}

/** Stands for a share of nothing, which has no logarithm. */
const SMOOTHING = 1e-4;

/** Fewer values say nothing: the index of two samples of one distribution is then often above `WATCH`. */
export const LEAST_VALUES = 1000;

/** Convention: below 0.1 steady, to 0.25 to be watched, above to be acted on. */
export const WATCH = 0.1;
export const ACT = 0.25;

/** Up to ten bins by deciles; equal values fall into one bin. */
export function binsOf(values: ArrayLike<number>): Bins {
  const sorted = Float64Array.from(values).sort();
  const deciles = Array.from(
    { length: 9 },
    (_, index) => sorted[Math.floor(((index + 1) / 10) * sorted.length)] ?? 0,
  );
  const bounds = [...new Set(deciles)];
  return { bounds, shares: sharesOf(bounds, values) };
}

export function sharesOf(bounds: readonly number[], values: ArrayLike<number>): readonly number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (let index = 0; index < values.length; index++) {
    const at = binOf(bounds, values[index] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts.map((count) => count / Math.max(1, values.length));
}

export function binOf(bounds: readonly number[], value: number): number {
  const found = bounds.findIndex((bound) => value <= bound);
  return found < 0 ? bounds.length : found;
}

export function stabilityIndex({ bounds, shares }: Bins, values: ArrayLike<number>): number {
  return sharesDistance(shares, sharesOf(bounds, values));
}

/** The index of one distribution against another, as shares of the same bins. */
export function sharesDistance(shares: readonly number[], now: readonly number[]): number {
  return shares.reduce((sum, before, at) => {
    const [a, b] = [Math.max(SMOOTHING, now[at] as number), Math.max(SMOOTHING, before)];
    return sum + (a - b) * Math.log(a / b);
  }, 0);
}
