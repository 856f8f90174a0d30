/** When the catalog is looked after, and who waits for that. `NEVER` and `ALWAYS` stand for ages, so that no clock decides. */
import test from 'ava';
import { noCatalogRows } from '../../guardrails/catalog-rows.ts';
import { buildCatalog } from '../../guardrails/catalog-snapshot.ts';
import { type CatalogAges, CatalogSource } from '../../server/catalog-source.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
const ALWAYS = -1;
const LASTING: CatalogAges = {
  interval: 0,
  look: NEVER,
  stale: NEVER,
  patience: 60_000,
  longPatience: 60_000,
  limit: NEVER,
};

const catalogOf = (origin: string, version: number) =>
  buildCatalog({ session: [{ ...noCatalogRows.session[0]!, origin }] }, version);
const catalogs = [1, 2, 3].map((version) => catalogOf('5 one', version));
const another = catalogOf('6 one', 4);

/** A source of a catalog that the test changes, and takes away with `null`. */
function sourceOf(ages: Partial<CatalogAges> = {}) {
  const upstream = { catalog: catalogs[0] ?? null, looks: 0, gate: Promise.resolve() };
  const source = new CatalogSource(
    async () => {
      upstream.looks++;
      await upstream.gate;
      if (upstream.catalog === null) throw new Error('there is no database');
      return upstream.catalog;
    },
    { ...LASTING, ...ages },
  );
  return { source, upstream };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('many that open at once cause one look', async (t) => {
  const { source, upstream } = sourceOf();
  await Promise.all(Array.from({ length: 10 }, () => source.open()));
  t.is(upstream.looks, 1);
  t.is(source.current, catalogs[0]!);
  t.true(source.settled);
});

test('without a catalog nothing opens', async (t) => {
  const { source, upstream } = sourceOf();
  upstream.catalog = null;
  await t.throwsAsync(source.open(), { message: 'there is no database' });
  t.is(source.current, null);
});

test('a stale one waits for a look', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS });
  await source.open();
  upstream.catalog = catalogs[1]!;
  t.false(source.settled);
  await Promise.all([source.settle(), source.settle()]);
  t.is(source.current, catalogs[1]!);
  t.is(upstream.looks, 2);
});

test('patience is for the look that is under way, not for the last one', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS, patience: 50 });
  await source.open();
  await new Promise((resolve) => setTimeout(resolve, 60));
  upstream.catalog = catalogs[1]!;
  await source.settle();
  t.is(source.current, catalogs[1]!);
});

test('a stale one that can’t be looked after is used on, up to the limit', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS });
  await source.open();
  upstream.catalog = null;
  await t.notThrowsAsync(source.settle());
  t.is(source.current, catalogs[0]!);
});

test('past the limit nothing is decided until a look succeeds', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS, limit: Number.NEGATIVE_INFINITY });
  await source.open();
  upstream.catalog = null;
  await t.throwsAsync(source.settle(), { message: 'there is no database' });
  await t.throwsAsync(source.settle(), { message: 'there is no database' });
  upstream.catalog = catalogs[1]!;
  await t.notThrowsAsync(source.settle());
  t.is(source.current, catalogs[1]!);
});

test('a look that takes long is not waited for, unless the limit is reached', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS, patience: 0 });
  await source.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.gate = promise;
  upstream.catalog = catalogs[1]!;
  await source.settle();
  t.is(source.current, catalogs[0]!);
  resolve();
  await until(() => source.current === catalogs[1]);
  t.is(upstream.looks, 2);
});

test('a session that begins is more patient than a statement', async (t) => {
  const { source, upstream } = sourceOf({ stale: ALWAYS, patience: 0 });
  const awake = setInterval(() => {}, 1_000); // patience alone keeps no process alive
  t.teardown(() => clearInterval(awake));
  await source.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.gate = promise;
  upstream.catalog = catalogs[1]!;
  const statement = source.settle().then(() => source.current);
  const session = source.open().then(() => source.current);
  t.is(await statement, catalogs[0]!);
  resolve();
  t.is(await session, catalogs[1]!);
});

test('use alone has it looked after', async (t) => {
  const { source, upstream } = sourceOf({ look: ALWAYS });
  await source.open();
  upstream.catalog = catalogs[1]!;
  t.true(source.settled, 'and does not wait for it');
  await until(() => source.current === catalogs[1]);
  source.close();
  t.is(upstream.looks, 2);
});

test('a hint of a change is followed, many at once by one look', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  upstream.catalog = catalogs[1]!;
  for (let hints = 0; hints < 10; hints++) source.changed();
  await until(() => source.current === catalogs[1]);
  t.is(upstream.looks, 2);
});

test('a fresh one has been asked for after the call', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.gate = promise;
  source.changed();
  await until(() => upstream.looks === 2);
  const fresh = source.fresh();
  upstream.catalog = catalogs[2]!;
  resolve();
  t.is(await fresh, catalogs[2]!);
  t.is(upstream.looks, 3, 'the look that was under way began too early');
});

test('what has changed for certain is waited for, by a look that begins after it, without a rest', async (t) => {
  const { source, upstream } = sourceOf({ interval: 2_000_000_000 });
  await source.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.gate = promise;
  const resting = source.fresh();
  const first = source.outdate();
  await until(() => upstream.looks === 2);
  const second = source.outdate();
  t.false(source.settled);
  const settled = source.settle();
  upstream.catalog = catalogs[2]!;
  resolve();
  await settled;
  t.is(source.current, catalogs[2]!);
  t.true(source.settled);
  t.deepEqual(await Promise.all([first, second]), [true, true]);
  await resting;
  t.is(upstream.looks, 3, 'the look that was under way began too early');
});

test('a change that can’t be seen holds up nobody for longer than their patience', async (t) => {
  const { source, upstream } = sourceOf({ patience: 0 });
  await source.open();
  upstream.gate = new Promise(() => {});
  void source.outdate();
  await source.settle();
  t.is(source.current, catalogs[0]!);
  t.false(source.settled);
});

test('if the look fails, the change stays unseen', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  upstream.catalog = null;
  t.false(await source.outdate());
  t.false(source.settled);
  upstream.catalog = catalogs[1]!;
  await source.settle();
  t.is(source.current, catalogs[1]!);
});

test('a session is met with the catalog of the database that it is in', async (t) => {
  const { source, upstream } = sourceOf({ interval: 2_000_000_000 });
  await source.open();
  await source.meet('5 one');
  t.is(upstream.looks, 1, 'which is at hand');
  upstream.catalog = another;
  await source.meet('6 one');
  t.is(source.current, another);
  t.is(upstream.looks, 2);
});

test('one in another database than the catalog’s does not begin', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  await t.throwsAsync(source.meet('6 one'), { message: /another database/ });
  upstream.catalog = null;
  await t.throwsAsync(source.meet('6 one'), { message: 'there is no database' });
  await t.throwsAsync(source.meet('5 two'), { message: 'there is no database' });
});

test('one on another run of the server, or which would not say, begins after a look', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  await source.meet('5 two');
  t.is(upstream.looks, 2);
  await source.meet(null);
  t.is(upstream.looks, 3);
});

test('to meet a session, a look that began before it does not count', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.gate = promise;
  source.changed();
  await until(() => upstream.looks === 2);
  const met = source.meet('6 one');
  upstream.catalog = another;
  resolve();
  await met;
  t.is(source.current, another);
  t.is(upstream.looks, 3);
});

test('when it is closed, nobody waits for the rest before a look, and none begins', async (t) => {
  const { source, upstream } = sourceOf({ interval: 3_600_000 });
  await source.open();
  const looks = [source.fresh(), source.outdate(), source.fresh()];
  await looks[1];
  const waits = source.fresh();
  source.close();
  t.is(await waits, catalogs[0]!);
  t.false(await source.outdate());
  source.changed();
  t.is(upstream.looks, 2);
});
