/**
 * Which of several functions of one name a call may mean: by the number of its arguments, and by what hides what. Never
 * narrower than PostgreSQL, which runs each call first: does it draw a number for the log?
 */
import test from 'ava';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

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
  create procedure public.out_first(out one integer, two text) language plpgsql as 'begin perform nextval(''log''); one := 1; end';
  create function public.calc(integer) returns integer language sql as 'select 1';
  create function public.calc(text) returns integer ${body('1')};
  create table numbers (n integer, f double precision, t text);
  insert into numbers values (1, 1.5, 'a');
`;

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

async function draws(sql: string): Promise<boolean> {
  const drawn = async () =>
    JSON.stringify((await live.client.query('select is_called, last_value from log')).rows);
  const before = await drawn();
  await live.client.query(sql);
  const after = await drawn();
  await live.client.query('set search_path to default');
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
  "call out_first(1, 'a')",
];

for (const sql of REACHING)
  test.serial(`${sql} is a call of a user's function`, async (t) => {
    t.true(await draws(sql));
    t.is(verdictOn(sql, GRANT, live).effect, 'deny');
    const { effect, error } = verdictOn(sql, [...GRANT, 'execute:public.*'], live);
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
    const { effect, error } = verdictOn(sql, GRANT, live);
    t.is(effect, 'allow', error?.detail);
  });

test.serial('a built-in function hides the one of its arguments', async (t) => {
  t.false(await draws('select round(n::numeric, 2) from numbers'));
  const { error } = verdictOn('select round(n::numeric, 2) from numbers', GRANT, live);
  t.is(
    error?.message,
    'permission denied by grant: execute on public.round(double precision,integer)',
    'the other is not hidden, and the argument may be its',
  );
});

/** Takes one argument, of each of these. */
const TAKEN =
  'smallint integer bigint numeric real float8 text varchar name bpchar boolean json jsonb uuid date timestamp timestamptz time interval bytea xml inet oid regclass money bit "char" integer[] text[] anyelement anyarray numbers'.split(
    ' ',
  );

const WRITTEN = [
  ...['1', '3000000000', '1.5', 'true', "'1'::text", "'1'::varchar", '1::smallint', '1::bigint'],
  ...['1::numeric', '1::float8', 'false::boolean'],
];

test.serial(
  'what an argument is written as leaves out only what PostgreSQL can not make of it',
  async (t) => {
    const made = TAKEN.map(
      (type, at) => `create function public.takes_${at}(${type}) returns int language sql as 'select 1';`,
    );
    await live.client.query(made.join('\n'));
    const catalog = await loadCatalog(live.client, 2);
    let impossible = 0;
    for (const at of TAKEN.keys())
      for (const written of WRITTEN) {
        const sql = `select takes_${at}(${written})`;
        const runs = await live.client.query(`explain ${sql}`).then(
          () => true,
          () => false,
        );
        const { reasons } = verdictOn(sql, GRANT, { catalog });
        const counts = reasons.some(({ resource }) => resource.startsWith(`public.takes_${at}(`));
        if (runs) t.true(counts, `${sql}, which takes ${TAKEN[at]}`);
        else if (!counts) impossible++;
      }
    t.true(impossible > 100, `${impossible}`);
  },
);

test.serial('a grant of one overload is enough where no other can be meant', (t) => {
  const grant = [...GRANT, 'execute:public.calc(integer)'];
  for (const sql of ['select calc(1)', 'select public.calc(7::int), calc(-1) from numbers'])
    t.is(verdictOn(sql, grant, live).effect, 'allow', sql);
  for (const sql of ["select calc('1'::text)", "select calc('1')", 'select calc(t) from numbers'])
    t.is(verdictOn(sql, grant, live).effect, 'deny', sql);
});
