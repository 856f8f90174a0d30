/** A linear model of log-odds. */
export interface Linear {
  readonly weights: Float32Array;
  readonly bias: number;
}

/** Bags have the length 1, whatever the length of their text. */
export const scaleOf = (bag: Uint16Array): number => Math.fround(1 / Math.sqrt(Math.max(1, bag.length)));

export function bagMargin({ weights, bias }: Linear, bag: Uint16Array): number {
  let sum = 0;
  for (const place of bag) sum += weights[place] as number;
  return bias + scaleOf(bag) * sum;
}
