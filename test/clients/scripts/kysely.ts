import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { failure, runSteps, SLOW, target } from '../steps.ts';

interface Tables {
  readonly teams: { id: Generated<number>; name: string };
  readonly customers: {
    id: Generated<number>;
    email: string;
    full_name: string;
    tags: string[];
    profile: Record<string, unknown>;
    balance: string | number;
  };
  readonly orders: { id: Generated<string>; customer_id: number; total: string; placed_at: Date };
  readonly readings: { id: number; sensor: string; value: number; taken_at: Date };
}

const pool = new pg.Pool({ connectionString: target(), max: 3 });
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
const count = async (table: keyof Tables) =>
  (
    await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
  ).count;

await runSteps({
  connect: async () => (await sql`select current_database()`.execute(db)).rows,
  query: () =>
    db.selectFrom('customers').select(['id', 'full_name', 'balance']).orderBy('id').limit(2).execute(),
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3])
      found.push(await db.selectFrom('customers').select('email').where('id', '=', id).executeTakeFirst());
    return found;
  },
  commit: async () => {
    await db.transaction().execute((tx) => tx.insertInto('teams').values({ name: 'east' }).execute());
    return count('teams');
  },
  rollback: async () => {
    const tx = await db.startTransaction().setIsolationLevel('serializable').execute();
    await tx.updateTable('customers').set({ balance: 0 }).execute();
    await tx.rollback().execute();
    return db
      .selectFrom('customers')
      .select((eb) => eb.fn.sum('balance').as('sum'))
      .execute();
  },
  savepoint: async () => {
    const outer = await db.startTransaction().execute();
    const inner = await outer.savepoint('one').execute();
    const code = await failure(() => inner.insertInto('teams').values({ name: 'north' }).execute());
    const again = await inner.rollbackToSavepoint('one').execute();
    await again.insertInto('teams').values({ name: 'centre' }).execute();
    await again.commit().execute();
    return [code, await count('teams')];
  },
  stream: async () => {
    let total = 0;
    for await (const { id } of db.selectFrom('readings').select('id').stream(300)) total += id;
    return total;
  },
  cancel: () =>
    db
      .transaction()
      .execute(async (tx) => {
        await sql`set local statement_timeout = '200ms'`.execute(tx);
        await sql.raw(SLOW).execute(tx);
      })
      .catch((error) => error.code),
  recover: async () => [
    await failure(() => sql`select 1 / (id - id) from teams`.execute(db)),
    await failure(() => db.insertInto('teams').values({ name: 'north' }).execute()),
    await failure(() => sql`selec 1`.execute(db)),
    await count('teams'),
  ],
  denial: async () => [
    await failure(() => db.deleteFrom('orders').execute()),
    await failure(() => db.deleteFrom('orders').where('id', '=', '1').returningAll().execute()),
    await count('orders'),
  ],
  'denial-in-block': async () => {
    const tx = await db.startTransaction().execute();
    await tx.insertInto('teams').values({ name: 'lost' }).execute();
    const codes = [
      await failure(() => tx.deleteFrom('teams').execute()),
      await failure(() => tx.selectFrom('teams').selectAll().execute()),
    ];
    await tx.commit().execute();
    return [...codes, await count('teams')];
  },
  introspect: async () =>
    (await db.introspection.getTables()).map(({ schema, name, isView, columns }) => ({
      schema,
      name,
      isView,
      columns,
    })),
  relations: () =>
    db
      .selectFrom('customers')
      .select((eb) => [
        'full_name',
        jsonArrayFrom(
          eb
            .selectFrom('orders')
            .select(['orders.id', 'total'])
            .whereRef('customer_id', '=', 'customers.id')
            .orderBy('orders.id'),
        ).as('orders'),
      ])
      .orderBy('id')
      .limit(2)
      .execute(),
  'bulk-insert': () =>
    db
      .insertInto('readings')
      .values([9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, taken_at: new Date(id) })))
      .returning(['id', 'value'])
      .execute(),
  paginate: () =>
    db.selectFrom('orders').select('id').where('id', '>', '5').orderBy('id').limit(3).offset(1).execute(),
  upsert: () =>
    db
      .insertInto('teams')
      .values({ id: 1, name: 'north' })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ name: (eb) => eb.ref('excluded.name') }))
      .returningAll()
      .execute(),
  json: () =>
    db
      .updateTable('customers')
      .set({ profile: sql`profile || ${JSON.stringify({ seen: [1, 'two'] })}::jsonb` })
      .where(sql<string>`profile->>'level'`, '=', '2')
      .returning('profile')
      .execute(),
  arrays: () =>
    db
      .selectFrom('customers')
      .select(['id', 'tags'])
      .where(sql<boolean>`${'all'} = any(tags)`)
      .where('id', 'in', [1, 3])
      .execute(),
  dates: () =>
    db
      .selectFrom('orders')
      .selectAll()
      .where('placed_at', '>=', new Date('2026-02-10T00:00:00Z'))
      .orderBy('id')
      .limit(2)
      .execute(),
  pool: () =>
    Promise.all(
      [1, 2, 3, 4, 5, 6].map((id) =>
        db
          .selectFrom('orders')
          .select((eb) => eb.fn.sum('total').as('sum'))
          .where('customer_id', '=', id)
          .execute(),
      ),
    ),
});
await db.destroy();
