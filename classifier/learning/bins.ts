/** Columns of numbers cut into at most 64 bins by their quantiles, for histograms. */
export interface Binned {
  readonly rows: number;
  /** One array of bin numbers per feature. */
  readonly columns: readonly Uint8Array[];
  /** Upper bounds of the bins of each feature but the last one: x <= bound. */
  readonly bounds: readonly Float32Array[];
}

const MOST_BINS = 64;

export function bin(rows: readonly Float32Array[], features: number): Binned {
  const bounds = Array.from({ length: features }, (_, feature) => boundsOf(rows, feature));
  const columns = bounds.map((limits, feature) =>
    Uint8Array.from(rows, (row) => binOf(limits, row[feature] as number)),
  );
  return { rows: rows.length, columns, bounds };
}

function boundsOf(rows: readonly Float32Array[], feature: number): Float32Array {
  const sorted = Float32Array.from(rows, (row) => row[feature] as number).sort();
  const distinct = [...new Set(sorted)];
  const cuts =
    distinct.length <= MOST_BINS
      ? distinct
      : [...new Set(quantiles(distinct, MOST_BINS / 2).concat(quantiles([...sorted], MOST_BINS / 2)))].sort(
          (a, b) => a - b,
        );
  return Float32Array.from(cuts.slice(0, -1), (cut, index) => (cut + (cuts[index + 1] as number)) / 2);
}

const quantiles = (sorted: readonly number[], count: number): number[] =>
  Array.from(
    { length: count },
    (_, index) => sorted[Math.floor(((index + 0.5) / count) * sorted.length)] as number,
  );

function binOf(bounds: Float32Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (bounds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
