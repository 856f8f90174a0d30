/** Logistic regression that starts from, and is held to, weights given beforehand (a Gaussian prior around each). */
import type { Linear } from '../model/linear.ts';

export interface PriorOptions {
  /** How far weights may go: standard deviation of the prior. */
  readonly spread: number;
  /** No weight is less. */
  readonly least: number;
  readonly bias: number;
}

/** Projected gradient steps with a curvature bound per weight; converges for these few inputs within seconds. */
export function fitNear(
  rows: readonly Float32Array[],
  labels: ArrayLike<number>,
  exampleWeights: ArrayLike<number>,
  prior: readonly number[],
  { spread, least, bias }: PriorOptions,
): Linear {
  const width = prior.length;
  const weights = Float64Array.from([...prior, bias]);
  const curvature = curvatureOf(rows, exampleWeights, width, spread);
  for (let round = 0; round < 600; round++) {
    const gradient = gradientOf(rows, labels, exampleWeights, weights);
    for (let at = 0; at < width; at++) {
      const pull = ((weights[at] as number) - (prior[at] as number)) / spread ** 2;
      const step = ((gradient[at] as number) + pull) / (curvature[at] as number);
      weights[at] = Math.max(least, (weights[at] as number) - step);
    }
    weights[width] = (weights[width] as number) - (gradient[width] as number) / (curvature[width] as number);
  }
  return {
    weights: Float32Array.from(weights.subarray(0, width)),
    bias: Math.fround(weights[width] as number),
  };
}

function gradientOf(
  rows: readonly Float32Array[],
  labels: ArrayLike<number>,
  exampleWeights: ArrayLike<number>,
  weights: Float64Array,
): Float64Array {
  const width = weights.length - 1;
  const gradient = new Float64Array(width + 1);
  rows.forEach((row, index) => {
    let margin = weights[width] as number;
    for (let at = 0; at < width; at++) margin += (weights[at] as number) * (row[at] as number);
    const error =
      (exampleWeights[index] as number) * (1 / (1 + Math.exp(-margin)) - (labels[index] as number));
    for (let at = 0; at < width; at++) gradient[at] = (gradient[at] as number) + error * (row[at] as number);
    gradient[width] = (gradient[width] as number) + error;
  });
  return gradient;
}

/** An upper bound of the second derivatives, row sums instead of the matrix (Boehning and Lindsay 1988). */
function curvatureOf(
  rows: readonly Float32Array[],
  exampleWeights: ArrayLike<number>,
  width: number,
  spread: number,
): Float64Array {
  const bound = new Float64Array(width + 1);
  rows.forEach((row, index) => {
    const sum = 1 + row.reduce((total, value) => total + Math.abs(value), 0);
    for (let at = 0; at <= width; at++) {
      const value = at === width ? 1 : Math.abs(row[at] as number);
      bound[at] = (bound[at] as number) + ((exampleWeights[index] as number) / 4) * value * sum;
    }
  });
  return bound.map((value, at) => value + (at < width ? 1 / spread ** 2 : 1e-6));
}
