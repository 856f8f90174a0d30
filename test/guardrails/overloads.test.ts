/**
 * Which of several functions of one name a call may mean: by the number of its arguments, and by what hides what. Never
 * narrower than PostgreSQL, which runs each call first: does it draw a number for the log?
 */
import test from 'ava';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { verdictOn } from './deciding.ts';

const body = (result: string) =>
  `language plpgsql as $$ begin perform nextval('log'); return ${result}; end $$`;

const SCHEMA = `
  create sequence log;
  create function public.round(numeric, integer) returns numeric ${body('0')};
  create function public.round(double precision, integer) returns double precision ${body('0')};
  create function public.upper(text, integer default 1) returns text ${body("''")};
  create function public.lower(text, text default '', text default '') returns text ${body("''")};
  create function public.concat(text, variadic integer[]) returns text ${body("''")};
  create function public.abs(one numeric, two numeric, three numeric) returns numeric ${body('0')};
  create function public.max(integer, integer) returns integer ${body('0')};
  create procedure public.sum(one integer, out two integer) language plpgsql as 'begin perform nextval(''log''); two := 1; end';
  create table numbers (n integer, f double precision, t text);
  insert into numbers values (1, 1.5, 'a');
`;

let postgres: OwnPostgres;
let client: pg.Client;
let catalog: Catalog;
test.before(async () => {
  postgres = await startPostgres();
  await postgres.query(SCHEMA);
  client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  catalog = await loadCatalog(client, 1);
});
test.after.always(async () => {
  await client?.end();
  await postgres?.stop();
});

async function draws(sql: string): Promise<boolean> {
  const drawn = async () =>
    JSON.stringify((await client.query('select is_called, last_value from log')).rows);
  const before = await drawn();
  await client.query(sql);
  const after = await drawn();
  await client.query('set search_path to default');
  return after !== before;
}

const GRANT = ['select:public.*'];

const REACHING = [
  'select round(f, 2) from numbers',
  "select upper('a', 2)",
  "select lower('a', 'b'), lower('a', 'b', 'c')",
  "select concat('a', 1, 2, 3)",
  "select concat('a', variadic array[1, 2])",
  'select abs(three => 1, two => 2, one => 3)',
  'set search_path = public, pg_catalog; select round(n::numeric, 2) from numbers',
  'call sum(1, null)',
];

for (const sql of REACHING)
  test.serial(`${sql} is a call of a user's function`, async (t) => {
    t.true(await draws(sql));
    t.is(verdictOn(sql, GRANT, { catalog }).effect, 'deny');
    const { effect, error } = verdictOn(sql, [...GRANT, 'execute:public.*'], { catalog });
    t.is(effect, 'allow', error?.detail);
  });

const BUILTIN = [
  'select round(f), round(n) from numbers',
  'select abs(n) from numbers',
  'select max(n), max(n) over () from numbers group by n',
];

for (const sql of BUILTIN)
  test.serial(`${sql} can mean built-in functions only`, async (t) => {
    t.false(await draws(sql));
    const { effect, error } = verdictOn(sql, GRANT, { catalog });
    t.is(effect, 'allow', error?.detail);
  });

test.serial('a built-in function hides the one of its arguments', async (t) => {
  t.false(await draws('select round(n::numeric, 2) from numbers'));
  const { error } = verdictOn('select round(n::numeric, 2) from numbers', GRANT, { catalog });
  t.is(
    error?.message,
    'permission denied by grant: execute on public.round(double precision,integer)',
    'the other is not hidden, and the argument may be its',
  );
});
