import test from 'ava';
import { factsOf } from '../../classifier/features/statement-features.ts';
import { tokensOf } from '../../classifier/lexer.ts';
import { chanceOf } from '../../classifier/model/statement-model.ts';
import { openScorer } from '../../classifier/scorer.ts';
import { habitsOf } from '../../classifier/session/habits.ts';
import { Purpose } from '../../classifier/session/purpose.ts';
import type {
  SessionContext,
  SessionRecord,
  StatementNovelty,
  StatementOutcome,
} from '../../classifier/session/record.ts';
import { Repetition } from '../../classifier/session/repetition.ts';
import { pathOf, replay } from '../../classifier/session/replay.ts';
import { outsideScope, ungranted } from '../../classifier/session/scope.ts';
import {
  SessionSteps,
  STEP_FEATURE_NAMES,
  type StepFeature,
} from '../../classifier/session/step-features.ts';
import { Sweep } from '../../classifier/session/sweep.ts';

const scorer = await openScorer();
const LIMITS = { flag: 0, hold: 1.5, end: 6 };
const PERSON: SessionContext = {
  role: 'analyst',
  client_addr: '10.4.5.6',
  country: 'FI',
  usual_countries: ['FI'],
  application_name: 'psql',
  hour_utc: 11,
  grant: { actions: ['select'], scope: [], reason: 'weekly figures', ticket: 'T-9' },
  history_30d: { sessions: 40, usual_hours: [7, 18], usual_apps: ['psql'] },
};

const session = (sqls: readonly string[], rows = 10, context: SessionContext = PERSON): SessionRecord => ({
  ...context,
  id: 's',
  statements: sqls.map((sql, index) => ({ t: 10 * index, sql, rows, ms: 4 })),
});

test('a sweep of pages under a read grant is detected on its way, ordinary work is not', (t) => {
  const pages = [0, 1, 2, 3, 4, 5].map(
    (page) => `select * from members order by id limit 2000 offset ${page * 2000}`,
  );
  const swept = replay(scorer, session(pages, 2000), LIMITS);
  t.not(swept.verdict, 'ok');
  t.true((swept.at ?? 99) <= 4);
  t.true(swept.reasons.some(({ feature }) => feature === 'paging'));
  const work = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (name) => `select ${name}, count(*) from members group by ${name}`,
  );
  t.deepEqual(
    { ...replay(scorer, session(work), LIMITS), score: 0, reasons: [] },
    {
      id: 's',
      score: 0,
      verdict: 'ok',
      at: null,
      reasons: [],
    },
  );
});

test('evidence adds up, and fades', (t) => {
  const attack = "select a from t where b = '' union select null, passwd from pg_shadow --'";
  const path = pathOf(
    scorer,
    session([attack, attack, attack, ...new Array<string>(40).fill('select a from t where b = 1')]),
  );
  t.true((path[1] as number) > (path[0] as number));
  t.true((path[2] as number) > (path[1] as number));
  t.true((path.at(-1) as number) < (path[2] as number) / 2);
});

test('what destroys without being granted counts more than what is granted', (t) => {
  const drop = ['select 1', 'drop table invoices', 'truncate receipts'];
  const at = (actions: readonly string[]) =>
    replay(scorer, session(drop, 0, { ...PERSON, grant: { ...PERSON.grant, actions } }), LIMITS).score;
  t.true(at(['select']) > at(['select', 'ddl']));
});

test('a session without anything known of it is scored by its statements', (t) => {
  const { verdict, score } = replay(scorer, { id: 'bare', statements: [{ sql: 'select 1' }] }, LIMITS);
  t.is(verdict, 'ok');
  t.true(score > 0 && score < 0.1);
  t.is(replay(scorer, { id: 'empty', statements: [] }, LIMITS).verdict, 'ok');
});

test('a strange context raises the score of the same statement', (t) => {
  const sql = 'select rolname from pg_roles';
  const strange = {
    ...PERSON,
    client_addr: '198.51.100.7',
    country: 'ZZ',
    hour_utc: 3,
    application_name: 'python',
  };
  const usual = scorer.score({ sql, context: PERSON });
  const odd = scorer.score({ sql, context: strange });
  t.true(odd.score > usual.score);
  t.is(
    scorer.score({ sql, context: {} }).logOdds.toFixed(6),
    (scorer.score({ sql }).logOdds + asked(sql)).toFixed(6),
  );
  t.true(Math.abs(odd.score - chanceOf(odd.logOdds)) < 1e-9);
});

/** What asking about roles adds in any context. */
function asked(sql: string): number {
  const { reasons } = scorer.score({ sql, context: {} });
  return reasons
    .filter(({ feature }) => feature === 'asks')
    .reduce((sum, { contribution }) => sum + contribution, 0);
}

test('habits: what is unknown is neutral, hours go round the clock, versions make no new program', (t) => {
  t.is(habitsOf({}).strangeness, 0);
  const history = { usual_hours: [8, 18] as const, usual_apps: ['DataGrip 2024.1'] };
  const at = (hour_utc: number, application_name = 'DataGrip 2025.2') =>
    habitsOf({ hour_utc, application_name, history_30d: history }).strangeness;
  t.is(at(12), 0);
  t.is(at(7), 0.25);
  t.is(at(2), 1);
  t.is(at(12, 'psql'), 1);
  t.is(habitsOf({ role: 'support_agent' }).person, 1);
  t.is(habitsOf({ role: 'ai_agent' }).person, 0);
  t.is(habitsOf({ grant: { actions: ['select'] } }).noReason, 0, 'nobody says whether there is one');
  t.is(habitsOf({ grant: { reason: null } }).noReason, 1);
});

test('what a grant does not say', (t) => {
  const grant = { actions: ['select', 'update'], scope: ['public.orders', 'app.*'] };
  t.deepEqual(ungranted(factsOf('delete from orders where id = 1'), grant), ['delete']);
  t.deepEqual(ungranted(factsOf('update orders set a = 1 where id = 1'), grant), []);
  t.deepEqual(ungranted(factsOf('copy orders to stdout'), grant), ['export']);
  t.deepEqual(ungranted(factsOf('drop table orders'), undefined), []);
  t.is(outsideScope(factsOf('select 1 from orders, app.x, public.orders'), grant), 0);
  t.is(outsideScope(factsOf('select 1 from orders, people'), grant), 0.5);
  t.is(outsideScope(factsOf('select 1 from pg_class'), grant), 0);
});

test('forms that come again: how often, with how many values, in which direction', (t) => {
  const repetition = new Repetition();
  const add = (sql: string) => repetition.add(tokensOf(sql), ['t']);
  t.deepEqual(add('select a from t where b between 0 and 9'), { count: 1, variants: 1, progress: 0 });
  t.deepEqual(add('select a from t where b between 10 and 19'), { count: 2, variants: 2, progress: 1 });
  t.deepEqual(add('select a from t where b between 20 and 29'), { count: 3, variants: 3, progress: 2 });
  t.deepEqual(add('select a from t where b between 20 and 29'), { count: 4, variants: 3, progress: 0 });
});

test('what nobody here has used before raises the evidence; without habits nothing is new', (t) => {
  const sql = 'select id, total from invoices where id = 4';
  const path = (novelty?: StatementNovelty): number =>
    pathOf(scorer, {
      ...PERSON,
      id: 's',
      statements: Array.from({ length: 4 }, () => ({
        sql,
        rows: 1,
        ...(novelty !== undefined && { novelty }),
      })),
    }).at(-1) as number;
  t.is(path(), path({ relations: 0, columns: 0, functions: 0 }));
  t.true(path({ relations: 90, columns: 400, functions: 9 }) > path());
});

test('relations touched within a minute', (t) => {
  const sweep = new Sweep();
  t.is(sweep.add(['a', 'b'], 0), 2);
  t.is(sweep.add(['b', 'c'], 30), 3);
  t.is(sweep.add(['d'], 61), 3);
  t.is(sweep.add(['d'], 200), 1);
  t.is(sweep.add(['e', 'f'], undefined), 1);
});

/** A feature after each statement of one session. */
function valuesOf(
  feature: StepFeature,
  context: SessionContext,
  statements: readonly (StatementOutcome & { readonly sql: string })[],
): readonly number[] {
  const steps = new SessionSteps(context);
  const at = STEP_FEATURE_NAMES.indexOf(feature);
  return statements.map(({ sql, ...outcome }) => steps.add(factsOf(sql), 0, outcome)[at] as number);
}

const WHOLE = { sql: 'select * from members', rows: 5000, t: 0 };

test('rows and bytes count from what is usual for who reads them', (t) => {
  const reading = [{ ...WHOLE, bytes: 20_000_000 }];
  const after = (feature: StepFeature, usual: object) =>
    valuesOf(feature, { ...PERSON, history_30d: { ...PERSON.history_30d, ...usual } }, reading)[0] as number;
  t.is(after('rowsTakenSoFar', {}), 0, 'nobody knows: ten thousand');
  t.true(after('rowsTakenSoFar', { usual_rows: 200 }) > 0.5);
  t.is(after('rowsTakenSoFar', { usual_rows: 8_191 }), 0);
  t.is(after('bytesTakenSoFar', {}), 0, 'nobody knows');
  t.true(after('bytesTakenSoFar', { usual_bytes: 65_535 }) > 1);
  t.is(after('bytesTakenSoFar', { usual_bytes: 33_554_431 }), 0);
});

test('what the policy takes for personal counts, whatever it is called, and several classes count more', (t) => {
  const values = (feature: StepFeature, classes: readonly (readonly string[] | undefined)[]) =>
    valuesOf(
      feature,
      PERSON,
      classes.map((each) => ({ ...WHOLE, ...(each !== undefined && { classes: each }) })),
    );
  t.deepEqual(values('personalRead', [undefined, [], ['personal']]), [0, 0, 1]);
  t.deepEqual(values('classesSoFar', [['personal'], ['personal'], ['personal', 'money']]), [0, 0, 1]);
  const named = valuesOf('personalRead', PERSON, [
    { ...WHOLE, sql: 'select * from customers' },
    { ...WHOLE, sql: 'select * from customers', classes: [] },
  ]);
  t.deepEqual(named, [1, 0], 'the policy knows better than names do');
});

test('a reason that speaks of reading, and what it names, are held against what is done', (t) => {
  const only = (reason: string) => new Purpose({ reason }).readsOnly;
  t.true(only('figures for the monthly report'));
  t.true(only('need to check grants of one role') === false, 'grants may be what is changed');
  t.false(only('check the import and fix it'));
  t.false(only('ticket 17'), 'says nothing');
  t.false(new Purpose(undefined).readsOnly);
  const purpose = new Purpose({ reason: "refund of a customer's order" });
  t.is(purpose.beside(['payments']), 0, 'it has not named anything that is here yet');
  t.is(purpose.beside(['public.orders']), 0);
  t.is(purpose.beside(['customer_orders', 'salaries']), 0.5);
  t.is(purpose.beside(['salaries']), 1);
  t.is(purpose.beside([]), 0);
  const grant = { actions: ['select', 'delete'], reason: 'figures for the monthly report' };
  const done = [{ sql: 'select a from t where b = 1' }, { sql: 'delete from t' }];
  t.deepEqual(valuesOf('beyondReason', { ...PERSON, grant }, done), [0, 1]);
});

test('a grant that is used late counts where much is taken or changed, and only of people', (t) => {
  const after = (age_min: number, sql: string, context = PERSON) =>
    valuesOf('oldGrant', { ...context, grant: { ...context.grant, age_min } }, [{ sql, rows: 9 }])[0];
  t.is(after(30, 'delete from members'), 0);
  t.is(after(8 * 60, 'delete from members'), 3);
  t.is(after(8 * 60, 'select a from members where b = 1'), 0);
  const program = { ...PERSON, role: 'service_app', user: 'svc_shop' };
  t.is(after(8 * 60, 'delete from members', program), 0);
});
