/**
 * PostgreSQL's own privileges as the oracle: a role has by GRANT what a scope has. Whatever we allow, the server must not
 * refuse for want of privilege.
 */
import test from 'ava';
import fc from 'fast-check';
import type pg from 'pg';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create table customers (id int primary key, full_name text, email text);
  create table orders (id int primary key, customer_id int, total numeric);
  create table notes (id int, full_name text);
  create role limited;
  grant select (id, full_name), insert (id, full_name), update (full_name) on customers to limited;
  grant select, delete on orders to limited;
  grant insert on notes to limited;
`;

const SCOPE = [
  'select,insert:public.customers(id, full_name)',
  'update:public.customers(full_name)',
  'select,delete:public.orders',
  'insert:public.notes',
];

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

/** The server's answer to the role: 42501, another error's SQLSTATE, or null. Nothing stays. */
async function answerOf(sql: string): Promise<string | null> {
  await live.client.query('begin; set local role limited');
  try {
    await live.client.query(sql);
    return null;
  } catch (error) {
    return (error as pg.DatabaseError).code ?? 'unknown';
  } finally {
    await live.client.query('rollback');
  }
}

const column = fc.constantFrom(
  'id',
  'full_name',
  'email',
  'total',
  'c.id',
  'c.email',
  'c.full_name',
  'customers.email',
  'o.total',
  'x.b',
  's.id',
  's.email',
  'n.full_name',
);
const value = fc.oneof(
  { weight: 4, arbitrary: column },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '1',
      '*',
      'c.*',
      'c',
      '(c).email',
      '(c).id',
      'row_to_json(c)',
      'count(*)',
      'o.*',
      's.*',
      'ctid',
      'c is null',
    ),
  },
);
const from = fc.constantFrom(
  'customers',
  'customers c',
  'only customers c',
  'orders o',
  'customers c, orders o',
  'customers c join orders o using (id)',
  'customers c natural join notes n',
  'customers c natural join orders o',
  '(customers c cross join orders o) as s',
  'customers as x(a, b)',
  'customers as x(a, b, c)',
  '(select id from customers) s',
  '(select * from customers) s',
  'customers c, lateral (select c.email, c.id) s',
  'customers c, lateral (select o.id from orders o where o.customer_id = c.id) s',
  'notes n',
);
const condition = fc.oneof(
  fc.constant('true'),
  column.map((name) => `${name} is not null`),
  fc.tuple(value, from).map(([what, where]) => `exists (select ${what} from ${where})`),
  fc.tuple(column, from).map(([what, where]) => `1 in (select ${what}::int from ${where})`),
);
const query = fc
  .tuple(fc.array(value, { minLength: 1, maxLength: 3 }), from, condition)
  .map(([values, items, where]) => `select ${values.join(', ')} from ${items} where ${where}`);
const statement = fc.oneof(
  { weight: 4, arbitrary: query },
  query.map((each) => `with c as (${each}) select * from c, customers s`),
  fc.tuple(query, query).map(([one, two]) => `(${one}) union all (${two})`),
  fc
    .tuple(column, condition)
    .map(([name, where]) => `update customers c set full_name = ${name} where ${where}`),
  fc.tuple(column, condition).map(([name, where]) => `update customers set email = ${name} where ${where}`),
  fc
    .tuple(from, condition, value)
    .map(([items, where, out]) => `delete from orders using ${items} where ${where} returning ${out}`),
  fc.tuple(from, column).map(([items, name]) => `insert into notes (id) select ${name}::int from ${items}`),
  fc
    .tuple(value, column)
    .map(
      ([out, name]) =>
        `insert into customers (id) values (1) on conflict (id) do update set full_name = ${name} returning ${out}`,
    ),
  fc
    .tuple(from, column)
    .map(
      ([items, name]) =>
        `merge into customers t using (select 1 as one from ${items}) u on t.id = u.one when matched then update set full_name = t.${name.split('.').at(-1)}`,
    ),
);

test('what is allowed, the server does not refuse for want of privilege', async (t) => {
  let allowed = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(statement, async (sql) => {
      const { effect } = verdictOn(sql, SCOPE, live);
      const answer = await answerOf(sql);
      if (effect === 'allow' && answer === null) allowed++;
      if (effect === 'deny' && answer === '42501') refused++;
      t.false(effect === 'allow' && answer === '42501', sql);
    }),
    { numRuns: 2_000 },
  );
  t.true(allowed > 100 && refused > 100, `${allowed} allowed by both, ${refused} refused by both`);
});
