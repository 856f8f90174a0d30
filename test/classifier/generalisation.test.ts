import test from 'ava';
import { generalisationOf } from '../../classifier/evaluation/generalisation.ts';
import { generalisationMarkdown } from '../../classifier/evaluation/generalisation-report.ts';
import type { ExampleSource, StatementExample } from '../../classifier/learning/examples.ts';

const example = (sql: string, bad: boolean, kind: string, source: string): StatementExample => ({
  sql,
  bad,
  kind,
  source,
  contextual: false,
  hard: false,
});

const numbers = Array.from({ length: 12 }, (_, at) => at);

/** Attacks of three sources, of two techniques; one of them shows by nothing that the other shows by. */
const source: ExampleSource = {
  name: 'small',
  statements: () => [
    ...numbers.flatMap((n) => [
      example(`select a${n} from t where b = ${n}`, false, 'app', `app ${n % 4}`),
      example(`select count(*) from t where b > ${n} group by c${n}`, false, 'analyst', `app ${n % 4}`),
      example(`select a from t where b = ${n} or ${n}=${n}`, true, 'sqli_tautology', `list ${n % 3}`),
      example(`alter role r${n} superuser`, true, 'priv_esc', `list ${n % 3}`),
    ]),
  ],
  sessions: () => [],
};

test('sources and techniques that were left out are scored, each once', (t) => {
  const messages: string[] = [];
  const figures = generalisationOf(source, {
    seed: 1,
    trees: 5,
    own: [],
    injections: 0,
    progress: (message) => messages.push(message),
  });
  const counts = (list: readonly { readonly name: string; readonly count: number }[]) =>
    Object.fromEntries(list.map(({ name, count }) => [name, count]));
  t.is(figures.statements.count, 48);
  t.deepEqual(counts(figures.badSources), { 'list 0': 8, 'list 1': 8, 'list 2': 8 });
  t.deepEqual(counts(figures.harmlessSources), { 'app 0': 6, 'app 1': 6, 'app 2': 6, 'app 3': 6 });
  t.deepEqual(counts(figures.techniques), { tautology: 12, privileges: 12 });
  t.true(figures.statements.auroc > 0.9, 'other sources of the same techniques teach');
  t.is(figures.badScenarios.length, 0);
  t.true(messages.includes('without privileges'));
  const report = generalisationMarkdown(figures);
  t.regex(report, /\| privileges \| 12 \| \d+ \| [\d.]+ % \|/);
  t.notRegex(report, /scenario that was left out/);
});
