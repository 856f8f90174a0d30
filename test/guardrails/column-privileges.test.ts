/**
 * Column scope against PostgreSQL's own column privileges: the same grant as a scope and as GRANTs to a role. Whatever
 * the server refuses for lack of a privilege must be refused by the guardrails; what it allows, they allow.
 */
import test from 'ava';
import type pg from 'pg';
import { COLUMN_GRANTS, grantsOf, PARTLY_GRANTED } from './column-grants.ts';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create table orders (id int primary key, customer_id int, total numeric, note text);
  ${PARTLY_GRANTED}`;

const SCOPE = COLUMN_GRANTS.map(([action, relation, columns]) => `${action}:public.${relation}${columns}`);

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA + grantsOf(COLUMN_GRANTS));
  await live.client.query('set role partly');
});
test.after.always(() => live?.stop());

/** Ways to touch column `c` of the entry `t`, or all of it. */
const EXPRESSIONS: readonly ((c: string) => string)[] = [
  (c) => `t.${c}`,
  (c) => c,
  (c) => `(t).${c}`,
  (c) => `${c}(t)`,
  (c) => `coalesce(t.${c}::text, '')`,
  (c) => `case when t.${c} is null then 1 else 2 end`,
  (c) => `(select ${c} limit 1)`,
  (c) => `(select max(u.x) from (select t.${c} as x) u)`,
  (c) => `array[t.${c}]`,
  (c) => `row(t.${c}, 1)`,
  (c) => `row(t.${c}, 1) = row(t.${c}, 1)`,
  (c) => `exists (select from orders where note = t.${c}::text)`,
  (c) => `t.${c}::text in (select note from orders)`,
];

const WHOLE = [
  't',
  't.*',
  'row_to_json(t)',
  '(t).*',
  'row(t.*)',
  't is null',
  'count(t)',
  't::text',
  't = t',
];
const OTHERS = ['1', 'count(*)', 'now()', 't.ctid', 't.tableoid', 't.xmin::text'];

/** Where an expression over the entry `t` may stand. */
const PLACES: readonly ((from: string, e: string) => string)[] = [
  (from, e) => `select ${e} from ${from} t`,
  (from, e) => `select 1 from ${from} t where (${e}) is not null`,
  (from, e) => `select 1 from ${from} t order by ${e}`,
  (from, e) => `select 1 from ${from} t group by ${e}`,
  (from, e) => `select count(*) filter (where (${e}) is not null) from ${from} t`,
  (from, e) => `select 1 from ${from} t group by t.id having max((${e})::text) is null`,
  (from, e) => `select distinct on (${e}) 1 from ${from} t`,
  (from, e) => `select row_number() over (partition by ${e}) from ${from} t`,
  (from, e) => `select rank() over w from ${from} t window w as (order by ${e})`,
  (from, e) => `select 1 from ${from} t join orders o on (${e}) is null`,
  (from, e) => `select 1 from orders o left join ${from} t on (${e})::text = o.note`,
  (from, e) => `select 1 from ${from} t, lateral (select ${e}) l`,
  (from, e) => `select 1 from ${from} t, generate_series(1, length((${e})::text))`,
  (from, e) => `select s.x from (select ${e} as x from ${from} t) s`,
  (from, e) => `with q as (select ${e} as x from ${from} t) select count(*) from q`,
  (from, e) => `select note from orders union select (${e})::text from ${from} t`,
  (from, e) => `select 1 limit (select count(${e}) from ${from} t)`,
  (from, e) => `insert into orders (note) select (${e})::text from ${from} t`,
  (from, e) => `update orders set total = 1 from ${from} t where (${e}) is null`,
  (from, e) => `update orders set total = length((select (${e})::text from ${from} t))`,
  (from, e) => `delete from orders using ${from} t where (${e}) is null`,
  (from, e) => `delete from orders where id = 1 returning (select (${e})::text from ${from} t)`,
  (from, e) => `merge into orders o using ${from} t on (${e}) is null when matched then delete`,
  (from, e) =>
    `merge into orders o using ${from} t on o.id = t.id when matched and (${e}) is null then update set total = 1`,
];

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  customers: ['id', 'full_name', 'email', 'secret'],
  animals: ['id', 'name', 'owner'],
  dogs: ['id', 'breed'],
  events: ['at', 'who'],
  people: ['full_name', 'email'],
};

function* reads(): Generator<string> {
  for (const [relation, columns] of Object.entries(COLUMNS)) {
    const expressions = [...columns.flatMap((c) => EXPRESSIONS.map((e) => e(c))), ...WHOLE, ...OTHERS];
    for (const place of PLACES) for (const expression of expressions) yield place(relation, expression);
  }
}

/** Where an expression over the target `t` of a write to customers may stand. */
const WRITE_PLACES: readonly ((e: string) => string)[] = [
  (e) => `update customers t set full_name = (${e})::text`,
  (e) => `update customers t set full_name = 'a' where (${e}) is null`,
  (e) => `update customers t set full_name = 'a' returning ${e}`,
  (e) => `update customers t set full_name = 'a' from orders o where (${e})::text = o.note`,
  (e) => `update customers t set (full_name) = (select note from orders where (${e}) is null)`,
  (e) => `insert into customers as t (id) values (1) returning ${e}`,
  (e) => `insert into customers as t (id) values (1) on conflict (id) do update set full_name = (${e})::text`,
  (e) =>
    `insert into customers as t (id) values (1) on conflict (id) do update set full_name = 'a' where (${e}) is null`,
  (e) =>
    `merge into customers t using orders o on (${e}) is null when matched then update set full_name = 'a'`,
  (e) =>
    `merge into customers t using orders o on t.id = o.id when matched then update set full_name = (${e})::text`,
  (e) =>
    `merge into customers t using orders o on t.id = o.id when matched and (${e}) is null then update set full_name = 'a'`,
];

function* writes(): Generator<string> {
  const columns = COLUMNS.customers ?? [];
  for (const place of WRITE_PLACES)
    for (const e of [...columns.flatMap((c) => EXPRESSIONS.map((each) => each(c))), ...WHOLE, ...OTHERS])
      yield place(e);
}

const JOINS = `
  select 1 from customers join orders using (id)
  select 1 from customers a join customers b using (id, full_name)
  select 1 from customers a join customers b using (email)
  select id from customers a join customers b using (id) join customers c using (id)
  select 1 from customers a natural join customers b
  select 1 from customers natural join orders
  select * from customers join orders using (id)
  select j.* from (customers join orders using (id)) as j
  select j.id from (customers join orders using (id)) as j
  select j.id from customers join orders using (id) as j
  select j.full_name from (customers c join orders o on c.id = o.id) as j(a, b, c, d, e, f, g, h)
  select j.b from (customers c join orders o on c.id = o.id) as j(a, b, c, d, e, f, g, h)
  select x.b from customers x(a, b, c, d)
  select x.d from customers x(a, b, c, d)
  select * from customers
  table customers
  table people
  select c.*, o.* from customers c, orders o
  select (c).full_name, (c.*).id from customers c
  select (select c) from customers c
  select 1 from only animals where owner is null
  select name from only animals
  select from customers
  select count(*) from customers c, orders
  select full_name from customers tablesample bernoulli (10) where email is null
  select 1 from customers where (id, full_name) in (select id, note from orders)
  select 1 from customers where (id, email) in (select id, note from orders)
  select unnest(array_agg(c)) from customers c
  select id from customers for update
  select total from orders for update
  select id from customers c, orders o for update of o
  select id from animals for share
`;

const WRITES = `
  insert into customers (id, full_name) values (1, 'a')
  insert into customers (id) values (1) returning id
  insert into customers (id) values (1) returning email
  insert into customers (id) values (1) returning *
  insert into customers (id) values (1) returning customers
  insert into customers as c (id) values (1) returning c.full_name
  insert into customers (id, email) values (1, 'a')
  insert into customers values (1, 'a')
  insert into customers values (1, 'a', 'b', 'c')
  insert into customers default values
  insert into orders values (1)
  insert into orders default values
  insert into customers (id) values (1) on conflict do nothing
  insert into customers (id) values (1) on conflict (id) do nothing
  insert into customers (id) values (1) on conflict on constraint customers_pkey do nothing
  insert into customers (id) values (1) on conflict (id) do update set full_name = 'a'
  insert into customers (id) values (1) on conflict (id) do update set full_name = excluded.full_name
  insert into customers (id) values (1) on conflict (id) do update set full_name = excluded.email
  insert into customers (id) values (1) on conflict (id) do update set full_name = customers.email
  insert into customers (id) values (1) on conflict (id) do update set email = 'a'
  insert into customers (id) values (1) on conflict (id) do update set full_name = 'a' where customers.secret is null
  insert into customers (id) values (1) on conflict (id) where secret is null do nothing
  insert into customers (id, full_name) select id, note from orders
  update customers set full_name = 'a'
  update customers set full_name = full_name || id
  update customers set full_name = email
  update customers set full_name = default
  update customers set full_name = 'a' where email is null
  update customers set full_name = 'a' returning id
  update customers set full_name = 'a' returning email
  update customers set full_name = 'a' returning old.full_name, new.full_name
  update customers set full_name = 'a' returning old.secret
  update customers set email = 'a'
  update customers set (full_name, email) = ('a', 'b')
  update customers set (full_name) = (select note from orders limit 1)
  update customers c set full_name = o.note from orders o where o.customer_id = c.id
  update customers c set full_name = o.note from orders o where o.note = c.email
  update orders set total = 1 returning *
  update orders set note = 'a'
  update orders set total = total + 1 where note is null
  update people set full_name = 'a'
  delete from customers
  delete from customers where id = 1
  delete from orders where id = 1 returning *
  delete from animals
  merge into customers c using orders o on c.id = o.id when matched then update set full_name = 'a'
  merge into customers c using orders o on c.id = o.id when matched then update set email = 'a'
  merge into customers c using orders o on c.id = o.id when matched then update set full_name = c.email
  merge into customers c using orders o on c.email = o.note when matched then update set full_name = 'a'
  merge into customers c using orders o on c.id = o.id when not matched then insert (id) values (o.id)
  merge into customers c using orders o on c.id = o.id when not matched then insert (id, email) values (o.id, 'a')
  merge into customers c using orders o on c.id = o.id when not matched then insert values (o.id)
  merge into customers c using orders o on c.id = o.id when matched then delete
  merge into customers c using orders o on c.id = o.id when matched then update set full_name = 'a' returning c.id
  merge into customers c using orders o on c.id = o.id when matched then update set full_name = 'a' returning c.email
  merge into orders o using customers c on c.id = o.id when matched then update set total = 1
  merge into orders o using customers c on c.id = o.id when matched then do nothing
`;

const lines = (text: string) => text.trim().split(/\n\s*/);

/** Planning checks the privileges of what it would run. */
async function serverSays(sql: string): Promise<'allow' | 'deny' | 'error'> {
  try {
    await live.client.query(`explain ${sql}`);
    return 'allow';
  } catch (error) {
    return (error as pg.DatabaseError).code === '42501' ? 'deny' : 'error';
  }
}

/** Wider than the server: of these statements, those that it refuses and the guardrails allow. */
async function compared(statements: Iterable<string>) {
  const outcome = { wider: [] as string[], narrower: [] as string[], both: 0, neither: 0 };
  for (const sql of statements) {
    const server = await serverSays(sql);
    if (server === 'error') continue;
    const { effect } = verdictOn(sql, SCOPE, live);
    if (server === effect) outcome[effect === 'allow' ? 'both' : 'neither']++;
    else outcome[effect === 'allow' ? 'wider' : 'narrower'].push(sql);
  }
  return outcome;
}

/** The guardrails are narrower here: they do not count the columns of a list of values, or of an alias. */
const NARROWER = lines(`
  select 1 from customers natural join orders
  select j.b from (customers c join orders o on c.id = o.id) as j(a, b, c, d, e, f, g, h)
  select x.b from customers x(a, b, c, d)
  insert into customers values (1, 'a')
  insert into customers default values
  insert into customers (id) values (1) on conflict on constraint customers_pkey do nothing
  merge into customers c using orders o on c.id = o.id when not matched then insert values (o.id)
`);

test.serial('an expression over a relation needs the same columns wherever it stands', async (t) => {
  const { wider, narrower, both, neither } = await compared(reads());
  t.deepEqual({ wider, narrower }, { wider: [], narrower: [] });
  t.true(both > 500 && neither > 500, `${both} ${neither}`);
});

test.serial('so does one over the target of a write', async (t) => {
  const { wider, narrower, both, neither } = await compared(writes());
  t.deepEqual({ wider, narrower }, { wider: [], narrower: [] });
  t.true(both > 100 && neither > 100, `${both} ${neither}`);
});

test.serial('joins and writes are never wider than column privileges', async (t) => {
  const { wider, narrower, both, neither } = await compared([...lines(JOINS), ...lines(WRITES)]);
  t.deepEqual({ wider, narrower }, { wider: [], narrower: NARROWER });
  t.true(both > 20 && neither > 20, `${both} ${neither}`);
});
