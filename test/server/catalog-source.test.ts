/** When the catalog is looked after, and who waits for that. `NEVER` and `ALWAYS` stand for ages, so that no clock decides. */
import test from 'ava';
import { buildCatalog } from '../../guardrails/catalog-snapshot.ts';
import { type CatalogAges, CatalogSource } from '../../server/catalog-source.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
const ALWAYS = -1;
const LASTING: CatalogAges = { interval: 0, look: NEVER, stale: NEVER, patience: 60_000, limit: NEVER };

const catalogs = [1, 2, 3].map((version) => buildCatalog({}, version));

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
  const since = performance.now();
  await source.open();
  const rest = 20 * (performance.now() - since); // looks come at a tenth of the time at most
  await new Promise((resolve) => setTimeout(resolve, 60 + rest));
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
  const { source, upstream } = sourceOf({ stale: ALWAYS, patience: 1_000 });
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

test('a doubt keeps new sessions out until it is settled, not those there are', async (t) => {
  const { source, upstream } = sourceOf();
  await source.open();
  upstream.catalog = null;
  source.doubt();
  await t.throwsAsync(source.open(), { message: 'there is no database' });
  t.true(source.settled);
  upstream.catalog = catalogs[1]!;
  await source.open();
  t.is(source.current, catalogs[1]!);
});
