/** What reviewers ask, over PostgreSQL. */
import test from 'ava';
import { migrate } from '../../audit/store/migrate.ts';
import { Partitions } from '../../audit/store/partitions.ts';
import { Shipper } from '../../audit/store/shipper.ts';
import { StoreSource } from '../../audit/store/store-source.ts';
import { connectStore, type StoreTarget } from '../../audit/store/store-target.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { trailSourceContract } from './trail-source-contract.ts';

let shipper: Shipper;
let postgres: OwnPostgres;

trailSourceContract(test, {
  open: async (spool) => {
    postgres = await startPostgres();
    const target: StoreTarget = { connection: { connectionString: postgres.url() }, schema: 'trail' };
    shipper = new Shipper({ target, spool, span: 'month' });
    shipper.start();
    await shipper.caughtUp();
    return new StoreSource(target);
  },
  caughtUp: () => shipper.caughtUp(),
});

/** Some are often, and long ago; some now and then; some once. */
const SPREAD = `
  insert into event (at, stream, seq, type, terms, line)
  select at, 1, n, 'node.stop',
         array['principal:all', case when n < 12000 then 'principal:gone' when n % 1000 = 0 then 'principal:rare' end],
         '{"seq":' || n || '}'
  from (select n, '2026-03-01'::timestamptz + n * interval '50 s' as at from generate_series(1, 40000) n) as spread`;

test.serial('a search finds them all, in their order, however they are spread in time', async (t) => {
  const target: StoreTarget = { connection: { connectionString: postgres.url() }, schema: 'spread' };
  await migrate(target);
  const client = await connectStore(target, 'test', 60_000);
  t.teardown(() => client.end());
  await new Partitions('month').ensure(client, ['2026-03-01T00:00:00.000Z', '2026-03-31T00:00:00.000Z']);
  await client.query(SPREAD);
  await client.query('analyze event');
  const source = new StoreSource(target);
  t.teardown(() => source.close());
  const expected: Readonly<Record<string, readonly number[]>> = {
    all: numbers(1, 40_000),
    gone: numbers(1, 11_999),
    rare: numbers(12, 40).map((n) => n * 1_000),
    nobody: [],
  };
  for (const [principal, all] of Object.entries(expected)) {
    for (const order of ['newest', 'oldest'] as const) {
      const wanted = (order === 'oldest' ? all : all.toReversed()).slice(0, 1_700);
      const found: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null && found.length < wanted.length; ) {
        const limit = Math.min(700, wanted.length - found.length);
        const page = await source.events({ principal, order, limit, ...(cursor && { cursor }) });
        found.push(...page.items.map(({ seq }) => seq));
        cursor = page.next;
      }
      t.deepEqual(found, wanted, `${principal}, ${order} first`);
    }
  }
});

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.after.always(() => shipper?.stop(1_000));
