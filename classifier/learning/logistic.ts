/** Logistic regression by AdaGrad (Duchi et al. 2011): sparse for bags, dense for stacks. */
import { type Linear, scaleOf } from '../model/linear.ts';
import { Random } from './random.ts';

export interface LinearOptions {
  readonly rounds: number;
  readonly rate: number;
  /** Ridge penalty per example. */
  readonly ridge: number;
  readonly seed: number;
}

/** `bags`: the places that are 1. */
export function fitBag(
  bags: readonly Uint16Array[],
  labels: Uint8Array,
  exampleWeights: Float32Array,
  size: number,
  options: LinearOptions,
): Linear {
  const weights = new Float64Array(size + 1);
  const squares = new Float64Array(size + 1).fill(1e-8);
  const random = new Random(options.seed);
  const order = Array.from(bags, (_, index) => index);
  const step = (place: number, gradient: number) => {
    squares[place] = (squares[place] as number) + gradient * gradient;
    weights[place] =
      (weights[place] as number) - (options.rate * gradient) / Math.sqrt(squares[place] as number);
  };
  for (let round = 0; round < options.rounds; round++)
    for (const index of random.shuffled(order)) {
      const bag = bags[index] as Uint16Array;
      const scale = scaleOf(bag);
      let margin = weights[size] as number;
      for (const place of bag) margin += scale * (weights[place] as number);
      const error =
        (exampleWeights[index] as number) * (1 / (1 + Math.exp(-margin)) - (labels[index] as number));
      for (const place of bag) step(place, scale * error + options.ridge * (weights[place] as number));
      step(size, error);
    }
  return {
    weights: Float32Array.from(weights.subarray(0, size)),
    bias: Math.fround(weights[size] as number),
  };
}

/** Newton's method on a few dense inputs; `least`: what each weight is at least. */
export function fitStack(
  rows: readonly (readonly number[])[],
  labels: ArrayLike<number>,
  exampleWeights: ArrayLike<number>,
  least = -Infinity,
): Linear {
  const width = (rows[0] as readonly number[]).length;
  const weights = new Float64Array(width + 1);
  for (let round = 0; round < 4000; round++) {
    const gradient = new Float64Array(width + 1);
    const curvature = new Float64Array(width + 1);
    rows.forEach((row, index) => {
      let margin = weights[width] as number;
      for (let at = 0; at < width; at++) margin += (weights[at] as number) * (row[at] as number);
      const chance = 1 / (1 + Math.exp(-margin));
      const weight = exampleWeights[index] as number;
      for (let at = 0; at <= width; at++) {
        const input = at === width ? 1 : (row[at] as number);
        gradient[at] = (gradient[at] as number) + weight * (chance - (labels[index] as number)) * input;
        curvature[at] = (curvature[at] as number) + weight * chance * (1 - chance) * input * input;
      }
    });
    let moved = 0;
    for (let at = 0; at <= width; at++) {
      const step =
        ((gradient[at] as number) + 1e-3 * (weights[at] as number)) /
        ((curvature[at] as number) * (width + 1) + 1e-3);
      const next = Math.max(at < width ? least : -Infinity, (weights[at] as number) - step);
      moved = Math.max(moved, Math.abs(next - (weights[at] as number)));
      weights[at] = next;
    }
    if (moved < 1e-5) break;
  }
  return {
    weights: Float32Array.from(weights.subarray(0, width)),
    bias: Math.fround(weights[width] as number),
  };
}
