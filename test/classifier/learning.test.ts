import test from 'ava';
import { factsOf, rowOf } from '../../classifier/features/statement-features.ts';
import { boost } from '../../classifier/learning/boosting.ts';
import { inject } from '../../classifier/learning/compose.ts';
import { fitNear } from '../../classifier/learning/fit-prior.ts';
import { dealt, foldsOf } from '../../classifier/learning/folds.ts';
import { judgement } from '../../classifier/learning/judgement.ts';
import {
  areaUnder,
  averagePrecision,
  calibrationError,
  calibrationOf,
  curveOf,
  pointAt,
} from '../../classifier/learning/metrics.ts';
import { Random } from '../../classifier/learning/random.ts';
import { trainStatements } from '../../classifier/learning/train-statements.ts';
import { ownBad, readBenign, readPayloads } from '../../classifier/learning/training-set.ts';
import { tokensOf } from '../../classifier/lexer.ts';
import { treesContributions, treesMargin } from '../../classifier/model/trees.ts';
import { parseStatements } from '../../classifier/parse.ts';

const OPTIONS = {
  trees: 40,
  depth: 3,
  rate: 0.3,
  ridge: 1,
  leastHessian: 0.5,
  rowShare: 0.8,
  featureShare: 1,
  seed: 1,
};

/** Bad where the first feature is large or the second and third differ; the fourth says nothing. */
function examples(count: number) {
  const random = new Random(5);
  const rows = Array.from({ length: count }, () => Float32Array.from({ length: 4 }, () => random.below(8)));
  const labels = Uint8Array.from(rows, (row) =>
    (row[0] as number) > 5 || (row[1] as number) > 3 !== (row[2] as number) > 3 ? 1 : 0,
  );
  return { rows, labels, weights: new Float32Array(count).fill(1) };
}

test('boosting learns what one feature and what two together say', (t) => {
  const set = examples(1000);
  const trees = boost(set, [0, 0, 0, 0], OPTIONS);
  const curve = curveOf(
    set.rows.map((row) => treesMargin(trees, row)),
    set.labels,
  );
  t.true(areaUnder(curve) > 0.99);
});

test('boosting gives the same trees again', (t) => {
  t.deepEqual(boost(examples(300), [0, 0, 0, 0], OPTIONS), boost(examples(300), [0, 0, 0, 0], OPTIONS));
});

test('a monotone feature never lowers the margin', (t) => {
  const set = examples(800);
  const trees = boost(set, [1, 0, 0, -1], OPTIONS);
  for (const row of set.rows.slice(0, 200)) {
    const [more, less] = [row.slice(), row.slice()];
    more[0] = (more[0] as number) + 3;
    less[3] = (less[3] as number) + 3;
    t.true(treesMargin(trees, more) >= treesMargin(trees, row) - 1e-9);
    t.true(treesMargin(trees, less) <= treesMargin(trees, row) + 1e-9);
  }
});

test('contributions and the means of the roots are the margin', (t) => {
  const set = examples(300);
  const trees = boost(set, [0, 0, 0, 0], OPTIONS);
  const roots = trees.roots.reduce((sum, root) => sum + (trees.value[root] as number), 0);
  for (const row of set.rows.slice(0, 50)) {
    const sum = treesContributions(trees, row).reduce((total, value) => total + value, roots);
    t.true(Math.abs(sum - treesMargin(trees, row)) < 1e-5);
  }
});

test('learning near a prior stays at it without data, and leaves it where the data say so', (t) => {
  const rows = Array.from({ length: 400 }, (_, index) => Float32Array.of(index % 2, 0));
  const labels = rows.map((row) => row[0] as number);
  const settings = { spread: 0.5, least: 0, bias: -2 };
  const fitted = fitNear(
    rows,
    labels,
    labels.map(() => 1),
    [0.5, 1.5],
    settings,
  );
  t.true((fitted.weights[0] as number) > 2);
  t.true(Math.abs((fitted.weights[1] as number) - 1.5) < 1e-6);
});

test('folds never divide a group', (t) => {
  const groups = ['a', 'a', 'a', 'b', 'b', 'c', 'd'];
  t.deepEqual(
    [...foldsOf(groups, 3)],
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 2],
    ],
  );
  const folds = dealt(
    groups,
    (group) => group,
    (group) => group > 'b',
    2,
  );
  t.is(new Set([folds[0], folds[1], folds[2]]).size, 1);
  t.not(folds[5], folds[6]);
});

test('measures of scores', (t) => {
  const curve = curveOf([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]);
  t.is(areaUnder(curve), 0.75);
  t.is(averagePrecision(curve), 0.5 + (0.5 * 2) / 3);
  t.is(pointAt(curve, 0).recall, 0.5);
  t.is(pointAt(curve, 0.5).recall, 1);
  t.is(areaUnder(curveOf([1, 1], [0, 1])), 0.5);
  t.is(calibrationError(calibrationOf([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0])), 0);
  t.is(calibrationError(calibrationOf([0.75, 0.75], [1, 0])), 0.25);
});

test('injected statements parse, and are others than their base', (t) => {
  const random = new Random(3);
  const bases = readBenign().map(({ sql }) => sql);
  let made = 0;
  for (const payload of readPayloads('payloads.tsv')) {
    const base = random.pick(bases);
    const sql = inject(base, payload, random);
    if (sql === null) continue;
    made++;
    t.not(sql, base);
    t.not(parseStatements(sql, tokensOf(sql)), null);
  }
  t.true(made > 50);
});

test('the statements of the training set parse, each once', (t) => {
  const sqls = readBenign().map(({ sql }) => sql);
  t.deepEqual(
    sqls.filter((sql) => parseStatements(sql, tokensOf(sql)) === null),
    [],
  );
  t.is(new Set(sqls).size, sqls.length);
});

test('what is judged before anything is learnt adds once, however often it shows', (t) => {
  const rows = [
    'select a from t where b = 1',
    'grant postgres to a',
    'grant postgres to a; grant postgres to b',
  ].map((sql) => rowOf(factsOf(sql)));
  const trees = judgement({ rows, labels: [0, 1, 1], weights: [1, 1, 1] });
  const [plain, once, twice] = rows.map((row) => treesMargin(trees, row)) as [number, number, number];
  t.true(once > plain + 3);
  t.true(twice >= once && twice < once + 4);
});

test('a technique that nothing like was trained on is told by judgement', (t) => {
  const kinds = new Set(['own_privilege', 'own_ransom', 'own_cover']);
  const known = [...readBenign(), ...ownBad(new Random(3), 1)].filter(({ kind }) => !kinds.has(kind));
  const { model } = trainStatements(
    known.map((example) => ({ ...example, source: example.kind })),
    [],
    { seed: 1, folds: 2, trees: 15, injections: 0, progress: () => {} },
  );
  const logOdds = (sql: string) => treesMargin(model.trees, rowOf(factsOf(sql)));
  const harmless = readBenign()
    .map(({ sql }) => logOdds(sql))
    .sort((a, b) => a - b);
  const high = harmless[Math.floor(0.95 * harmless.length)] as number;
  for (const sql of [
    'grant postgres to mallory',
    'alter role mallory bypassrls',
    'drop table invoices; create table warning(note text)',
    "insert into warning values ('send 0.1 btc to get your data back')",
    'delete from audit_log',
  ])
    t.true(logOdds(sql) > high, sql);
});
