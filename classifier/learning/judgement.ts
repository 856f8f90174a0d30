/**
 * What features are worth before anything is learnt, a DBA's judgement: stumps that trees go on from. Of techniques without an
 * example in the training data nothing else is known.
 */
import { STATEMENT_FEATURE_NAMES, type StatementFeature } from '../features/statement-features.ts';
import { averageInner, type Trees } from '../model/trees.ts';

/** Log-odds that a feature adds where it is not 0. What belongs together is judged together: by its sum, where there is one. */
const WORTH: Readonly<Partial<Record<StatementFeature, number>>> = {
  powers: 7,
  reaches: 4,
  copyProgram: 3,
  untrustedCode: 2,
  file: 5,
  network: 6,
  command: 7,
  whole: 6,
  secretCatalogs: 2,
  dropsByForce: 7,
  dropThenOther: 9,
  ransomNotes: 9,
  dropsGuards: 3,
  grantsAll: 2,
  changesTrails: 2,
  stackedAfterQuery: 3,
  delay: 4,
  error: 2,
  foreign: 3,
  foreignCatalogs: 3,
  serverVariables: 3,
  constantTermsUnderOr: 4,
  alwaysTrue: 3,
  constantTerms: 1,
  constantArms: 3,
  nullColumns: 3,
  constantColumns: 3,
  unevenArms: 3,
  catalogArm: 4,
  plainArmAfterFilter: 2,
  commentedSql: 3,
  emptyClosingComment: 3,
  innerComparisons: 4,
  oddOperands: 2,
  conditionsAsNumbers: 3,
  codeChains: 3,
  slicedQueries: 3,
  innerKeywords: 2,
  hiddenGathering: 4,
};

export interface Weighed {
  readonly rows: readonly Float32Array[];
  readonly labels: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** One leaf for all, so that the whole is right on average, and a stump for each feature that is judged. */
export function judgement({ rows, labels, weights }: Weighed): Trees {
  const judged = STATEMENT_FEATURE_NAMES.flatMap((name, at) => {
    const worth = WORTH[name];
    return worth === undefined ? [] : [{ at, worth }];
  });
  const all = sumOf(weights, () => true);
  const bad = sumOf(weights, (row) => labels[row] === 1);
  const start = Math.log((bad + 1) / (all - bad + 1)) - 3;
  const left = Int32Array.from([-1, ...judged.flatMap((_, tree) => [3 * tree + 2, -1, -1])]);
  const value = Float32Array.from([start, ...judged.flatMap(({ worth }) => [0, 0, worth])]);
  const cover = Float32Array.from([
    all,
    ...judged.flatMap(({ at }) => {
      const shown = sumOf(weights, (row) => (rows[row]?.[at] ?? 0) > 0);
      return [all, all - shown, shown];
    }),
  ]);
  averageInner(left, value, cover);
  return {
    roots: Int32Array.from([0, ...judged.map((_, tree) => 3 * tree + 1)]),
    feature: Int16Array.from([-1, ...judged.flatMap(({ at }) => [at, -1, -1])]),
    threshold: new Float32Array(left.length),
    left,
    value,
    cover,
  };
}

function sumOf(weights: ArrayLike<number>, counts: (row: number) => boolean): number {
  let sum = 0;
  for (let row = 0; row < weights.length; row++) if (counts(row)) sum += weights[row] as number;
  return sum;
}
