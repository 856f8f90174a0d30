/** Grants that name columns allow exactly those, whichever way a statement comes to touch another. */
import test from 'ava';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create table customers (id int primary key, full_name text, email text, secret text);
  create table orders (id int primary key, customer_id int, total numeric);
  create table wide (full_name text, note text);
  create view people as select id, full_name, email from customers;
`;

const GRANT = [
  'select:public.customers(id, full_name)',
  'select,delete,insert:public.orders',
  'select:public.wide',
  'select:public.people(id)',
  'insert:public.customers(id, full_name)',
  'update:public.customers(full_name)',
];

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

const ALLOWED = `
  select id, full_name from customers
  select c.id, customers.full_name from customers c, customers
  select public.customers.id from public.customers
  select count(*) from customers
  select 1 from customers
  select id from customers order by full_name
  select upper(full_name) as email from customers
  select o.*, c.full_name from orders o join customers c on c.id = o.customer_id
  select orders.* from orders join customers using (id)
  select (select full_name from customers c where c.id = o.customer_id) from orders o
  select * from (select id, full_name from customers) s
  select s.* from (select id as secret from customers) s
  with q as (select id from customers) select * from q
  select note from wide where exists (select 1 from customers where full_name = note)
  select total from orders where customer_id in (select id from customers)
  select 1 from orders o, lateral (select c.full_name from customers c where c.id = o.customer_id) l
  insert into customers (id, full_name) values (1, 'x')
  insert into customers (id) values (1) returning id
  update customers set full_name = 'x'
  update customers set full_name = upper(full_name) where id = 1 returning full_name
  delete from orders using customers c where c.id = customer_id
  explain select id from customers
  select id from people
`;

const DENIED = `
  select * from customers
  table customers
  select customers.* from customers
  select c.* from orders, customers c
  select * from orders, customers
  select email from customers
  select c.email from customers c
  select public.customers.email from public.customers
  select id from customers where email = 'x'
  select id from customers order by email
  select id from customers group by id having max(secret) = 'x'
  select count(*) filter (where secret > 'a') from customers
  select count(email) from customers
  select row_number() over (order by email) from customers
  select distinct on (email) id from customers
  select c from customers c
  select customers from customers
  select row(c.*) from customers c
  select row_to_json(c) from customers c
  select to_jsonb(c) -> 'email' from customers c
  select (c).email from customers c
  select (c.*)::text from customers c
  select count(c) from customers c
  select c is null from customers c
  select array_agg(c) from customers c
  select c.id from customers c order by c
  select 1 from customers a join customers b using (email)
  select 1 from customers a natural join customers b
  select 1 from wide natural join customers
  select x.b from customers x(a, b, c, d)
  select c from customers x(a, b, c, d)
  select j.email from (customers join orders on true) as j
  select j.* from (customers c join wide w on true) as j
  select j from (customers c join wide w on true) as j
  select email from (select * from customers) s
  select (select email) from customers
  select (select c.email) from customers c
  select 1 from customers c, lateral (select c.email) l
  select (select y from (select c.secret as y) s, wide c) from customers c
  select 1 from orders where exists (select 1 from customers where email = 'x')
  select 1 from customers where (id, email) = (1, 'x')
  select 1 from customers c left join orders o on c.email = 'x'
  select 1 from customers, generate_series(1, length(email))
  select 1 from customers tablesample system (1) where secret is not null
  with q as (select * from customers) select id from q
  with q as (select email from customers) select 1 from q
  select id from customers union select 1 from customers where email = 'x'
  select 1 from customers window w as (partition by email)
  select id from customers limit (select count(email) from customers)
  select ctid from customers
  insert into customers values (1, 'x', 'y', 'z')
  insert into customers (id, email) values (1, 'x')
  insert into customers (id) values (1) returning *
  insert into customers (id) values (1) returning email
  insert into customers (id) values (1) on conflict on constraint customers_pkey do nothing
  insert into customers (id) values (1) on conflict (id) do update set email = 'x'
  insert into customers (id) values (1) on conflict (id) do update set full_name = customers.email
  insert into orders (id) select length(email) from customers
  update customers set email = 'x'
  update customers set full_name = email
  update customers set full_name = 'x' where email = 'x'
  update customers set full_name = 'x' returning *
  update customers set full_name = 'x' returning old.email
  update customers set full_name = 'x' returning with (old as o) o.secret
  update customers set (full_name, email) = ('x', 'y')
  delete from customers
  delete from orders using customers where email = 'x'
  merge into orders o using customers c on c.email = 'x' when matched then delete
  copy customers (id) to stdout
  create table copy as select id from customers
  explain select email from customers
  declare c cursor for select email from customers
  prepare p as select email from customers
  select email from people
  select * from people
  select note from wide for update
`;

const lines = (text: string) => text.trim().split(/\n\s*/);

test('what is within the columns is allowed', (t) => {
  for (const sql of lines(ALLOWED)) {
    const { effect, error } = verdictOn(sql, GRANT, live);
    t.is(effect, 'allow', `${sql}: ${error?.message}`);
  }
});

test('what touches another column is denied', (t) => {
  for (const sql of lines(DENIED)) {
    const { effect, error } = verdictOn(sql, GRANT, live);
    t.is(effect, 'deny', sql);
    t.is(error?.sqlstate, '42501', sql);
  }
});

test('an excluded column takes itself away, and all that would touch it', (t) => {
  const grant = ['select:public.*', 'select:!public.customers(secret)'];
  t.is(verdictOn('select id, email from customers', grant, live).effect, 'allow');
  t.is(verdictOn('select id from customers where secret is null', grant, live).effect, 'deny');
  t.is(verdictOn('select * from customers', grant, live).effect, 'deny');
});

test('a statement with more references than are followed touches everything', (t) => {
  const times = (count: number, part: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => part(n)).join(', ');
  const ids = times(300, (n) => `x${n}.id`);
  const few = `select ${ids} from ${times(100, (n) => `customers x${n}`)}`;
  const many = `select ${ids} from ${times(300, (n) => `customers x${n}`)}`;
  t.is(verdictOn(few, GRANT, live).effect, 'allow');
  t.is(verdictOn(many, GRANT, live).effect, 'deny');
  t.is(verdictOn(many, ['select:public.*'], live).effect, 'allow');
});

test('a denial names the column and the grant that would have it', (t) => {
  const { error } = verdictOn('select email from customers', GRANT, live);
  t.is(error?.message, 'permission denied by grant: select on public.customers(email)');
  t.is(error?.hint, "ask for --allow 'select:public.customers(email)'");
});
