/** Drift of what comes one by one: counts by bin, whatever the number of statements. */
import { STATEMENT_FEATURE_NAMES } from '../features/statement-features.ts';
import { type Bins, binOf, LEAST_VALUES, sharesDistance } from './psi.ts';
import { type Drift, driftAt, type Reference } from './reference.ts';

export class DriftCounts {
  readonly #reference: Reference;
  /** By feature, then by bin. */
  readonly #features: readonly (Uint32Array | null)[];
  readonly #logOdds: Uint32Array;
  #statements = 0;

  constructor(reference: Reference) {
    const { features, logOdds } = reference;
    this.#reference = reference;
    this.#features = STATEMENT_FEATURE_NAMES.map((name) => {
      const bins = features[name];
      return bins === undefined ? null : countsOf(bins);
    });
    this.#logOdds = countsOf(logOdds);
  }

  get statements(): number {
    return this.#statements;
  }

  add(row: Float32Array, logOdds: number): void {
    this.#statements++;
    this.#features.forEach((counts, at) => {
      const bins = this.#reference.features[STATEMENT_FEATURE_NAMES[at] as string];
      if (counts !== null && bins !== undefined) count(counts, bins, row[at] as number);
    });
    count(this.#logOdds, this.#reference.logOdds, logOdds);
  }

  /** Of all these together, as `driftOf` tells it. null: too few statements. */
  static drifts(parts: readonly DriftCounts[]): readonly Drift[] | null {
    const [first] = parts;
    const statements = parts.reduce((sum, part) => sum + part.#statements, 0);
    if (first === undefined || statements < LEAST_VALUES) return null;
    const drift = (name: string, bins: Bins, counts: readonly Uint32Array[]): Drift => {
      const shares = bins.shares.map((_, bin) => sum(counts, bin) / statements);
      return driftAt(name, sharesDistance(bins.shares, shares));
    };
    const drifts = STATEMENT_FEATURE_NAMES.flatMap((name, at) => {
      const bins = first.#reference.features[name];
      return bins === undefined
        ? []
        : [
            drift(
              name,
              bins,
              parts.flatMap((part) => part.#features[at] ?? []),
            ),
          ];
    });
    const score = drift(
      'logOdds',
      first.#reference.logOdds,
      parts.map((part) => part.#logOdds),
    );
    return [...drifts, score].sort((a, b) => b.index - a.index);
  }
}

const countsOf = ({ bounds }: Bins): Uint32Array => new Uint32Array(bounds.length + 1);

function count(counts: Uint32Array, { bounds }: Bins, value: number): void {
  const bin = binOf(bounds, value);
  counts[bin] = (counts[bin] as number) + 1;
}

const sum = (counts: readonly Uint32Array[], bin: number): number =>
  counts.reduce((total, each) => total + (each[bin] as number), 0);
