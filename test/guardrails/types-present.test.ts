/**
 * User-defined operators and casts count only where a value of their type can be: statements that reach one are first shown
 * to do so on PostgreSQL, and those that are let pass not to.
 */
import test from 'ava';
import { judgeParameterTypes } from '../../guardrails/decide/parameter-types.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import { scopeOf, verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create schema hidden;
  create table hidden.log (id serial);
  create type public.mood as enum ('good', 'bad');
  create type public.pair as (a int, b int);
  create type public.eager as enum ('a', 'b');
  create domain public.humour as public.mood;
  create type public.both as (mood public.mood, n int);
  create function hidden.same(public.mood, public.mood) returns boolean language plpgsql as
    'begin insert into hidden.log default values; return true; end';
  create function hidden.same(public.pair, public.pair) returns boolean language plpgsql as
    'begin insert into hidden.log default values; return true; end';
  create function hidden.sum(public.mood, public.mood) returns public.mood language plpgsql as
    'begin insert into hidden.log default values; return $1; end';
  create function hidden.as_text(public.mood) returns text language plpgsql as
    'begin insert into hidden.log default values; return ''x''; end';
  create function hidden.as_json(public.mood) returns json language plpgsql as
    'begin insert into hidden.log default values; return ''1''; end';
  create function hidden.as_int(public.mood) returns int language plpgsql as
    'begin insert into hidden.log default values; return 1; end';
  create function hidden.same(public.eager, public.eager) returns boolean language plpgsql as
    'begin insert into hidden.log default values; return true; end';
  create function hidden.eager(json) returns public.eager language sql as $$ select 'a'::public.eager $$;
  create function public.best() returns public.mood language sql as $$ select 'good'::public.mood $$;
  create operator public.= (function = hidden.same, leftarg = public.mood, rightarg = public.mood);
  create operator public.= (function = hidden.same, leftarg = public.pair, rightarg = public.pair);
  create operator public.+ (function = hidden.sum, leftarg = public.mood, rightarg = public.mood);
  create operator public.=== (function = hidden.same, leftarg = public.mood, rightarg = public.mood);
  create operator public.<> (function = hidden.same, leftarg = public.eager, rightarg = public.eager);
  create cast (public.mood as text) with function hidden.as_text(public.mood);
  create cast (public.mood as json) with function hidden.as_json(public.mood);
  create cast (public.mood as int) with function hidden.as_int(public.mood);
  create cast (json as public.eager) with function hidden.eager(json) as implicit;
  create function hidden.mood(bigint) returns public.mood language plpgsql as
    'begin insert into hidden.log default values; return ''good''; end';
  create cast (bigint as public.mood) with function hidden.mood(bigint);
  create domain public.label as text;
  create domain public.labels as text[];
  create type public.labelled as (n int, label text);
  create table public.labellings (labelled public.labelled, label text);
  create type public.calm as enum ('a');
  create function hidden.calm(macaddr) returns public.calm language plpgsql as
    'begin insert into hidden.log default values; return ''a''; end';
  create cast (macaddr as public.calm) with function hidden.calm(macaddr) as implicit;
  create function public.soothe(public.calm) returns boolean language plpgsql as 'begin return true; end';
  create operator public.!!! (function = public.soothe, rightarg = public.calm);
  create table public.people (id int, name text, doc json, mood public.mood, moods public.mood[], humour public.humour,
    both_of public.both, pair public.pair);
  insert into people values (1, 'a', '1', 'good', '{good}', 'good', '(good,1)', '(1,2)');
  create view public.moods as select mood as m from people;
  create table public.orders (id int, name text, tags text[], doc json, at timestamptz);
  insert into orders values (1, 'a', '{a}', '{}', now());
`;

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

async function reaches(sql: string): Promise<boolean> {
  const drawn = async () => JSON.stringify((await live.client.query('select * from hidden.log_id_seq')).rows);
  const before = await drawn();
  await live.client.query('begin');
  await live.client.query(sql);
  await live.client.query('rollback'); // which no sequence minds
  return (await drawn()) !== before;
}

const GRANT = ['select,insert,update,delete:public.*'];
const EXECUTING = [...GRANT, 'execute:*'];

const REACHING: readonly string[] = [
  "select id from people where mood = 'good'",
  'select id from people where humour = mood',
  "select id from people where 'good' = any (moods)",
  "select id from people where moods[1] = 'good'",
  "select id from people where (both_of).mood = 'good'",
  'select id from people where (1, 2)::pair = pair',
  "select q.x from (select mood as x from people) q where q.x = 'good'",
  "select m from moods where m in ('good')",
  'select mood + mood from people',
  "select 'good'::mood = 'bad'",
  "select best() = 'good'",
  "select 'good' === 'bad'",
  "select 'good' operator(public.+) 'bad'",
  "select doc <> 'a' from orders",
  'select mood::text from people',
  'select humour::text from people',
  'select moods::text[] from people',
  'select (p.both_of).mood::int from people p',
  'select to_json(mood) from people',
  'select m::text from moods',
  'select best()::text',
  'select mood::label from people',
  'select array[mood]::labels from people',
  'select row(1, mood)::labelled from people',
  "select row(row(1, mood), 'a')::labellings from people",
  'select id::bigint::humour from people',
  'select array[id::bigint]::mood[] from people',
  "select soothe('08:00:2b:01:02:03'::macaddr)",
  "select !!! '08:00:2b:01:02:03'::macaddr",
  "update people set name = 'b' where mood = 'good'",
  "delete from people where mood = 'good'",
  "insert into people (id, mood) values (2, 'good') returning mood = 'good'",
  "merge into people p using orders o on p.id = o.id when matched and p.mood = 'good' then update set id = p.id",
  'select p.to_json from people p',
  'select people.to_json from people',
  'select to_json(p) from people p',
  'select row_to_json(p) from (select * from people) p',
  'select (select json_agg(p) from people p)',
  "select count(*) from people p having bool_or(p.mood = 'good')",
  "select q.c = 'good' from people as q (a, b, d, c)",
  "select p.id from people p natural join moods m where m = 'good'",
];

for (const sql of REACHING)
  test.serial(`${sql} reaches a function`, async (t) => {
    t.true(await reaches(sql), 'it reaches one');
    t.is(verdictOn(sql, GRANT, live).effect, 'deny');
    const { effect, error } = verdictOn(sql, EXECUTING, live);
    t.is(effect, 'allow', error?.detail);
  });

const REACHING_NOTHING: readonly string[] = [
  "select id from orders where id = 1 and name = 'a' and id in (1, 2) and tags = '{a}'",
  "select a.id from orders a join orders b using (id) where a.at = '2026-01-01' or a.name in ('a', 'b')",
  "select case id when 1 then 'a' end, nullif(name, 'a'), id + 1, '1' = '2', 1 + '2' from orders",
  "select id::text, name::text, (id + 1)::int, at::text, 'x'::text, tags::text[], doc::json from orders",
  'select to_json(name), json_build_object(name, id), row_to_json(o), (select json_agg(id) from orders) from orders o',
  'select q::int from jsonb_to_record(\'{"q": 1}\') as r (q int)',
  "update orders set name = id::text where id = '1'",
  "with new as (select id, name from orders) select * from new where name = 'a' and (id, name) = (1, 'a')",
  "select array_agg(id) = array_agg(id), row(1, 2) = row(1, 2), array[1] = '{1}' from orders",
  'select o::text from orders o where (o.id, o.name) = (o.id, o.name)',
  'prepare p (int) as select id from orders where id = $1; deallocate p',
  "select id, name from people where id = 1 and name = 'a' and doc::text = '1'",
  'select id::text, p.name, to_json(name) from people p where (id, name) = (1, name)',
  "update people set name = 'b', mood = 'good' where id = 1 returning id::text",
  "insert into people (id, name, mood) values (2, 'b' || 'c', 'good') returning id = 1",
  'delete from people where id = 2',
  "select mood, 'a'::text, 'good'::mood, 'a'::label, '{a}'::labels, '(1,a)'::labelled from people",
  'select count(*), max(name) from people where id in (1, 2) group by id order by id',
];

for (const sql of REACHING_NOTHING)
  test.serial(`${sql} reaches nothing`, async (t) => {
    t.false(await reaches(sql), 'it reaches nothing');
    const { effect, error } = verdictOn(sql, GRANT, live);
    t.is(effect, 'allow', error?.detail);
  });

test.serial('what an argument is cast by needs to be granted as well', (t) => {
  for (const sql of [
    "select soothe('08:00:2b:01:02:03'::macaddr)",
    "select !!! '08:00:2b:01:02:03'::macaddr",
  ]) {
    const grant = ['select:public.*', 'execute:public.soothe'];
    t.is(verdictOn(sql, grant, live).error?.message, 'permission denied by grant: insert on hidden.log');
    t.is(verdictOn(sql, [...grant, 'execute:hidden.calm'], live).effect, 'allow');
    t.is(verdictOn(sql, [...grant, 'insert:hidden.log'], live).effect, 'allow');
  }
});

test.serial('a check that a domain gets compares the values that it has', async (t) => {
  const sql = "alter domain public.humour add constraint good check (value = 'good')";
  t.true(await reaches(sql));
  const altering = [...GRANT, 'alter:public.*'];
  t.is(verdictOn(sql, altering, live).effect, 'deny');
  const { effect, error } = verdictOn(sql, [...altering, 'execute:*'], live);
  t.is(effect, 'allow', error?.detail);
});

test.serial('a parameter may be of the type by its OID alone', async (t) => {
  const { rows } = await live.client.query(
    "select 'mood'::regtype::oid::int4 as oid, 'humour'::regtype::oid::int4 as domain",
  );
  const judged = (type: number, lines: readonly string[]) =>
    judgeParameterTypes([type], {
      scope: new CompiledScope(scopeOf(lines), ACTIONS),
      catalog: live.catalog,
      names: INITIAL_NAMES,
    }).error;
  for (const type of [rows[0].oid, rows[0].domain]) {
    t.is(judged(type, GRANT)?.sqlstate, '42501');
    t.is(judged(type, EXECUTING), null);
  }
});
