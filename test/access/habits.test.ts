import anyTest, { type TestFn } from 'ava';
import type { AccessHandle } from '../../access/access.ts';
import type { HabitSubject } from '../../access/habit-book.ts';
import { Fixture } from './fixture.ts';

const test = anyTest as TestFn<{ fixture: Fixture }>;
const DAY = 24 * 60 * 60 * 1000;
const START = 2000 * 14 * DAY;

test.before(async (t) => {
  t.context.fixture = await Fixture.start();
});

test.after.always(({ context }) => context.fixture?.stop());

/** Of a test of its own: tests share one Redis. */
const alice = (database: string): HabitSubject => ({ kind: 'principal', name: 'alice', database });

const SUMS = { statements: 3, rows: 100, bytes: 5000, relations: 2 };

/** A process whose clock stands at `now` until it is moved. */
function processAt(
  fixture: Fixture,
  now: number,
): { readonly handle: AccessHandle; moveTo(time: number): void } {
  let time = now;
  const clock = { now: () => time, elapsed: () => performance.now() };
  return {
    handle: fixture.process({ clock }),
    moveTo: (other) => {
      time = other;
    },
  };
}

test('what one node learns is usual on the others', async (t) => {
  const [one, two] = [t.context.fixture.process(), t.context.fixture.process()];
  const subject = alice('shared');
  const mark = one.habits.markOf('statement a');
  const [early] = await two.habits.open([subject]);
  t.false(early?.has(mark));
  one.habits.learn(subject, [mark], SUMS);
  await one.habits.flush();
  const [late] = await t.context.fixture.process().habits.open([subject]);
  t.true(late?.has(mark));
  t.false(late?.has(one.habits.markOf('statement b')));
  t.false(early?.has(mark), 'nothing is asked for at a look');
  await two.habits.refresh();
  t.true(early?.has(two.habits.markOf('statement a')));
  t.is(early?.sessions, 1);
});

test('subjects do not share habits', async (t) => {
  const { habits } = t.context.fixture.process();
  const subject = alice('apart');
  const others: readonly HabitSubject[] = [
    { ...subject, name: 'bob' },
    { ...subject, kind: 'team' },
    { ...subject, database: 'apart, too' },
  ];
  const mark = habits.markOf('statement a');
  habits.learn(subject, [mark], null);
  await habits.flush();
  const [own, ...rest] = await habits.open([subject, ...others]);
  t.true(own?.has(mark));
  t.deepEqual(
    rest.map((book) => book.has(mark)),
    [false, false, false],
  );
});

test('what is not seen for two periods is forgotten', async (t) => {
  const { handle, moveTo } = processAt(t.context.fixture, START);
  const { habits } = handle;
  const subject = alice('forgetful');
  const mark = habits.markOf('statement a');
  habits.learn(subject, [mark], SUMS);
  await habits.flush();
  const [book] = await habits.open([subject]);
  t.true(book?.has(mark));
  t.false(book?.fades(mark));
  moveTo(START + 14 * DAY);
  await habits.refresh();
  t.true(book?.has(mark));
  t.true(book?.fades(mark));
  t.is(book?.usual('rows'), 127);
  moveTo(START + 28 * DAY);
  await habits.refresh();
  t.false(book?.has(mark));
  t.is(book?.usual('rows'), null);
});

test('habits are seasoned by days, not by the number of sessions', async (t) => {
  const { handle, moveTo } = processAt(t.context.fixture, START);
  const { habits } = handle;
  const subject = alice('seasons');
  const [book] = await habits.open([subject]);
  for (let day = 0; day < 5; day++) {
    t.false(book?.seasoned);
    moveTo(START + day * DAY);
    for (let session = 0; session < 10; session++) habits.learn(subject, [], SUMS);
    await habits.flush();
    await habits.refresh();
  }
  t.true(book?.seasoned);
  t.is(book?.sessions, 50);
});

test('99 of 100 sessions stay within what is usual', async (t) => {
  const { habits } = t.context.fixture.process();
  const subject = alice('percentiles');
  for (let session = 0; session < 200; session++)
    habits.learn(subject, [], { ...SUMS, rows: session === 0 ? 1_000_000 : 100 });
  await habits.flush();
  const [book] = await habits.open([subject]);
  t.is(book?.usual('rows'), 127);
  for (let session = 0; session < 10; session++) habits.learn(subject, [], { ...SUMS, rows: 1_000_000 });
  await habits.flush();
  await habits.refresh();
  t.true((book?.usual('rows') ?? 0) >= 1_000_000);
});

test.serial(
  'a subject takes bounded space, and what is new stays new however much was learned',
  async (t) => {
    const { habits } = t.context.fixture.process();
    const subject = alice('crowded');
    const before = new Set(await t.context.fixture.client.keys('postern:{habits:*:seen'));
    const things = Array.from({ length: 15_000 }, (_, i) => habits.markOf(`statement ${i}`));
    for (let from = 0; from < things.length; from += 1000) {
      habits.learn(subject, things.slice(from, from + 1000), null);
      await habits.flush();
    }
    const keys = await t.context.fixture.client.keys('postern:{habits:*:seen');
    const sizes = await Promise.all(
      keys.filter((key) => !before.has(key)).map((key) => t.context.fixture.client.strlen(key)),
    );
    for (const size of sizes) t.true(size <= 16 * 1024);
    const [book] = await t.context.fixture.process().habits.open([subject]);
    t.true(things.slice(0, 10_000).every((mark) => book?.has(mark)));
    const mistaken = Array.from({ length: 1000 }, (_, i) => habits.markOf(`other ${i}`)).filter((mark) =>
      book?.has(mark),
    );
    t.true(mistaken.length < 30, `${mistaken.length} of 1000 new things are taken for known`);
  },
);

test.serial('who fills a filter in Redis makes nothing usual', async (t) => {
  const { habits } = t.context.fixture.process();
  const subject = alice('spoilt');
  const mark = habits.markOf('statement a');
  const before = new Set(await t.context.fixture.client.keys('postern:{habits:*:seen'));
  habits.learn(subject, [mark], null);
  await habits.flush();
  const keys = await t.context.fixture.client.keys('postern:{habits:*:seen');
  for (const key of keys.filter((key) => !before.has(key)))
    await t.context.fixture.client.set(key, Buffer.alloc(16 * 1024, 0xff));
  const [book] = await t.context.fixture.process().habits.open([subject]);
  t.false(book?.has(mark));
  t.true(t.context.fixture.warnings.some((warning) => warning.includes('not believed')));
});

test('habits under another signing key are not there', async (t) => {
  const subject = alice('keyed');
  const { habits } = t.context.fixture.process();
  habits.learn(subject, [habits.markOf('statement a')], null);
  await habits.flush();
  const other = t.context.fixture.process({ signingKey: 'another key that is long enough for it' }).habits;
  const [book] = await other.open([subject]);
  t.false(book?.has(other.markOf('statement a')));
});

test('without Redis a process goes on with what it knows, and writes what it learned when Redis is back', async (t) => {
  const fixture = await Fixture.start();
  t.teardown(() => fixture.stop());
  const { habits } = fixture.process({ timeout: 300 });
  const subject = alice('outage');
  const [known, late] = [habits.markOf('statement a'), habits.markOf('statement b')];
  habits.learn(subject, [known], SUMS);
  await habits.flush();
  const [book] = await habits.open([subject]);
  fixture.redis.pause();
  habits.learn(subject, [late], SUMS);
  await habits.flush();
  await habits.refresh();
  t.false(habits.reachable);
  t.true(book?.has(known) && book.has(late));
  fixture.redis.resume();
  await fixture.client.ping();
  await habits.flush();
  await habits.refresh();
  t.true(habits.reachable);
  const [elsewhere] = await fixture.process().habits.open([subject]);
  t.true(elsewhere?.has(late));
});
