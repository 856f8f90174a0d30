/**
 * Gradient boosting of regression trees on histograms, for log-loss, with monotone features: Friedman 2001 (boosting),
 * Chen and Guestrin 2016 (second-order gains). One thread; the same seed gives the same trees.
 */
import { averageInner, type Trees } from '../model/trees.ts';
import { type Binned, bin } from './bins.ts';
import { Random } from './random.ts';

export interface BoostingOptions {
  readonly trees: number;
  readonly depth: number;
  readonly rate: number;
  /** Added to the second derivatives of a leaf: the larger, the smaller its value. */
  readonly ridge: number;
  /** Least weight (second derivatives) of a leaf. */
  readonly leastHessian: number;
  /** Shares of rows and features that a tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
  readonly seed: number;
}

export interface Examples {
  readonly rows: readonly Float32Array[];
  /** 0 or 1, or what a model says that is to be followed. */
  readonly labels: ArrayLike<number>;
  readonly weights: Float32Array;
  /** Log-odds that the trees are to correct; without them the first tree is a single leaf, the log-odds of all examples. */
  readonly margins?: Float64Array;
}

interface Sums {
  readonly gradient: number;
  readonly hessian: number;
}

interface Leaf extends Sums {
  readonly node: number;
  readonly rows: Int32Array;
  readonly low: number;
  readonly high: number;
  readonly value: number;
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
  readonly left: Sums;
  readonly right: Sums;
  readonly leftValue: number;
  readonly rightValue: number;
}

export function boost(
  examples: Examples,
  trends: readonly number[],
  options: BoostingOptions,
  onTree: (tree: number) => void = () => {},
): Trees {
  const binned = bin(examples.rows, trends.length);
  const growth = new Growth(binned, trends, options);
  const margins = examples.margins?.slice() ?? new Float64Array(binned.rows).fill(growth.plant(examples));
  const random = new Random(options.seed);
  const gradients = new Float64Array(binned.rows);
  const hessians = new Float64Array(binned.rows);
  for (let tree = 0; tree < options.trees; tree++) {
    for (let row = 0; row < binned.rows; row++) {
      const chance = 1 / (1 + Math.exp(-(margins[row] as number)));
      const weight = examples.weights[row] as number;
      gradients[row] = weight * (chance - (examples.labels[row] as number));
      hessians[row] = weight * Math.max(1e-6, chance * (1 - chance));
    }
    growth.grow(gradients, hessians, margins, random);
    onTree(tree + 1);
  }
  return growth.finish();
}

class Growth {
  readonly #binned: Binned;
  readonly #trends: readonly number[];
  readonly #options: BoostingOptions;
  readonly #roots: number[] = [];
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #value: number[] = [];
  readonly #cover: number[] = [];
  readonly #histogram = new Float64Array(2 * 256);

  constructor(binned: Binned, trends: readonly number[], options: BoostingOptions) {
    this.#binned = binned;
    this.#trends = trends;
    this.#options = options;
  }

  plant({ labels, weights }: Examples): number {
    let bad = 0;
    let all = 0;
    for (let row = 0; row < labels.length; row++) {
      all += weights[row] as number;
      bad += (weights[row] as number) * (labels[row] as number);
    }
    const value = Math.log((bad + 1) / (all - bad + 1));
    this.#roots.push(this.#add(value, all));
    return value;
  }

  /** Adds one tree and what it says to the margins of all rows. */
  grow(gradients: Float64Array, hessians: Float64Array, margins: Float64Array, random: Random): void {
    const { rowShare, featureShare, depth } = this.#options;
    const rows = Int32Array.from({ length: this.#binned.rows }, (_, row) => row).filter(
      () => random.next() < rowShare,
    );
    const count = Math.max(1, Math.round(featureShare * this.#trends.length));
    const features = random.shuffled(this.#trends.map((_, feature) => feature)).slice(0, count);
    const sums = sum(rows, gradients, hessians);
    const root = this.#add(0, sums.hessian);
    this.#roots.push(root);
    let open: Leaf[] = [{ ...sums, node: root, rows, low: -Infinity, high: Infinity, value: 0 }];
    for (let level = 0; level < depth; level++)
      open = open.flatMap((leaf) => this.#divide(leaf, features, gradients, hessians));
    for (let row = 0; row < margins.length; row++)
      margins[row] = (margins[row] as number) + (this.#value[this.#leafOf(root, row)] as number);
  }

  finish(): Trees {
    const left = Int32Array.from(this.#left);
    const value = Float32Array.from(this.#value);
    const cover = Float32Array.from(this.#cover);
    averageInner(left, value, cover);
    return {
      roots: Int32Array.from(this.#roots),
      feature: Int16Array.from(this.#feature),
      threshold: Float32Array.from(this.#threshold),
      left,
      value,
      cover,
    };
  }

  #add(value: number, cover: number): number {
    this.#feature.push(-1);
    this.#threshold.push(0);
    this.#left.push(-1);
    this.#value.push(value);
    this.#cover.push(cover);
    return this.#feature.length - 1;
  }

  #divide(leaf: Leaf, features: readonly number[], gradients: Float64Array, hessians: Float64Array): Leaf[] {
    const split = this.#bestSplit(leaf, features, gradients, hessians);
    if (split === null) return [];
    const { feature, bin: last, left, right, leftValue, rightValue } = split;
    const column = this.#binned.columns[feature] as Uint8Array;
    const { rate } = this.#options;
    const leftNode = this.#add(rate * leftValue, left.hessian);
    const rightNode = this.#add(rate * rightValue, right.hessian);
    this.#feature[leaf.node] = feature;
    this.#threshold[leaf.node] = (this.#binned.bounds[feature] as Float32Array)[last] as number;
    this.#left[leaf.node] = leftNode;
    const trend = this.#trends[feature] as number;
    const middle = (leftValue + rightValue) / 2;
    return [
      {
        ...left,
        node: leftNode,
        rows: leaf.rows.filter((row) => (column[row] as number) <= last),
        low: trend < 0 ? middle : leaf.low,
        high: trend > 0 ? middle : leaf.high,
        value: leftValue,
      },
      {
        ...right,
        node: rightNode,
        rows: leaf.rows.filter((row) => (column[row] as number) > last),
        low: trend > 0 ? middle : leaf.low,
        high: trend < 0 ? middle : leaf.high,
        value: rightValue,
      },
    ];
  }

  #bestSplit(
    leaf: Leaf,
    features: readonly number[],
    gradients: Float64Array,
    hessians: Float64Array,
  ): Split | null {
    if (leaf.hessian < 2 * this.#options.leastHessian) return null;
    let best: Split | null = null;
    for (const feature of features) {
      const bins = (this.#binned.bounds[feature] as Float32Array).length + 1;
      if (bins < 2) continue;
      this.#fill(feature, bins, leaf.rows, gradients, hessians);
      best = this.#bestOf(leaf, feature, bins, best);
    }
    return best;
  }

  #fill(
    feature: number,
    bins: number,
    rows: Int32Array,
    gradients: Float64Array,
    hessians: Float64Array,
  ): void {
    const histogram = this.#histogram;
    const column = this.#binned.columns[feature] as Uint8Array;
    histogram.fill(0, 0, 2 * bins);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number;
      const at = 2 * (column[row] as number);
      histogram[at] = (histogram[at] as number) + (gradients[row] as number);
      histogram[at + 1] = (histogram[at + 1] as number) + (hessians[row] as number);
    }
  }

  #bestOf(leaf: Leaf, feature: number, bins: number, best: Split | null): Split | null {
    const { ridge, leastHessian } = this.#options;
    const trend = this.#trends[feature] as number;
    const whole = leaf.gradient ** 2 / (leaf.hessian + ridge);
    let gradient = 0;
    let hessian = 0;
    for (let last = 0; last < bins - 1; last++) {
      gradient += this.#histogram[2 * last] as number;
      hessian += this.#histogram[2 * last + 1] as number;
      const right = { gradient: leaf.gradient - gradient, hessian: leaf.hessian - hessian };
      if (hessian < leastHessian) continue;
      if (right.hessian < leastHessian) break;
      const gain = gradient ** 2 / (hessian + ridge) + right.gradient ** 2 / (right.hessian + ridge) - whole;
      if (gain <= (best?.gain ?? 1e-6)) continue;
      const leftValue = within(-gradient / (hessian + ridge), leaf);
      const rightValue = within(-right.gradient / (right.hessian + ridge), leaf);
      if (trend * (rightValue - leftValue) < 0) continue;
      best = { feature, bin: last, gain, left: { gradient, hessian }, right, leftValue, rightValue };
    }
    return best;
  }

  #leafOf(root: number, row: number): number {
    let node = root;
    while ((this.#left[node] as number) >= 0) {
      const feature = this.#feature[node] as number;
      const at = (this.#binned.columns[feature] as Uint8Array)[row] as number;
      const bound = (this.#binned.bounds[feature] as Float32Array)[at];
      node =
        (this.#left[node] as number) +
        (bound !== undefined && bound <= (this.#threshold[node] as number) ? 0 : 1);
    }
    return node;
  }
}

function sum(rows: Int32Array, gradients: Float64Array, hessians: Float64Array): Sums {
  let gradient = 0;
  let hessian = 0;
  for (const row of rows) {
    gradient += gradients[row] as number;
    hessian += hessians[row] as number;
  }
  return { gradient, hessian };
}

const within = (value: number, { low, high }: Leaf): number => Math.min(high, Math.max(low, value));
