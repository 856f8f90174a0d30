import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { cancelling, failure, runSteps, SLOW, target } from '../steps.ts';

/** What node-postgres has for cancelling, and does not declare. */
interface Internals {
  readonly host: string;
  readonly port: number;
  _getActiveQuery(): object;
  cancel(client: pg.Client, query: object): void;
}

const client = new pg.Client({ connectionString: target(), application_name: 'node-postgres' });
const rows = async (sql: string, values?: unknown[]) => (await client.query(sql, values)).rows;
const count = async (table: string) => Number((await rows(`select count(*) from ${table}`))[0].count);

await runSteps({
  connect: () => client.connect().then(() => client.database),
  query: () => rows('select id, full_name, balance from customers order by id limit 2'),
  prepared: async () => {
    const statement = { name: 'by-id', text: 'select email from customers where id = $1' };
    const found = [];
    for (const id of [1, 2, 3]) found.push(...(await client.query({ ...statement, values: [id] })).rows);
    return found;
  },
  commit: async () => {
    await client.query('begin');
    await client.query("insert into teams (name) values ('east')");
    await client.query('commit');
    return count('teams');
  },
  rollback: async () => {
    await client.query('begin isolation level serializable');
    await client.query('update customers set balance = 0');
    await client.query('rollback');
    return rows('select sum(balance) from customers');
  },
  savepoint: async () => {
    await client.query('begin');
    await client.query('savepoint one');
    const code = await failure(() => client.query("insert into teams (name) values ('north')"));
    await client.query('rollback to savepoint one');
    await client.query("insert into teams (name) values ('centre')");
    await client.query('release savepoint one');
    return [code, (await client.query('commit')).command, await count('teams')];
  },
  'copy-in': async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `${9000 + n}\tcopied\t${n}\t2026-04-01\n`);
    await pipeline(Readable.from(lines), client.query(copyFrom('copy readings from stdin')));
    return rows("select count(*), sum(value) from readings where sensor = 'copied'");
  },
  'copy-out': () =>
    text(
      client.query(copyTo('copy (select id, sensor from readings where id < 4 order by id) to stdout csv')),
    ),
  stream: async () => {
    let total = 0;
    const stream = client.query(
      new QueryStream('select id from readings where id <= $1', [4000], { batchSize: 300 }),
    );
    for await (const row of stream) total += (row as { id: number }).id;
    const cursor = client.query(new Cursor<{ id: number }>('select id from readings order by id'));
    const first = await cursor.read(3);
    await cursor.close();
    return { total, first };
  },
  cancel: async () => {
    const { host, port, _getActiveQuery } = client as unknown as Internals;
    const code = await cancelling(
      failure(() => client.query(SLOW)),
      () => {
        const canceller = new pg.Client({ host, port }) as unknown as Internals;
        canceller.cancel(client, _getActiveQuery.call(client));
      },
    );
    return [code, await count('teams')];
  },
  recover: async () => [
    await failure(() => client.query('select 1 / (id - id) from teams')),
    await failure(() => client.query("insert into teams (name) values ('north')")),
    await failure(() => client.query('selec 1')),
    await count('teams'),
  ],
  denial: async () => [
    await failure(() => client.query('delete from orders')),
    await failure(() => client.query('delete from orders where id = $1', [1])),
    await count('orders'),
  ],
  'denial-in-block': async () => {
    await client.query('begin');
    await client.query("insert into teams (name) values ('lost')");
    const codes = [
      await failure(() => client.query('delete from teams')),
      await failure(() => client.query('select 1')),
    ];
    return [...codes, (await client.query('commit')).command, await count('teams')];
  },
  introspect: () =>
    rows(
      `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
       where table_schema = 'public' order by table_name, ordinal_position`,
    ),
  relations: () =>
    rows(
      'select c.full_name, o.total from customers c join orders o on o.customer_id = c.id order by o.id limit 3',
    ),
  'bulk-insert': () =>
    rows(
      'insert into readings select * from unnest($1::int[], $2::text[], $3::float8[], $4::timestamptz[]) returning id',
      [
        [9901, 9902],
        ['a', 'b'],
        [1.5, 2.5],
        ['2026-04-02', '2026-04-03'],
      ],
    ),
  paginate: () => rows('select id from orders where id > $1 order by id limit $2 offset $3', [5, 3, 1]),
  upsert: () =>
    rows(
      `insert into teams (id, name) values (1, $1) on conflict (id) do update set name = excluded.name returning *`,
      ['north'],
    ),
  json: () =>
    rows(
      `update customers set profile = profile || $1 where profile->'nested'->>'dark' = 'true' and profile @> '{"level": 2}'
       returning profile`,
      [{ seen: [1, 'two', null] }],
    ),
  arrays: () =>
    rows('select id, tags from customers where $1 = any (tags) and id = any ($2)', ['all', [1, 3]]),
  dates: () =>
    rows(
      'select born::text, placed_at, created_at, age(placed_at, born) from customers c join orders o on o.customer_id = c.id where o.placed_at >= $1 order by o.id limit 2',
      [new Date('2026-02-10T00:00:00Z')],
    ),
  settings: async () => {
    const found = [];
    const startup = {
      options: '-c search_path=public -c work_mem=8MB',
      lock_timeout: 9000,
      statement_timeout: 60_000,
    };
    for (const setting of [
      { binary: true },
      { queryMode: 'extended' },
      startup,
      { keepAlive: true, query_timeout: 60_000 },
    ]) {
      const own = new pg.Client({ connectionString: target(), ...setting });
      await own.connect();
      found.push((await own.query('select id, full_name, tags from customers where id = 1')).rows);
      found.push(await failure(() => own.query('delete from customers')));
      found.push(
        (await own.query("select current_setting('lock_timeout'), current_setting('work_mem')")).rows,
      );
      await own.end();
    }
    return found;
  },
  pool: async () => {
    const pool = new pg.Pool({ connectionString: target(), max: 4, statement_timeout: 60_000 });
    const sums = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((id) =>
        pool.query('select sum(total) from orders where customer_id = $1', [id]),
      ),
    );
    await pool.end();
    return sums.map((result) => result.rows[0].sum);
  },
});
await client.end();
