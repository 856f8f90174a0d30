/** After any DDL, the changes put over the catalog of before give what loading everything gives. */
import test from 'ava';
import fc from 'fast-check';
import pg from 'pg';
import { type LoadedRows, loadChanges, loadWhole, type PieceSize } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { rounds } from '../helpers/rounds.ts';

/** Found along this path, wherever ALTER ... SET SCHEMA has put them. */
const PATH = 'set search_path = public, s0, s1';

const START = `
  create role changes_owner; create role changes_other;
  create extension citext; create extension hstore;
  create schema s0; create schema s1; ${PATH};
  create type ty0 as enum ('a', 'b'); create type ty1 as (x int, y text); create domain dm0 as int; create domain dm1 as text;
  create type ty2 as range (subtype = dm0);
  create function f0(int) returns int language sql immutable as 'select $1';
  create function f1(a ty0 default 'a') returns text language sql immutable as 'select ''x''::text';
  create function f2(ty1) returns boolean language plpgsql immutable as 'begin return true; end';
  create function tf0() returns trigger language plpgsql as 'begin return new; end';
  create function tf1() returns trigger language plpgsql as 'begin return old; end';
  create table t0 (id serial primary key, a int, b text, c ty0, d dm0);
  create table t1 (id int primary key, a int references t0 on delete cascade, e ty1, f ty2);
  create table t2 (id int unique, a int default f0(1)) partition by range (id);
  create table t3 partition of t2 for values from (0) to (10);
  create table t4 (g ty0[], h citext) inherits (t0);
  create view v0 as select id, a from t0; create view v1 as select v0.id, f0(v0.a) as a from v0 join t1 using (id);
  create view v2 as select * from t2; create materialized view m0 as select id, a from v1;
  create sequence q0; create sequence q1 owned by t1.a;
`;

/** What has been dropped is made again. */
const PARTS = START.split(/;\s+(?=create|set)/);

/** Many fail where they come at the wrong time, and change nothing then. */
const TEMPLATES: readonly ((i: number, j: number) => string)[] = [
  // tables and columns
  (i) => `create table t${i} (id int primary key, a int, b text default 'x')`,
  (i, j) =>
    `create table t${i} (id serial, a int generated always as identity, c ty0 default 'a', like t${j} including all)`,
  (i) => `create table t${i} of ty1`,
  (i) => `drop table t${i}`,
  (i) => `drop table t${i} cascade`,
  (i, j) => `alter table t${i} rename to t${j}`,
  (i, j) => `alter table t${i} add column n${j} dm${j % 2}`,
  (i, j) => `alter table t${i} add column g${j} int generated always as (f0(${j})) stored`,
  (i) => `alter table t${i} drop column a cascade`,
  (i, j) => `alter table t${i} rename column b to b${j}`,
  (i) => `alter table t${i} alter a type bigint`,
  (i, j) => `alter table t${i} alter a set default f0(${j})`,
  (i) => `alter table t${i} alter a drop default`,
  (i, j) => `alter table t${i} set schema s${j % 2}`,
  (i) => `alter table t${i} owner to changes_owner`,
  (i) => `truncate t${i}`,
  // constraints, indexes, statistics
  (i, j) => `alter table t${i} add constraint k${j} check (f0(a) > ${j})`,
  (i, j) => `alter table t${i} add constraint fk${j} foreign key (a) references t${j} on update set null`,
  (i, j) => `alter table t${i} drop constraint fk${j}`,
  (i, j) => `alter table t${i} drop constraint t${j}_pkey cascade`,
  (i) => `create index on t${i} (f0(a))`,
  (i, j) => `create unique index ix${j} on t${i} (a) where a > f0(1)`,
  (_, j) => `drop index ix${j}`,
  (i, j) => `create statistics st${j} on a, (f0(a)) from t${i}`,
  (_, j) => `drop statistics st${j}`,
  // inheritance and partitions
  (i, j) => `create table t${i} () inherits (t${j})`,
  (i, j) => `alter table t${i} inherit t${j}`,
  (i, j) => `alter table t${i} no inherit t${j}`,
  (i, j) => `create table t${i} partition of t${j} for values from (${i * 10 + 10}) to (${i * 10 + 20})`,
  (i) => `alter table t2 detach partition t${i}`,
  (i, j) => `alter table t2 attach partition t${i} for values from (${j * 10 + 100}) to (${j * 10 + 110})`,
  (i) => `create table t${i} (id int, a int) partition by range (f0(id))`,
  // views and rules
  (i, j) => `create view v${i} as select id, a from t${j}`,
  (i, j) => `create or replace view v${i} as select id, f0(a) as a from v${j}`,
  (i, j) => `create view v${i} as select c, e::text, (select max(id) from v${j}) from t0 cross join t1`,
  (i, j) => `create or replace view v${i} as select id::dm0::int as id, a from t${j}`,
  (i) => `drop view v${i} cascade`,
  (i, j) => `alter view v${i} set schema s${j % 2}`,
  (i, j) => `create materialized view m${i} as select id, f0(a) as a from t${j}`,
  (i) => `refresh materialized view m${i}`,
  (i) => `drop materialized view m${i}`,
  (i, j) =>
    `create or replace rule r0 as on delete to v${i} do instead delete from t${j} where f0(id) = old.id`,
  (i, j) => `create or replace rule r1 as on insert to t${i} do also update t${j} set a = 1`,
  (i) => `drop rule r1 on t${i}`,
  // functions, triggers, policies
  (i, j) => `create or replace function f${i}(int) returns int language sql immutable as 'select $1 + ${j}'`,
  (i, j) => `create function f${i}(t${j}) returns int language plpgsql as 'begin return 1; end'`,
  (i, j) =>
    `create function f${i}(int, b ty0 default 'b', c regclass default 't${j}'::regclass) returns int language sql as 'select 2'`,
  (i) =>
    `create or replace function tf${i % 2}() returns trigger language plpgsql security definer as 'begin perform ${i}; return new; end'`,
  (i) => `drop function f${i}(int) cascade`,
  (i, j) => `alter function f${i}(int) rename to f${j}`,
  (i, j) => `alter function f${i}(int) set schema s${j % 2}`,
  (i) => `alter function f${i}(int) owner to changes_owner`,
  (i) => `alter function f${i}(int) set search_path = s0`,
  (i, j) =>
    `create trigger tr${j % 2} before insert on t${i} for each row when (f0(new.a) > 0) execute function tf${j % 2}()`,
  (i, j) => `drop trigger tr${j % 2} on t${i}`,
  (i, j) => `alter table t${i} ${j % 2 ? 'enable' : 'disable'} trigger all`,
  (i) => `create policy p0 on t${i} using (f0(a) > 1)`,
  (i) => `drop policy p0 on t${i}`,
  (i, j) => `alter table t${i} ${['enable', 'disable', 'force', 'no force'][j % 4]} row level security`,
  (i) => `create event trigger e${i % 2} on ddl_command_end execute function tf0()`,
  // types
  (i) => `create type ty${i} as enum ('a', 'c')`,
  (i) => `create type ty${i} as (x dm0, y text)`,
  (i, j) => `alter type ty${i} rename to ty${j}`,
  (i, j) => `alter type ty${i} set schema s${j % 2}`,
  (i, j) => `alter type ty1 add attribute z${i} dm${j % 2} cascade`,
  (i) => `alter type ty1 drop attribute z${i} cascade`,
  (i, j) => `create domain dm${i} as dm${j} check (f0(length(value::text)) > 0)`,
  (i, j) => `alter domain dm${i} add constraint dk${j} check (f2(null))`,
  (i, j) => `alter domain dm${i} drop constraint dk${j}`,
  (i, j) => `alter domain dm${i} set schema s${j % 2}`,
  (i) => `drop type ty${i} cascade`,
  (i) => `drop domain dm${i} cascade`,
  // what is compared as a whole
  (i) => `create operator === (function = f${i}, leftarg = ty0, rightarg = ty0)`,
  (i) => `create cast (ty0 as int) with function f${i}(ty0) as implicit`,
  () => 'drop cast (ty0 as int)',
  () => 'alter schema s1 rename to s2',
  () => 'alter schema s2 rename to s1',
  () => 'drop extension hstore cascade',
  () => 'create extension hstore schema s0',
  // dependencies alone
  (i, j) => `alter sequence q${i % 2} owned by t${j}.id`,
  (i) => `alter sequence q${i % 2} owned by none`,
  (i, j) => `alter sequence q${i % 2} set schema s${j % 2}`,
  (i, j) => `alter table t${i} alter a set default nextval('q${j % 2}')`,
  (i, j) => `alter sequence q${i % 2} as ${['int', 'bigint'][j % 2]}`,
];

const MOST = { most: Number.POSITIVE_INFINITY };
/** Each OID a piece of its own, and some of them together. */
const SIZES: readonly (readonly [size: PieceSize, seed: number])[] = [
  [{ bits: 0, ...MOST }, 20],
  [{ bits: 3, ...MOST }, 26],
];
const RUNS = rounds(16);
const number = fc.nat({ max: 6 });
const change = fc
  .tuple(fc.constantFrom(...TEMPLATES), number, number)
  .map(([template, i, j]) => template(i, j));

let postgres: OwnPostgres;
test.before(async () => {
  postgres = await startPostgres();
  await postgres.query('create database changes');
  await postgres.query(START, 'changes');
});
test.after.always(() => postgres?.stop());

async function connect(t: { teardown(run: () => Promise<void>): void }): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url('changes') });
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

/** Of the database's own: PostgreSQL's have lower OIDs, and nothing here changes them. */
const FIRST_NORMAL_OID = 16384;

function texts(rows: LoadedRows): Readonly<Record<string, readonly string[]>> {
  const own = (row: { readonly oid?: number }) => row.oid === undefined || row.oid >= FIRST_NORMAL_OID;
  const lists = Object.entries(rows).map(([kind, list]) => [
    kind,
    [...list]
      .filter(own)
      .map((row) => JSON.stringify(row))
      .sort(),
  ]);
  return Object.fromEntries(lists);
}

test('changes put over what was loaded before are what is loaded now', async (t) => {
  const [reading, working] = [await connect(t), await connect(t)];
  await working.query(PATH);
  for (const [size, seed] of SIZES) {
    let before = await loadWhole(reading, 1, size);
    let text = texts(before.rows);
    let partly = 0;
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      for (const sql of [...changes, ...PARTS]) await working.query(sql).catch(() => {});
      const now = await loadChanges(reading, before, size);
      const whole = await loadWhole(reading, 1, size);
      const expected = texts(whole.rows);
      if (now !== null) t.deepEqual(texts(now.rows), expected, changes.join('; '));
      if (now !== null && JSON.stringify(text) !== JSON.stringify(expected)) partly++;
      [before, text] = [whole, expected];
    });
    await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true });
    t.true(partly >= RUNS / 4, `only ${partly} changes were loaded by themselves`);
  }
});
