/**
 * What migrations and seed scripts do: DROP ... CASCADE, IF EXISTS, names that mean something else afterwards, sequences set
 * anew. What a CASCADE takes along out of scope is first shown on PostgreSQL, by what is missing afterwards.
 */
import test from 'ava';
import { addedNames, INITIAL_NAMES } from '../../guardrails/names.ts';
import { decisionOn, verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create schema hidden;
  create schema mine;
  create schema shared;
  create table public.viewed (id int primary key, name text);
  create view hidden.over_viewed as select name from public.viewed;
  create table public.referenced (id int primary key);
  create table hidden.referencing (id int references public.referenced);
  create table public.unique_by_name (id int, constraint names unique (id));
  create table hidden.by_name (id int references public.unique_by_name (id));
  create sequence public.counter;
  create table hidden.counted (id int default nextval('public.counter'));
  create table public.owner (id serial);
  create table hidden.borrower (id int default nextval('public.owner_id_seq'));
  create type public.mood as enum ('good', 'bad');
  create table hidden.moody (id int, mood public.mood, moods public.mood[]);
  create domain public.word as text;
  create table hidden.worded (word public.word);
  create type public.pair as (a int, b int);
  create table hidden.paired (pair public.pair);
  create type public.span as range (subtype = int);
  create table hidden.spanned (spans public.span_multirange);
  create function public.answer() returns int language sql immutable as 'select 42';
  create table hidden.answered (id int, made int generated always as (id + public.answer()) stored);
  create function public.me() returns boolean language sql stable as 'select true';
  create table hidden.guarded (id int);
  create policy own on hidden.guarded using (public.me());
  create function public.fired() returns trigger language plpgsql as 'begin return new; end';
  create table hidden.firing (id int);
  create trigger fires before insert on hidden.firing for each row execute function public.fired();
  create table public.base (id int);
  create view public.first as select id from public.base;
  create view hidden.second as select id from public.first;
  create table mine.inside (id int);
  create view mine.inner as select id from mine.inside;
  create view hidden.outer as select id from mine.inner;
  create table public.parent (id int) partition by list (id);
  create table public.part partition of public.parent for values in (1);
  create view hidden.over_part as select id from public.part;
  create operator shared.=== (function = int4eq, leftarg = int, rightarg = int);

  create table public.teams (id serial primary key, name text unique);
  create table public.members (id serial primary key, team int references public.teams, mood int default public.answer());
  create view public.roster as select m.id, t.name from public.members m join public.teams t on t.id = m.team;
  create type public.level as enum ('low', 'high');
  create table public.levels (level public.level);
  create schema plain;
  create table plain.one (id serial primary key);
  create table plain.two (id int references plain.one);
  create view plain.both as select one.id from plain.one join plain.two using (id);
  create schema other;
  create table other.teams (id int);
`;

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

/** What schemas other than public hold. */
const ELSEWHERE = `
  select (select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
          where c.relnamespace = 'hidden'::regnamespace and not attisdropped and attnum > 0) as columns,
         (select count(*) from pg_constraint where connamespace = 'hidden'::regnamespace) as constraints,
         (select count(*) from pg_attrdef) as defaults, (select count(*) from pg_policy) as policies,
         (select count(*) from pg_trigger where not tgisinternal) as triggers,
         (select count(*) from pg_operator) as operators`;

async function takesAlong(sql: string): Promise<boolean> {
  const state = async () => JSON.stringify((await live.client.query(ELSEWHERE)).rows);
  await live.client.query('begin');
  try {
    const before = await state();
    await live.client.query(sql);
    return (await state()) !== before;
  } finally {
    await live.client.query('rollback');
  }
}

const MIGRATING = 'select,insert,update,delete,truncate,create,alter,drop:public.*';

/** The lines that it needs besides `create,alter,drop` on public. */
const REACHING: readonly (readonly [sql: string, ...lines: string[]])[] = [
  ['drop table viewed cascade', 'drop:hidden.over_viewed'],
  ['alter table viewed drop column name cascade', 'drop:hidden.over_viewed'],
  ['drop table referenced cascade', 'alter:hidden.referencing'],
  ['alter table unique_by_name drop constraint names cascade', 'alter:hidden.by_name'],
  ['drop sequence counter cascade', 'alter:hidden.counted'],
  ['drop table owner cascade', 'alter:hidden.borrower'],
  ['drop type mood cascade', 'drop:hidden.moody', 'alter:hidden.moody'],
  ['drop domain word cascade', 'drop:hidden.worded', 'alter:hidden.worded'],
  ['drop type pair cascade', 'drop:hidden.paired', 'alter:hidden.paired'],
  ['drop type span cascade', 'drop:hidden.spanned', 'alter:hidden.spanned'],
  ['drop function answer cascade', 'drop:hidden.answered', 'alter:hidden.answered'],
  ['drop function me cascade', 'alter:hidden.guarded', 'admin:policy'],
  ['drop function fired cascade', 'alter:hidden.firing'],
  ['drop table base cascade', 'drop:hidden.second'],
  ['drop table parent cascade', 'drop:hidden.over_part'],
  ['drop schema mine cascade', 'drop:mine.*', 'drop:hidden.outer'],
  ['drop schema shared cascade', 'drop:*'],
];

for (const [sql, ...lines] of REACHING)
  test.serial(`${sql} needs ${lines.join(' ')}`, async (t) => {
    t.true(await takesAlong(sql), 'it takes something along');
    const whole = verdictOn(sql, [MIGRATING, ...lines], live);
    t.is(whole.effect, 'allow', whole.error?.detail);
    for (const left of lines) {
      const others = lines.filter((line) => line !== left);
      t.is(verdictOn(sql, [MIGRATING, ...others], live).effect, 'deny', `without ${left}`);
    }
  });

const MIGRATIONS: readonly string[] = [
  'drop table if exists not_there',
  'drop table if exists not_there cascade; drop view if exists public.not_there; drop index if exists not_there',
  'drop type if exists not_there; drop function if exists not_there; drop function if exists not_there(int) cascade',
  'drop trigger if exists stamp on not_there; alter table if exists not_there drop column if exists id cascade',
  'drop table if exists fresh; create table fresh (id int); insert into fresh values (1); truncate fresh; table fresh',
  'drop table public.teams cascade; create table fresh (id int); insert into fresh values (1)',
  'drop table teams cascade; create table teams (id int); insert into teams values (1); drop table teams cascade',
  'drop table members, teams cascade; select * from levels',
  'alter table teams drop column name cascade; alter table teams drop constraint teams_pkey cascade',
  'drop type level cascade; drop view roster cascade',
  'alter table teams rename to squads; create table fresh (id int)',
  'alter table levels rename column level to height; create table fresh (id int)',
];

for (const sql of MIGRATIONS)
  test.serial(`${sql}`, async (t) => {
    await live.client.query('begin');
    await t.notThrowsAsync(live.client.query(sql));
    await live.client.query('rollback');
    const { effect, error } = verdictOn(sql, [MIGRATING], live);
    t.is(effect, 'allow', error?.detail);
  });

const SERIAL: readonly string[] = [
  "select setval(pg_get_serial_sequence('teams', 'id'), coalesce(max(id), 1), max(id) is not null) from teams",
  `select setval(pg_get_serial_sequence('"teams"', 'id')::regclass, 1, false)`,
  "select nextval(pg_catalog.pg_get_serial_sequence('public.teams', 'id'))",
  "create table numbered (id serial); select setval(pg_get_serial_sequence('numbered', 'id'), 7)",
];

for (const sql of SERIAL)
  test.serial(`${sql} needs update on the sequence`, async (t) => {
    await live.client.query('begin');
    await t.notThrowsAsync(live.client.query(sql));
    await live.client.query('rollback');
    const { effect, error } = verdictOn(sql, [MIGRATING], live);
    t.is(effect, 'allow', error?.detail);
    const reading = ['select,create:public.*', 'update:public.teams', 'update:public.numbered'];
    t.is(verdictOn(sql, reading, live).effect, 'deny');
  });

test('a sequence that is computed from anything but constants is not known', (t) => {
  const sql = "select setval(pg_get_serial_sequence(name, 'id'), 1) from teams";
  t.is(verdictOn(sql, [MIGRATING], live).effect, 'deny');
});

test('a schema of the own is made, emptied and made again', (t) => {
  const sql =
    'drop schema if exists plain cascade; create schema plain; create table plain.one (id int); create table fresh ()';
  const { effect, error } = verdictOn(sql, [MIGRATING, 'create,drop:plain.*'], live);
  t.is(effect, 'allow', error?.detail);
  t.is(verdictOn(sql, [MIGRATING, 'create,drop:other.*'], live).effect, 'deny');
});

test('a name that was dropped or renamed may mean the next one on the path', (t) => {
  const path = 'set search_path = public, other; ';
  const grant = [MIGRATING, 'create:public.*'];
  t.is(verdictOn(`${path}select * from teams`, grant, live).effect, 'allow');
  for (const moved of [
    'drop table teams cascade',
    'alter table teams rename to squads',
    'alter table teams set schema other',
  ])
    t.is(verdictOn(`${path}${moved}; select * from teams`, grant, live).effect, 'deny', moved);
  const viaView = `${path}create table members (id int); drop table public.base cascade; select * from first`;
  t.is(verdictOn(viaView, grant, live).effect, 'deny', 'it goes with what it depends on');
});

test('a schema that comes to be is where new objects may be made', (t) => {
  const sql = 'set search_path = late, public; create schema late; create table fresh (id int)';
  t.is(verdictOn(sql, [MIGRATING, 'create:late.*'], live).effect, 'allow');
  const before = decisionOn('set search_path = late, public; create schema late', ['create:late.*'], live);
  const names = addedNames(INITIAL_NAMES, before.changes);
  t.is(
    verdictOn('create table fresh (id int)', [MIGRATING], { catalog: live.catalog, names }).effect,
    'deny',
  );
});

test('what a renamed relation has is not known under its new name', (t) => {
  const sql = 'alter table levels rename to heights; drop table heights cascade';
  t.is(verdictOn(sql, [MIGRATING], live).effect, 'deny');
  t.is(verdictOn(sql, [MIGRATING, 'drop:*'], live).effect, 'allow');
});
