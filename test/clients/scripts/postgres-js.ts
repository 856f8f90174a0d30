import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { cancelling, failure, runSteps, SLOW, target } from '../steps.ts';

const sql = postgres(target(), {
  max: 3,
  onnotice: () => {},
  connection: { application_name: 'postgres.js' },
});
const count = async (table: string) => (await sql`select count(*)::int from ${sql(table)}`)[0]?.count;

await runSteps({
  connect: async () => (await sql`select current_database()`)[0],
  query: () => sql`select id, full_name, balance from customers order by id limit 2`,
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3]) found.push(...(await sql`select email from customers where id = ${id}`));
    return found;
  },
  commit: async () => {
    await sql.begin((tx) => tx`insert into teams (name) values ('east')`);
    return count('teams');
  },
  rollback: async () => {
    const undo = new Error('undo');
    await sql
      .begin('isolation level repeatable read', async (tx) => {
        await tx`update customers set balance = 0`;
        throw undo;
      })
      .catch((error) => {
        if (error !== undo) throw error;
      });
    return sql`select sum(balance) from customers`;
  },
  savepoint: async () => {
    const code = await sql.begin(async (tx) => {
      const failed = await failure(() => tx.savepoint((sp) => sp`insert into teams (name) values ('north')`));
      await tx`insert into teams (name) values ('centre')`;
      return failed;
    });
    return [code, await count('teams')];
  },
  'copy-in': async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `${9000 + n}\tcopied\t${n}\t2026-04-01\n`);
    await pipeline(Readable.from(lines), await sql`copy readings from stdin`.writable());
    return sql`select count(*)::int, sum(value) from readings where sensor = 'copied'`;
  },
  'copy-out': async () =>
    text(await sql`copy (select id, sensor from readings where id < 4 order by id) to stdout`.readable()),
  stream: async () => {
    let total = 0;
    for await (const batch of sql`select id from readings where id <= ${4000}`.cursor(300))
      for (const { id } of batch) total += id;
    let seen = 0;
    for await (const _ of sql`select id from readings`.cursor(10)) if (++seen === 2) break;
    let streamed = 0;
    await sql`select id from readings`.forEach(() => {
      streamed++;
    });
    return { total, seen, streamed };
  },
  cancel: async () => {
    const query = sql.unsafe(SLOW);
    const code = await cancelling(
      failure(() => query.execute()),
      () => query.cancel(),
    );
    return [code, await count('teams')];
  },
  recover: async () => [
    await failure(() => sql`select 1 / (id - id) from teams`),
    await failure(() => sql`insert into teams (name) values ('north')`),
    await failure(() => sql`selec 1`),
    await count('teams'),
  ],
  denial: async () => [
    await failure(() => sql`delete from orders`),
    await failure(() => sql`delete from orders where id = ${1}`),
    await failure(() => sql`delete from orders`.simple()),
    await count('orders'),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    const whole = await failure(() =>
      sql.begin(async (tx) => {
        await tx`insert into teams (name) values ('lost')`;
        codes.push(await failure(() => tx`delete from teams`));
        codes.push(await failure(() => tx`select 1`));
      }),
    );
    return [...codes, whole, await count('teams')];
  },
  introspect: async () =>
    (await sql`select id, full_name, tags, profile, born, balance from customers limit 0`).columns.map(
      ({ name, type }) => [name, type],
    ),
  relations: () =>
    sql`select c.full_name, o.total from customers c join orders o on o.customer_id = c.id order by o.id limit 3`,
  'bulk-insert': () => {
    const readings = [9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, taken_at: new Date(id) }));
    return sql`insert into readings ${sql(readings)} returning id, value`;
  },
  paginate: () => sql`select id from orders where id > ${5} order by id limit ${3} offset ${1}`,
  upsert: () =>
    sql`insert into teams ${sql({ id: 1, name: 'north' })} on conflict (id) do update set name = excluded.name returning *`,
  json: () =>
    sql`update customers set profile = profile || ${sql.json({ seen: [1, 'two', null] })}
        where profile->'nested'->>'dark' = 'true' and profile @> ${sql.json({ level: 2 })} returning profile`,
  arrays: () => sql`select id, tags from customers where ${'all'} = any (tags) and id in ${sql([1, 3])}`,
  dates: () =>
    sql`select born::text, placed_at, created_at, age(placed_at, born)
        from customers c join orders o on o.customer_id = c.id
        where o.placed_at >= ${new Date('2026-02-10T00:00:00Z')} order by o.id limit 2`,
  settings: async () => {
    const found = [];
    const startup = { connection: { search_path: 'public', statement_timeout: 60_000 } };
    for (const setting of [{ prepare: false }, { fetch_types: false }, startup, { max_pipeline: 1 }]) {
      const own = postgres(target(), { max: 1, ...setting });
      found.push(await own`select id, tags from customers where id = ${1}`);
      found.push(await failure(() => own`delete from customers where id = ${1}`));
      found.push(await own`show statement_timeout`);
      await own.end();
    }
    return found;
  },
  pool: () =>
    // More queries than connections: they are pipelined.
    Promise.all([1, 2, 3, 4, 5, 6].map((id) => sql`select sum(total) from orders where customer_id = ${id}`)),
});
await sql.end();
