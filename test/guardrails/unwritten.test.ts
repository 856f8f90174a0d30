/**
 * Code that types bring into a statement without being named there: checks of domains behind polymorphic functions, casts
 * between built-in types. Each way is first shown to reach something on PostgreSQL.
 */
import test from 'ava';
import pg from 'pg';
import { classifyBuiltin, takesTypeOfOthers } from '../../guardrails/builtin-functions.ts';
import type { Catalog } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { verdictOn } from './deciding.ts';

const SCHEMA = `
  create schema hidden;
  create table hidden.log (id serial);
  create function hidden.logs() returns boolean language plpgsql as
    'begin insert into hidden.log default values; return true; end';
  create function hidden.positive(int) returns boolean language sql immutable as 'select $1 > 0';
  create domain hidden.logged as int check (hidden.logs());
  create domain hidden.quantity as int check (hidden.positive(value));
  create type hidden.span as range (subtype = hidden.logged);
  create table public.orders (id int, logged hidden.logged, many hidden.logged[], span hidden.span, note text);
  insert into orders values (1, 1, '{1}', '[1,2)', 'a');
  create table public.harmless (id int, quantity hidden.quantity, many hidden.quantity[]);
  insert into harmless values (1, 1, '{1}');
`;

const CASTS = `
  create database casting;
`;
const CASTING = `
  create schema hidden;
  create table hidden.log (id serial);
  create function hidden.as_date(int) returns date language plpgsql as
    'begin insert into hidden.log default values; return date ''2000-01-01'' + $1; end';
  create cast (int as date) with function hidden.as_date(int) as implicit;
  create table public.days (id int, day date);
  insert into days values (1, '2000-01-02');
`;

let postgres: OwnPostgres;
const clients: Record<string, pg.Client> = {};
const catalogs: Record<string, Catalog> = {};
test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(CASTS);
  await postgres.query(SCHEMA);
  await postgres.query(CASTING, 'casting');
  for (const database of ['postgres', 'casting']) {
    const client = new pg.Client({ connectionString: postgres.url(database) });
    await client.connect();
    clients[database] = client;
    catalogs[database] = await loadCatalog(client, 1);
  }
});
test.after.always(async () => {
  for (const client of Object.values(clients)) await client.end();
  await postgres?.stop();
});

/** Does it draw a number for hidden.log? */
async function reaches(sql: string, database: string): Promise<boolean> {
  const drawn = async () => (await clients[database]?.query('select * from hidden.log_id_seq'))?.rows[0];
  const before = await drawn();
  await clients[database]?.query(sql);
  return JSON.stringify(await drawn()) !== JSON.stringify(before);
}

const GRANT = ['select,insert,update,delete:public.*'];
const WIDER = [...GRANT, 'insert:hidden.log'];

const REACHING: readonly (readonly [sql: string, database: string])[] = [
  ["select array_append(many, '5') from orders", 'postgres'],
  ["select many || '{5}' from orders", 'postgres'],
  ["select id from orders where many = '{5}'", 'postgres'],
  ["select id from orders where many && '{5}'", 'postgres'],
  ["select array_append(array[logged], '5') from orders", 'postgres'],
  ["select array(select logged from orders) || '{5}'", 'postgres'],
  ["select lag(logged, 1, '5') over () from orders", 'postgres'],
  ["select array_positions(o.many, '5') from orders o", 'postgres'],
  ["select array_eq(many, '{5}') from orders", 'postgres'],
  ["select span @> '[5,6]' from orders", 'postgres'],
  ["select range_contains_elem(span, '5') from orders", 'postgres'],
  ["with q as (select many from orders) select array_append(many, '5') from q", 'postgres'],
  ['select id from days where day = 1', 'casting'],
  ['insert into days (id, day) values (1, 5)', 'casting'],
  ['update days set day = id', 'casting'],
  ['select isfinite(1)', 'casting'],
];

for (const [sql, database] of REACHING)
  test.serial(`${sql} runs code that it does not name`, async (t) => {
    t.true(await reaches(sql, database));
    const catalog = catalogs[database]!;
    const { effect, error } = verdictOn(sql, WIDER, { catalog });
    t.is(effect, 'allow', error?.detail);
    t.is(verdictOn(sql, GRANT, { catalog }).effect, 'deny');
  });

const INNOCENT = [
  "select array_append(many, '5') from harmless",
  "select many || '{5}' from harmless where quantity > 1",
  'select id, logged, many, lower(note) from orders',
  "select id from orders where note = 'a' and id > 0",
  'select max(id), count(logged) from orders where logged = 1',
];

for (const sql of INNOCENT)
  test.serial(`${sql} needs nothing more`, async (t) => {
    t.false(await reaches(sql, 'postgres'));
    const { effect, error } = verdictOn(sql, GRANT, { catalog: catalogs.postgres! });
    t.is(effect, 'allow', error?.detail);
  });

test('each polymorphic function of several arguments is known as such', async (t) => {
  const names = await postgres.query(`
    select distinct proname from pg_proc p
    where oid < 16384 and proname !~ '_transfn$|^enum_'
      and (select count(*) from unnest(proargtypes::oid[]) as type
           where type in (select oid from pg_type where typtype = 'p' and typname ~ '^any.')) > 1`);
  const unknown = names
    .map((row) => String(Object.values(row)[0]))
    .filter((name) => !takesTypeOfOthers(name));
  t.deepEqual(
    unknown.filter((name) => classifyBuiltin(name) === 'harmless'),
    [],
  );
});
