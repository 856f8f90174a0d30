/** What every TrailSource does, over whatever it reads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestFn } from 'ava';
import type { EventSearch, Page, TrailSource } from '../../audit/trail-source.ts';
import {
  ALICE,
  BEGIN,
  BOB,
  EVENTS,
  flag,
  MANY,
  MINUTE,
  SECOND,
  start,
  statement,
  verdict,
  write,
  writeFixture,
} from './trail-source-fixture.ts';

/** `open` takes the directory of a spool, and resolves when all that is in it can be asked for; `caughtUp`: again. */
export interface OpenSource {
  open(spool: string): Promise<TrailSource>;
  caughtUp(spool: string): Promise<void>;
}

/** Declares the tests; they share one source, and those that write to it come last. */
export function trailSourceContract(test: TestFn, { open, caughtUp }: OpenSource): void {
  const spool = mkdtempSync(join(tmpdir(), 'postern-trail-'));
  let source: TrailSource;
  test.serial.before('a trail', async () => {
    await writeFixture(spool);
    source = await open(spool);
  });
  test.after.always(async () => {
    await source?.close();
    rmSync(spool, { recursive: true, force: true });
  });

  const found = async (search: Partial<EventSearch>) =>
    (await source.events({ limit: 1_000, order: 'oldest', ...search })).items;
  const finds = (name: string, search: Partial<EventSearch>, count: number) =>
    test.serial(`events by ${name}`, async (t) => {
      t.is((await found(search)).length, count);
    });

  test.serial('events in the order of time, both ways, as they stand in the trail', async (t) => {
    const oldest = await found({});
    t.is(oldest.length, EVENTS);
    t.deepEqual(
      oldest.map(({ at }) => at),
      oldest.map(({ at }) => at).toSorted(),
    );
    t.deepEqual((await found({ order: 'newest' })).toReversed(), oldest);
    t.like(oldest[0], { type: 'node.start', seq: 1, node: 'n1', at: new Date(BEGIN).toISOString() });
    t.regex(oldest[0]?.hash ?? '', /^[0-9a-f]{64}$/);
  });

  finds('type', { types: ['risk.flag', 'session.start'] }, 5);
  finds('no type', { types: [] }, 0);
  finds('session', { session: BOB.session }, 2 + 2 * MANY);
  finds('grant and type', { grant: ALICE.grant, types: ['statement'] }, 4);
  finds('principal', { principal: 'alice' }, 10);
  finds('principal in other letters', { principal: 'Alice' }, 0);
  finds('database', { database: 'crm', types: ['statement'] }, MANY);
  finds('time', { from: BEGIN + SECOND, to: BEGIN + 2 * SECOND }, 2);
  finds('action', { action: 'select' }, MANY + 2);
  finds('relation', { relation: 'public.orders' }, 2);
  finds('action and relation', { action: 'delete', relation: 'public.payments' }, 1);
  finds('action of one relation and another', { action: 'delete', relation: 'crm.contacts' }, 0);
  finds('decision', { decision: 'hold' }, 1);
  finds('risk', { risk: 0.7 }, 2);
  finds('words in any case', { text: 'FROM größe name' }, 1);
  finds('words that are nowhere together', { text: 'payments contacts' }, 0);
  finds('parts of words', { text: 'contac' }, 0);
  finds('words of a reason', { text: 'is missing' }, 1);
  finds('words and all else', { text: 'orders', principal: 'alice', decision: 'allow', action: 'select' }, 2);
  finds('a text of no words', { text: '% -- (', types: ['node.start'] }, 1);

  const pages = async <T>(ask: (cursor?: string) => Promise<Page<T>>): Promise<readonly (readonly T[])[]> => {
    const all: (readonly T[])[] = [];
    for (let cursor: string | undefined; all.length < 100; ) {
      const { items, next } = await ask(cursor);
      all.push(items);
      if (next === null) return all;
      cursor = next;
    }
    throw new Error('the pages do not end');
  };

  for (const order of ['newest', 'oldest'] as const) {
    test.serial(`pages of events, the ${order} first, have each once`, async (t) => {
      for (const search of [{}, { text: 'contacts' }, { session: BOB.session }]) {
        const all = await found({ ...search, order });
        const parts = await pages((cursor) =>
          source.events({ ...search, order, limit: 7, ...(cursor !== undefined && { cursor }) }),
        );
        t.deepEqual(parts.flat(), all);
        t.true(parts.slice(0, -1).every(({ length }) => length === 7));
      }
    });
  }

  test.serial('a page that ends with the last event says so', async (t) => {
    t.is((await source.events({ order: 'oldest', limit: EVENTS })).next, null);
    t.not((await source.events({ order: 'oldest', limit: EVENTS - 1 })).next, null);
  });

  test.serial('a cursor that is none, or of something else, is refused', async (t) => {
    await t.throwsAsync(source.events({ order: 'oldest', limit: 1, cursor: 'nonsense' }), {
      instanceOf: RangeError,
    });
  });

  test.serial('sessions, the newest first, with what they came to', async (t) => {
    const { items, next } = await source.sessions({ limit: 10 });
    t.is(next, null);
    t.deepEqual(
      items.map(({ session }) => session),
      [ALICE.session, BOB.session],
    );
    t.deepEqual(items[0], {
      ...ALICE,
      ...{ application: 'psql', node: 'n1', startedAt: new Date(BEGIN + SECOND).toISOString() },
      ...{ endedAt: new Date(BEGIN + 10 * SECOND).toISOString(), endReason: 'client', endDetail: null },
      ...{ statements: 4, denied: 2, rows: 103, bytes: 1030, alarms: 2, risk: 0.9, scores: [0.25, 0.9] },
    });
    t.deepEqual(items[1], {
      ...BOB,
      ...{ application: null, node: 'n1', startedAt: new Date(BEGIN + 500).toISOString() },
      ...{ endedAt: null, endReason: null, endDetail: null },
      ...{ statements: MANY, denied: 0, rows: MANY, bytes: 10 * MANY, alarms: 1, risk: 0.4, scores: [] },
    });
  });

  test.serial('sessions by who, where, by which grant and when', async (t) => {
    const names = async (search: object) =>
      (await source.sessions({ limit: 10, ...search })).items.map(({ principal }) => principal);
    t.deepEqual(await names({ principal: 'bob' }), ['bob']);
    t.deepEqual(await names({ database: 'shop' }), ['alice']);
    t.deepEqual(await names({ grant: BOB.grant, database: 'crm' }), ['bob']);
    t.deepEqual(await names({ from: BEGIN + SECOND }), ['alice']);
    t.deepEqual(await names({ to: BEGIN + SECOND }), ['bob']);
    const parts = await pages((cursor) =>
      source.sessions({ limit: 1, ...(cursor !== undefined && { cursor }) }),
    );
    t.deepEqual(
      parts.flat().map(({ principal }) => principal),
      ['alice', 'bob'],
    );
    const known = await source.sessionsById([BOB.session, 'nobody']);
    t.deepEqual(
      known.map(({ session }) => session),
      [BOB.session],
    );
  });

  test.serial('statements of a session with what came of them', async (t) => {
    const all = await source.statements(ALICE.session, 1, 100);
    t.deepEqual(
      all.map((each) => [each.statement.statement, each.end?.rows ?? null, each.alarm?.flag.alarm ?? null]),
      [
        [1, 3, null],
        [2, null, null],
        [3, 100, 'a11ce-1'],
        [4, null, 'a11ce-2'],
      ],
    );
    const some = await source.statements(BOB.session, 11, 5);
    t.deepEqual(
      some.map((each) => [each.statement.statement, each.end?.statement]),
      [11, 12, 13, 14, 15].map((number) => [number, number]),
    );
    t.deepEqual(await source.statements('nobody', 1, 5), []);
  });

  test.serial('a session as a whole, in columns of its time: of each the worst', async (t) => {
    const from = BEGIN + SECOND;
    const column = { statements: 1, worst: 'allow' as const, risk: null, alarms: 0 };
    const at = (number: number, seconds: number) => ({
      ...{ first: number, last: number, from: BEGIN + seconds * SECOND, to: BEGIN + seconds * SECOND },
    });
    t.deepEqual(await source.timeline(ALICE.session, 9), {
      ...{ from, to: BEGIN + 10 * SECOND },
      columns: [
        { ...column, ...at(1, 2) },
        { ...column, ...at(2, 4), worst: 'deny', risk: 0.25 },
        { ...column, ...at(3, 6), alarms: 1 },
        { ...column, ...at(4, 9), worst: 'hold', risk: 0.9, alarms: 1 },
      ],
    });
    const whole = await source.timeline(ALICE.session, 1);
    t.deepEqual(whole?.columns, [
      {
        ...{ first: 1, last: 4, from: BEGIN + 2 * SECOND, to: BEGIN + 9 * SECOND, statements: 4 },
        ...{ worst: 'deny', risk: 0.9, alarms: 2 },
      },
    ]);
    const open = await source.timeline(BOB.session, 10);
    t.is(open?.columns.length, 10);
    t.is(
      open?.columns.reduce((sum, { statements }) => sum + statements, 0),
      MANY,
    );
    t.is(open?.to, open?.columns.at(-1)?.to);
    t.is(await source.timeline('nobody', 10), null);
  });

  test.serial('alarms without a verdict: of a day the riskiest first', async (t) => {
    const names = async (search: object) =>
      (await source.alarms({ state: 'open', limit: 10, ...search })).items.map(({ flag }) => flag.alarm);
    t.deepEqual(await names({}), ['a11ce-2', 'a11ce-1', 'b0b-1']);
    t.deepEqual(await names({ database: 'crm' }), ['b0b-1']);
    t.deepEqual(await names({ principal: 'alice', limit: 1 }), ['a11ce-2']);
    t.deepEqual(await names({ state: 'judged' }), []);
    const parts = await pages((cursor) =>
      source.alarms({ state: 'open', limit: 1, ...(cursor !== undefined && { cursor }) }),
    );
    t.deepEqual(
      parts.flat().map(({ flag }) => flag.alarm),
      ['a11ce-2', 'a11ce-1', 'b0b-1'],
    );
    t.is(await source.alarm('nothing'), null);
  });

  test.serial('how many, by stretches of time', async (t) => {
    const none = { alarms: 0, verdicts: { true: 0, false: 0 } };
    const request = { from: BEGIN - MINUTE, to: BEGIN + 2 * MINUTE, stretch: MINUTE };
    t.deepEqual(await source.tally({ ...request, database: 'shop' }), [
      {
        at: new Date(BEGIN - MINUTE).toISOString(),
        decisions: { allow: 0, observe: 0, deny: 0, hold: 0 },
        ...none,
      },
      {
        at: new Date(BEGIN).toISOString(),
        decisions: { allow: 2, observe: 0, deny: 1, hold: 1 },
        ...none,
        alarms: 2,
      },
      {
        at: new Date(BEGIN + MINUTE).toISOString(),
        decisions: { allow: 0, observe: 0, deny: 0, hold: 0 },
        ...none,
      },
    ]);
    const odd = await source.tally({ from: BEGIN + 2_500, to: BEGIN + 8_500, stretch: 3_000 });
    t.deepEqual(
      odd.map(({ decisions }) => [decisions.allow, decisions.deny]),
      [
        [1, 1],
        [3, 0],
      ],
    );
  });

  test.serial(
    'what comes is told once, and then found; a verdict is the last word on an alarm',
    async (t) => {
      const stop = new AbortController();
      const told = source.follow({ types: ['node.stop', 'session.start', 'risk.verdict'] }, stop.signal);
      const at = BEGIN + 5 * MINUTE;
      const first = told.next();
      // Until it listens: what comes from then on is told.
      for (let heard = false; !heard; ) {
        await write(spool, 'marks', [{ type: 'node.stop' }], at);
        await caughtUp(spool);
        heard = await Promise.race([first.then(() => true), sleep(50, false)]);
      }
      const next = async () => {
        for (;;) {
          const { value, done } = await told.next();
          if (done === true || value.type !== 'node.stop') return value;
        }
      };
      await write(spool, 'api', [verdict('a11ce-1', 'true'), verdict('a11ce-1', 'false')], at);
      await write(spool, 'w2', [flag(BOB, 50, 'b0b-2', 0.5), statement(BOB, 50, 'SELECT 50')], at);
      await caughtUp(spool);
      t.like(await next(), { type: 'risk.verdict', verdict: 'true' });
      t.like(await next(), { type: 'risk.verdict', verdict: 'false' });
      await write(spool, 'w3', [start({ ...BOB, session: 'later' })], at);
      await caughtUp(spool);
      t.like(await next(), { type: 'session.start', session: 'later' });
      stop.abort();
      t.is(await next(), undefined);

      const judged = await source.alarms({ state: 'judged', limit: 10 });
      t.deepEqual(
        judged.items.map(({ flag, verdict }) => [flag.alarm, verdict?.verdict, verdict?.note]),
        [['a11ce-1', 'false', 'seen before']],
      );
      t.like(await source.alarm('a11ce-1'), { flag: { alarm: 'a11ce-1' }, verdict: { verdict: 'false' } });
      t.deepEqual(
        (await source.alarms({ state: 'open', limit: 10, principal: 'bob' })).items.map(
          ({ flag }) => flag.alarm,
        ),
        ['b0b-2', 'b0b-1'],
      );
      const [bob] = await source.sessionsById([BOB.session]);
      t.like(bob, { statements: MANY + 1, alarms: 2, risk: 0.5 });
    },
  );
}
