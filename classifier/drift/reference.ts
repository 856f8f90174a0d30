/** What the statements of the training set looked like, to be compared with what comes later. */
import { STATEMENT_FEATURE_NAMES } from '../features/statement-features.ts';
import { ACT, type Bins, binsOf, LEAST_VALUES, stabilityIndex, WATCH } from './psi.ts';

/** Bins by feature name, and of the log-odds. */
export interface Reference {
  readonly features: Readonly<Record<string, Bins>>;
  readonly logOdds: Bins;
}

export interface Drift {
  /** A feature, or `logOdds`. */
  readonly name: string;
  readonly index: number;
  readonly state: 'steady' | 'watch' | 'act';
}

export function referenceOf(rows: readonly Float32Array[], logOdds: ArrayLike<number>): Reference {
  const features = STATEMENT_FEATURE_NAMES.map((name, at) => {
    const bins = binsOf(rows.map((row) => row[at] as number));
    return [name, rounded(bins)] as const;
  });
  return { features: Object.fromEntries(features), logOdds: rounded(binsOf(logOdds)) };
}

/** null: too few statements to tell. Otherwise all features and the score, the most drifted first. */
export function driftOf(
  reference: Reference,
  rows: readonly Float32Array[],
  logOdds: ArrayLike<number>,
): readonly Drift[] | null {
  if (rows.length < LEAST_VALUES) return null;
  const drifts = STATEMENT_FEATURE_NAMES.flatMap((name, at) => {
    const bins = reference.features[name];
    return bins === undefined
      ? []
      : [
          driftIn(
            name,
            bins,
            rows.map((row) => row[at] as number),
          ),
        ];
  });
  return [...drifts, driftIn('logOdds', reference.logOdds, logOdds)].sort((a, b) => b.index - a.index);
}

function driftIn(name: string, bins: Bins, values: ArrayLike<number>): Drift {
  return driftAt(name, stabilityIndex(bins, values));
}

export function driftAt(name: string, index: number): Drift {
  return { name, index, state: index < WATCH ? 'steady' : index < ACT ? 'watch' : 'act' };
}

const rounded = ({ bounds, shares }: Bins): Bins => ({
  bounds: bounds.map((bound) => Math.round(bound * 1e4) / 1e4),
  shares: shares.map((share) => Math.round(share * 1e6) / 1e6),
});
