import { text } from 'node:stream/consumers';
import knexFactory from 'knex';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { failure, runSteps, SLOW, target } from '../steps.ts';

const knex = knexFactory({ client: 'pg', connection: target(), pool: { min: 0, max: 3 } });
const count = async (table: string) => Number((await knex(table).count())[0]?.count);

await runSteps({
  connect: async () => (await knex.raw('select current_database()')).rows,
  query: () => knex('customers').select('id', 'full_name', 'balance').orderBy('id').limit(2),
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3]) found.push(await knex('customers').where({ id }).first('email'));
    return found;
  },
  commit: async () => {
    await knex.transaction((tx) => tx('teams').insert({ name: 'east' }));
    return count('teams');
  },
  rollback: async () => {
    const tx = await knex.transaction({ isolationLevel: 'repeatable read' });
    await tx('customers').update({ balance: 0 });
    await tx.rollback();
    return knex('customers').sum('balance');
  },
  savepoint: async () => {
    const code = await knex.transaction(async (tx) => {
      const failed = await failure(() => tx.transaction((inner) => inner('teams').insert({ name: 'north' })));
      await tx('teams').insert({ name: 'centre' });
      return failed;
    });
    return [code, await count('teams')];
  },
  'copy-out': async () => {
    const connection: pg.Client = await knex.client.acquireConnection();
    try {
      return await text(
        connection.query(copyTo('copy (select id from readings where id < 4 order by id) to stdout')),
      );
    } finally {
      await knex.client.releaseConnection(connection);
    }
  },
  stream: async () => {
    let total = 0;
    for await (const row of knex('readings').select('id').stream({ batchSize: 300 })) total += row.id;
    return total;
  },
  /** knex's own `cancel` calls pg_cancel_backend with the key it was given, so what can be asked for is a timeout. */
  cancel: async () =>
    knex
      .transaction(async (tx) => {
        await tx.raw("set local statement_timeout = '200ms'");
        return failure(() => tx.raw(SLOW));
      })
      .catch((error) => error.code),
  recover: async () => [
    await failure(() => knex('teams').select(knex.raw('1 / (id - id)'))),
    await failure(() => knex('teams').insert({ name: 'north' })),
    await failure(() => knex.raw('selec 1')),
    await count('teams'),
  ],
  denial: async () => [
    await failure(() => knex('orders').delete()),
    await failure(() => knex('orders').where({ id: 1 }).delete()),
    await count('orders'),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    await knex.transaction(async (tx) => {
      await tx('teams').insert({ name: 'lost' });
      codes.push(await failure(() => tx('teams').delete()));
      codes.push(await failure(() => tx.raw('select 1')));
    });
    return [...codes, await count('teams')];
  },
  introspect: async () => [
    await knex('customers').columnInfo(),
    await knex.schema.hasTable('customers'),
    await knex.schema.hasTable('missing'),
    await knex.schema.hasColumn('customers', 'email'),
  ],
  relations: () =>
    knex('customers as c')
      .join('orders as o', 'o.customer_id', 'c.id')
      .select('c.full_name', 'o.total')
      .orderBy('o.id')
      .limit(3),
  'bulk-insert': () =>
    knex
      .batchInsert(
        'readings',
        Array.from({ length: 250 }, (_, n) => ({
          id: 9700 + n,
          sensor: 'b',
          value: n,
          taken_at: new Date(n),
        })),
        100,
      )
      .returning('id')
      .then((ids) => [ids.length, ids[0]]),
  paginate: () => knex('orders').where('id', '>', 5).orderBy('id').limit(3).offset(1).select('id'),
  upsert: () => knex('teams').insert({ id: 1, name: 'north' }).onConflict('id').merge().returning('*'),
  json: async () => [
    await knex('customers')
      .whereJsonSupersetOf('profile', { level: 2 })
      .update({ profile: { level: 2, seen: [1] } }, ['profile']),
    await knex('customers').jsonExtract('profile', '$.level', 'level').orderBy('id').limit(2),
  ],
  arrays: () =>
    knex('customers').whereRaw('? = any (tags)', ['all']).whereIn('id', [1, 3]).select('id', 'tags'),
  dates: () =>
    knex('orders').where('placed_at', '>=', new Date('2026-02-10T00:00:00Z')).orderBy('id').limit(2),
  settings: async () => {
    const own = knexFactory({
      client: 'pg',
      connection: { connectionString: target(), statement_timeout: 60_000, application_name: 'settings' },
      searchPath: ['public', 'pg_catalog'],
      pool: { min: 0, max: 1 },
    });
    const found = [await own('customers').count(), await failure(() => own('customers').delete())];
    found.push((await own.raw('show search_path')).rows);
    await own.destroy();
    return found;
  },
  pool: () =>
    Promise.all(
      [1, 2, 3, 4, 5, 6].map((id) => knex('orders').where({ customer_id: id }).sum('total').first()),
    ),
});
await knex.destroy();
