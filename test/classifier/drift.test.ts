import test from 'ava';
import { logOddsAt, operatingPoints, thresholdFor } from '../../classifier/alert-budget.ts';
import { DriftCounts } from '../../classifier/drift/drift-counts.ts';
import { ACT, binsOf, LEAST_VALUES, stabilityIndex, WATCH } from '../../classifier/drift/psi.ts';
import { driftOf, referenceOf } from '../../classifier/drift/reference.ts';
import { STATEMENT_FEATURE_NAMES } from '../../classifier/features/statement-features.ts';
import { Random } from '../../classifier/learning/random.ts';

const random = new Random(9);
const uniform = (count: number, shift = 0): number[] =>
  Array.from({ length: count }, () => random.next() + shift);

test('the stability index of the same distribution is small, of another one large', (t) => {
  const bins = binsOf(uniform(20_000));
  t.is(bins.shares.length, 10);
  t.true(stabilityIndex(bins, uniform(5000)) < 0.02);
  t.true(stabilityIndex(bins, uniform(5000, 0.2)) > ACT);
});

test('the stability index of two bins by hand', (t) => {
  const bins = { bounds: [0], shares: [0.5, 0.5] };
  t.true(
    Math.abs(stabilityIndex(bins, [0, 0, 0, 1]) - (0.25 * Math.log(1.5) - 0.25 * Math.log(0.5))) < 1e-12,
  );
  t.true(Number.isFinite(stabilityIndex(bins, [0, 0])));
  t.is(stabilityIndex(bins, [0, 1]), 0);
});

test('what is counted one by one drifts as what is looked at together, over both halves of a window', (t) => {
  const width = STATEMENT_FEATURE_NAMES.length;
  const rows = Array.from({ length: 2 * LEAST_VALUES }, () =>
    Float32Array.from({ length: width }, () => Math.floor(4 * random.next())),
  );
  const logOdds = uniform(rows.length, 0.1);
  const reference = referenceOf(rows.slice(0, LEAST_VALUES), uniform(LEAST_VALUES));
  const parts = [new DriftCounts(reference), new DriftCounts(reference)];
  for (const [index, row] of rows.entries()) parts[index % 2]?.add(row, logOdds[index] as number);
  t.deepEqual(DriftCounts.drifts(parts), driftOf(reference, rows, logOdds));
  t.is(DriftCounts.drifts([new DriftCounts(reference)]), null);
});

test('drift names the feature that moved, and says nothing about few statements', (t) => {
  const width = STATEMENT_FEATURE_NAMES.length;
  const rows = (shift: number) =>
    Array.from({ length: LEAST_VALUES }, () =>
      Float32Array.from({ length: width }, (_, at) => random.next() + (at === 7 ? shift : 0)),
    );
  const reference = referenceOf(rows(0), uniform(LEAST_VALUES));
  const drifts = driftOf(reference, rows(0.5), uniform(LEAST_VALUES));
  t.is(drifts?.[0]?.name, STATEMENT_FEATURE_NAMES[7]);
  t.is(drifts?.[0]?.state, 'act');
  t.true((drifts ?? []).slice(1).every(({ index }) => index < WATCH));
  t.is(driftOf(reference, rows(0).slice(1), uniform(LEAST_VALUES - 1)), null);
});

test('operating points hold what they say on the scores that they were made of', (t) => {
  const scores = uniform(10_000);
  for (const { share, logOdds } of operatingPoints(scores))
    t.true(scores.filter((score) => score >= logOdds).length <= share * scores.length);
  t.is(logOddsAt([], 0.01), Infinity);
});

test('a smaller budget gives a higher threshold', (t) => {
  const points = operatingPoints(uniform(10_000));
  const at = (alarmsPerDay: number) => thresholdFor(points, { alarmsPerDay, scoredPerDay: 1000 });
  t.true(at(5) > at(10));
  t.true(at(10) > at(40));
  t.is(at(0), logOddsAt(points, 0));
  t.is(at(1000), Math.min(...points.map(({ logOdds }) => logOdds)));
  t.true(Math.abs(at(15) - 0.985) < 0.005);
  t.throws(() => thresholdFor([], { alarmsPerDay: 1, scoredPerDay: 1 }));
});
