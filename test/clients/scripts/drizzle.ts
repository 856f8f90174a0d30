import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { and, arrayContains, eq, gt, gte, inArray, relations, sql, sum } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import {
  bigint,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core';
import pg from 'pg';
import { failure, runSteps, SLOW, target } from '../steps.ts';

const status = pgEnum('order_status', ['new', 'paid', 'sent']);
const teams = pgTable('teams', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  name: text().notNull(),
});
const customers = pgTable('customers', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  teamId: integer('team_id').notNull(),
  email: varchar({ length: 120 }).notNull(),
  fullName: text('full_name').notNull(),
  tags: text().array().notNull(),
  profile: jsonb().$type<Record<string, unknown>>().notNull(),
  born: date(),
  balance: numeric().notNull(),
});
const orders = pgTable('orders', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  customerId: integer('customer_id').notNull(),
  status: status().notNull(),
  total: numeric().notNull(),
  placedAt: timestamp('placed_at').notNull(),
});
const readings = pgTable('readings', {
  id: integer().primaryKey(),
  sensor: text().notNull(),
  value: doublePrecision().notNull(),
  takenAt: timestamp('taken_at', { withTimezone: true }).notNull(),
});
const customerRelations = relations(customers, ({ many }) => ({ orders: many(orders) }));
const orderRelations = relations(orders, ({ one }) => ({
  customer: one(customers, { fields: [orders.customerId], references: [customers.id] }),
}));

const pool = new pg.Pool({ connectionString: target(), max: 3 });
const db = drizzle(pool, {
  schema: { teams, customers, orders, readings, customerRelations, orderRelations },
});
const firstTwo = db
  .select({ id: customers.id, name: customers.fullName })
  .from(customers)
  .orderBy(customers.id)
  .limit(2);
const byId = db
  .select({ email: customers.email })
  .from(customers)
  .where(eq(customers.id, sql.placeholder('id')))
  .prepare('by_id');

await runSteps({
  connect: async () => (await db.execute(sql`select current_database()`)).rows,
  query: () => firstTwo,
  prepared: async () => [
    await byId.execute({ id: 1 }),
    await byId.execute({ id: 2 }),
    await byId.execute({ id: 3 }),
  ],
  commit: async () => {
    await db.transaction((tx) => tx.insert(teams).values({ name: 'east' }));
    return db.$count(teams);
  },
  rollback: async () => {
    await db
      .transaction(
        async (tx) => {
          await tx.update(customers).set({ balance: '0' });
          tx.rollback();
        },
        { isolationLevel: 'repeatable read' },
      )
      .catch((error) => {
        if (error.constructor.name !== 'TransactionRollbackError') throw error;
      });
    return db.select({ sum: sum(customers.balance) }).from(customers);
  },
  savepoint: async () => {
    const code = await db.transaction(async (tx) => {
      const failed = await failure(() =>
        tx.transaction((inner) => inner.insert(teams).values({ name: 'north' })),
      );
      await tx.insert(teams).values({ name: 'centre' });
      return failed;
    });
    return [code, await db.$count(teams)];
  },
  /** Drizzle has no cursors: pages by key. */
  stream: async () => {
    let [total, last] = [0, 0];
    for (;;) {
      const page = await db
        .select({ id: readings.id })
        .from(readings)
        .where(gt(readings.id, last))
        .orderBy(readings.id)
        .limit(1000);
      if (page.length === 0) return total;
      for (const { id } of page) total += id;
      last = page.at(-1)!.id;
    }
  },
  cancel: () =>
    failure(() =>
      db.transaction(async (tx) => {
        await tx.execute(sql`set local statement_timeout = '200ms'`);
        await tx.execute(sql.raw(SLOW));
      }),
    ),
  recover: async () => [
    await failure(() => db.execute(sql`select 1 / (id - id) from ${teams}`)),
    await failure(() => db.insert(teams).values({ name: 'north' })),
    await failure(() => db.execute(sql`selec 1`)),
    await db.$count(teams),
  ],
  denial: async () => [
    await failure(() => db.delete(orders)),
    await failure(() => db.delete(orders).where(eq(orders.id, 1)).returning()),
    await db.$count(orders),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    await db.transaction(async (tx) => {
      await tx.insert(teams).values({ name: 'lost' });
      codes.push(await failure(() => tx.delete(teams)));
      codes.push(await failure(() => tx.select().from(teams)));
    });
    return [...codes, await db.$count(teams)];
  },
  /** `drizzle-kit pull`: writes the schema it finds. */
  introspect: async () => {
    const out = mkdtempSync(join(tmpdir(), 'postern-drizzle-'));
    const kit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');
    try {
      await promisify(execFile)(process.execPath, [
        kit,
        'pull',
        '--dialect=postgresql',
        `--url=${target()}`,
        `--out=${out}`,
      ]);
      return readFileSync(join(out, 'schema.ts'), 'utf8').split('\n');
    } finally {
      rmSync(out, { recursive: true });
    }
  },
  relations: () =>
    db.query.customers.findMany({
      columns: { fullName: true },
      with: { orders: { columns: { id: true, total: true }, orderBy: orders.id, limit: 2 } },
      orderBy: customers.id,
      limit: 2,
    }),
  'bulk-insert': () =>
    db
      .insert(readings)
      .values([9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, takenAt: new Date(id) })))
      .returning(),
  paginate: () => db.select().from(orders).where(gt(orders.id, 5)).orderBy(orders.id).limit(3).offset(1),
  upsert: () =>
    db
      .insert(teams)
      .values({ id: 1, name: 'north' })
      .onConflictDoUpdate({ target: teams.id, set: { name: sql`excluded.name` } })
      .returning(),
  json: () =>
    db
      .update(customers)
      .set({ profile: { level: 2, seen: [1, 'two', null] } })
      .where(sql`${customers.profile}->>'level' = '2'`)
      .returning({ profile: customers.profile }),
  arrays: () =>
    db
      .select({ tags: customers.tags })
      .from(customers)
      .where(and(arrayContains(customers.tags, ['all']), inArray(customers.id, [1, 3])))
      .orderBy(customers.id),
  dates: () =>
    db
      .select()
      .from(orders)
      .where(gte(orders.placedAt, new Date('2026-02-10T00:00:00Z')))
      .orderBy(orders.id)
      .limit(2),
  pool: () =>
    Promise.all(
      [1, 2, 3, 4, 5, 6].map((id) =>
        db
          .select({ sum: sum(orders.total) })
          .from(orders)
          .where(eq(orders.customerId, id)),
      ),
    ),
});
await pool.end();
