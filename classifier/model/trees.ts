/** An ensemble of regression trees in flat arrays, as ONNX's TreeEnsembleRegressor has them: x <= threshold goes left. */
export interface Trees {
  /** Index of the first node of each tree. */
  readonly roots: Int32Array;
  /** -1: a leaf. */
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  /** Index of the left child; the right one follows it. */
  readonly left: Int32Array;
  /** Of a leaf: what it adds, in log-odds. Of an inner node: the mean of what is below it, by cover. */
  readonly value: Float32Array;
  /** Weight of the training rows that came by. */
  readonly cover: Float32Array;
}

export function treesMargin(trees: Trees, row: Float32Array): number {
  const { roots, feature, threshold, left, value } = trees;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) {
    let node = roots[tree] as number;
    for (let at = feature[node] as number; at >= 0; at = feature[node] as number)
      node = (left[node] as number) + ((row[at] as number) <= (threshold[node] as number) ? 0 : 1);
    sum += value[node] as number;
  }
  return sum;
}

/**
 * What each feature adds along the paths of a row (Saabas): the sum over all features and the means of the roots is the margin.
 */
export function treesContributions(trees: Trees, row: Float32Array): Float64Array {
  const { roots, feature, threshold, left, value } = trees;
  const contributions = new Float64Array(row.length);
  for (let tree = 0; tree < roots.length; tree++) {
    let node = roots[tree] as number;
    for (let at = feature[node] as number; at >= 0; at = feature[node] as number) {
      const child = (left[node] as number) + ((row[at] as number) <= (threshold[node] as number) ? 0 : 1);
      contributions[at] = (contributions[at] as number) + (value[child] as number) - (value[node] as number);
      node = child;
    }
  }
  return contributions;
}

/** One ensemble of two; what the second says counts `scale` times. */
export function joined(first: Trees, second: Trees, scale: number): Trees {
  const behind = first.feature.length;
  const scaled = second.value.map((value) => value * scale);
  return {
    roots: Int32Array.of(...first.roots, ...second.roots.map((root) => root + behind)),
    feature: Int16Array.of(...first.feature, ...second.feature),
    threshold: Float32Array.of(...first.threshold, ...second.threshold),
    left: Int32Array.of(...first.left, ...second.left.map((left) => (left < 0 ? left : left + behind))),
    value: Float32Array.of(...first.value, ...scaled),
    cover: Float32Array.of(...first.cover, ...second.cover),
  };
}

/** Children stand behind their parents: from the last node on each inner one can be averaged. */
export function averageInner(left: Int32Array, value: Float32Array, cover: Float32Array): void {
  for (let node = left.length - 1; node >= 0; node--) {
    const child = left[node] as number;
    if (child < 0) continue;
    const [a, b] = [cover[child] as number, cover[child + 1] as number];
    value[node] = (a * (value[child] as number) + b * (value[child + 1] as number)) / Math.max(1e-12, a + b);
  }
}
