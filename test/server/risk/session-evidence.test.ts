import test from 'ava';
import { parseGrant } from '../../../access/grant.ts';
import type { HabitBook } from '../../../access/habit-book.ts';
import type { Verdict } from '../../../guardrails/types.ts';
import type { Question } from '../../../server/risk/assessment.ts';
import { Assessor } from '../../../server/risk/assessor.ts';
import { Novelty } from '../../../server/risk/novelty.ts';
import { networkThing, sessionContext } from '../../../server/risk/session-context.ts';
import { SessionWatch } from '../../../server/risk/session-watch.ts';

const REF = { session: 's', grant: 'g7k2m9qd', principal: 'alice', database: 'shop', client: '127.0.0.1:1' };
const GRANT = parseGrant({
  id: REF.grant,
  principal: { id: 'alice', teams: ['support'] },
  database: 'shop',
  scope: [
    { actions: ['select'], on: ['public.*'] },
    { actions: ['score'], on: ['risk'] },
  ],
  issuedAt: '2026-01-31T12:00:00.000Z',
  expiresAt: '2026-01-31T12:30:00.000Z',
});

/** As much of one as a watch looks at. */
const verdict = (sql: string): Verdict =>
  ({
    effect: 'allow',
    reasons: [],
    statements: [],
    error: null,
    redactedText: sql,
  }) as unknown as Verdict;

/** A watch of a session in which everything is unusual; keeps what the model is asked. */
function watch(): { readonly watched: SessionWatch; readonly asked: Question[] } {
  const asked: Question[] = [];
  const nowhere = { flag: null, hold: null, end: null };
  const watched = new SessionWatch({
    ref: REF,
    context: {},
    limits: () => ({ statement: nowhere, session: nowhere }),
    onFailure: 'allow',
    observes: false,
    novelty: new Novelty([]),
    metrics: { looked: () => {}, scored: () => {}, unscored: () => {}, alarmed: () => {} },
    drift: { saw: () => {}, scored: () => {} },
    classes: { of: () => null },
    marks: [],
    markOf: () => ({ mark: '' }) as never,
    assess: async (question) => {
      asked.push(question);
      const score = { score: 0, reasons: [], weights: [] };
      return { kind: 'scored', model: 'm', statement: score, session: score };
    },
    record: () => {},
    learn: () => {},
    revoke: () => {},
    leave: () => {},
  });
  return { watched, asked };
}

test('the model is told what the session came to since it was last asked: rows, failures and refusals, a long run', async (t) => {
  const { watched, asked } = watch();
  const sums = { statements: 0, denied: 0, errors: 0, rows: 0, bytes: 0, longest: 0 };
  await watched.consider(verdict('select 1 from a'), sums);
  await watched.consider(verdict('select 2 from b'), {
    ...sums,
    denied: 3,
    errors: 2,
    rows: 70,
    bytes: 4_000,
    longest: 900,
  });
  await watched.consider(verdict('select 3 from c'), {
    ...sums,
    denied: 4,
    errors: 2,
    rows: 75,
    bytes: 4_000,
    longest: 900,
  });
  await watched.consider(verdict('select 4 from d'), {
    ...sums,
    denied: 4,
    errors: 2,
    rows: 75,
    bytes: 4_000,
    longest: 1e6,
  });
  t.deepEqual(
    asked.map(({ since }) => since),
    [
      { rows: 0, bytes: 0, failures: 0, ms: 0 },
      { rows: 70, bytes: 4_000, failures: 5, ms: 900 },
      { rows: 5, bytes: 0, failures: 1, ms: 0 },
      { rows: 0, bytes: 0, failures: 0, ms: 1e6 },
    ],
  );
});

/** Neither harmless nor certain: there is something to add to. */
const DOUBTFUL = [
  'select rolname from pg_roles',
  'update t set a = 1',
  'select * from customers',
  'create rule r as on insert to t do nothing',
];

test('refusals, and a statement that runs away, are evidence against a session', async (t) => {
  const assessor = await Assessor.open('builtin');
  const context = { user: 'alice', grant: { actions: ['select'], reason: '' } };
  const scoresAfter = (since: Question['since']): readonly number[] =>
    DOUBTFUL.map((sql, index) => {
      const question = { session: `${index} ${JSON.stringify(since)}`, context, sql, since };
      assessor.assess(question);
      return assessor.assess(question).session.score;
    });
  const usual = scoresAfter({ rows: 1, bytes: 0, failures: 0, ms: 3 });
  for (const since of [
    { rows: 1, bytes: 0, failures: 40, ms: 3 },
    { rows: 1, bytes: 0, failures: 0, ms: 3_600_000 },
  ]) {
    const scores = scoresAfter(since);
    t.true(scores.every((score, index) => score >= (usual[index] as number)));
    t.true(scores.some((score, index) => score > (usual[index] as number)));
  }
});

test('a network that is new is a place that is; a private one, and a stranger to habits, have none', (t) => {
  const seasoned = new Novelty([
    {
      subject: { kind: 'principal', name: 'alice', database: 'shop' },
      seasoned: true,
      sessions: 9,
      usual: () => null,
    },
  ] as unknown as readonly HabitBook[]);
  const contextFrom = (address: string, novelty: Novelty, known: readonly string[] = []) => {
    const login = { session: 's', grant: GRANT.id, database: 'shop', address, port: 1, application: 'psql' };
    return sessionContext(GRANT, login, new Date(), novelty, (thing) => known.includes(thing));
  };
  const far = '203.0.113.7';
  t.deepEqual(contextFrom(far, seasoned).usual_countries, ['(others)']);
  const known = contextFrom(far, seasoned, [networkThing(far)]);
  t.deepEqual(known.usual_countries, [known.country]);
  t.is(contextFrom('10.1.2.3', seasoned).country, undefined);
  t.is(contextFrom(far, new Novelty([])).country, undefined);
  t.deepEqual(known.grant?.actions, ['select'], 'what may be asked of models is nothing to this one');
  t.deepEqual(known.grant?.scope, ['public.*']);
});

test('the model is told how old the grant is, and what is usual of those who have been here', (t) => {
  const novelty = (seasoned: boolean) =>
    new Novelty([
      {
        subject: { kind: 'principal', name: 'alice', database: 'shop' },
        seasoned,
        sessions: 9,
        usual: (measure: string) => (measure === 'bytes' ? 65_535 : 127),
      },
    ] as unknown as readonly HabitBook[]);
  const begun = new Date(Date.parse(GRANT.issuedAt) + 25 * 60_000);
  const login = {
    session: 's',
    grant: GRANT.id,
    database: 'shop',
    address: '10.1.2.3',
    port: 1,
    application: 'psql',
  };
  const told = (seasoned: boolean) => sessionContext(GRANT, login, begun, novelty(seasoned), () => true);
  t.is(told(true).grant?.age_min, 25);
  t.is(told(true).history_30d?.usual_rows, 127);
  t.is(told(true).history_30d?.usual_bytes, 65_535);
  t.is(told(false).history_30d?.usual_rows, undefined, 'too early to tell');
});

test('what a policy takes for personal is evidence against a session that reads it whole', async (t) => {
  const assessor = await Assessor.open('builtin');
  const context = { user: 'alice', grant: { actions: ['select'], reason: 'weekly figures' } };
  const scoreWith = (classes: readonly string[]): number => {
    const question = {
      session: classes.join(),
      context,
      sql: 'select * from ledger',
      classes,
      since: { rows: 5_000, bytes: 90_000, failures: 0, ms: 9 },
    };
    assessor.assess(question);
    return assessor.assess(question).session.score;
  };
  t.true(scoreWith(['personal']) > scoreWith([]));
  t.true(scoreWith(['personal', 'money']) > scoreWith(['personal']));
});

test('reasons are worked out where a score comes to what asks for them', async (t) => {
  const assessor = await Assessor.open('builtin');
  const told = (explainFrom?: number) => {
    const since = { rows: 1, bytes: 0, failures: 0, ms: 3 };
    const question = { session: `${explainFrom}`, context: {}, sql: 'select * from pg_authid', since };
    assessor.assess(question);
    return assessor.assess({ ...question, ...(explainFrom !== undefined && { explainFrom }) });
  };
  const explained = told();
  t.true(explained.statement.reasons.length > 0 && explained.session.reasons.length > 0);
  const least = Math.max(explained.statement.score, explained.session.score);
  t.deepEqual(told(least), explained);
  const nothing = { reasons: [], weights: [] };
  t.deepEqual(told(least + 0.001), {
    ...explained,
    statement: { ...explained.statement, ...nothing },
    session: { ...explained.session, ...nothing },
  });
});
