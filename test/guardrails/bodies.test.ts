/**
 * Code that runs without being called: what its body does is done by the statement. Each case runs on PostgreSQL first,
 * which shows what it reaches, and is then decided with the grant that covers that and without its last line.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(readFileSync(new URL('bodies.sql', import.meta.url), 'utf8'), 'service');
});
test.after.always(() => live?.stop());

/** What a statement can be seen to have done, outside of what it names. */
const STATE = `
  select (select last_value from hidden.log_id_seq) as log, (select count(*) from public.notes) as notes,
         (select count(*) from other.notes) as other, (select max(id) from hidden.follower) as follower,
         (select max(id) from hidden.rerowed) as rerowed, current_setting('search_path') as path`;

/** Runs it, and undoes it: did it reach anything? */
async function reaches(sql: string): Promise<boolean> {
  const state = async () => JSON.stringify((await live.client.query(STATE)).rows);
  await live.client.query('begin');
  try {
    const before = await state();
    await live.client.query(sql);
    return (await state()) !== before;
  } finally {
    await live.client.query('rollback');
  }
}

const WRITES = 'insert,update,delete:public.*';
const READS = 'select:public.*';

/** Reach something that the grant's last line covers, and nothing else does. */
const REACHING: readonly (readonly [sql: string, ...grant: string[]])[] = [
  ["insert into audited values (2, 'b')", WRITES, 'insert:hidden.log'],
  ["update audited set name = 'b'", WRITES, READS, 'insert:hidden.log'],
  ['delete from audited', WRITES, 'insert:hidden.log'],
  ['delete from audited', WRITES, 'execute:app.audit'],
  ['delete from parent', WRITES, 'insert:hidden.log'],
  ["insert into batched values (2, 'b')", 'insert:public.batched', 'insert:public.notes'],
  ["insert into dynamic values (2, 'b')", WRITES, 'insert:hidden.log', 'execute:app.dynamic'],
  ["insert into looped values (2, 'b')", WRITES, READS, 'insert:hidden.log'],
  ["insert into helped_badly values (2, 'b')", WRITES, 'select:hidden.log', 'insert:hidden.log'],
  ["insert into unqualified values (2, 'b')", 'insert:public.unqualified', 'insert:public.notes'],
  ["insert into pathed values (2, 'b')", WRITES, 'insert:other.notes'],
  ["insert into late values (2, 'b'); set constraints all immediate", WRITES, 'insert:other.notes'],
  ["insert into defined values (2, 'b')", 'insert:public.defined', 'insert:public.notes'],
  ["insert into careless values (2, 'b')", WRITES, 'execute:app.careless'],
  ["insert into configured values (2, 'b')", WRITES, 'execute:app.configures'],
  ["update rekeyed set name = 'b'", WRITES, 'update:hidden.follower'],
  ["update rerowed set name = 'b'", WRITES, 'update:hidden.rerowed'],
  ["insert into recorded values (2, 'b')", WRITES, READS, 'insert:hidden.log'],
  ["insert into numbered values ('low'::level)", WRITES, 'insert:hidden.log'],
  ['insert into numbered select (enum_range(null::level))[1]', WRITES, 'insert:hidden.log'],
  ['insert into shaded (shade) values (null::macaddr)', WRITES, 'insert:hidden.log'],
  ['insert into shaded (shades) values (array[null::macaddr])', WRITES, 'insert:hidden.log'],
  ["insert into noted values (2, 'b')", WRITES, 'insert:hidden.log'],
  ["insert into view_of values (2, 'b')", 'insert:public.view_of', 'insert:public.notes'],
  ['insert into logging values (2)', WRITES, 'insert:hidden.log'],
  ['insert into domained values (2, 2)', WRITES, 'insert:hidden.log'],
  ['select 2::app.logged', READS, 'insert:hidden.log'],
  ["insert into ruled values (2, 'b')", WRITES, READS, 'insert:hidden.log'],
  ['delete from ruled', 'delete:public.*', READS, 'insert:public.notes'],
  ['create table public.fresh (id int)', 'create:public.*', 'insert:hidden.log'],
  ['create temp table fresh as select 1 as x', 'create:pg_temp.*', 'insert:hidden.log'],
  ['alter table logging add column extra serial', 'alter,create:public.*', 'insert:hidden.log'],
  ["comment on view public.view_of is 'a'", 'alter:public.*', 'insert:hidden.log'],
];

for (const [sql, ...grant] of REACHING)
  test.serial(`${sql} needs ${grant.join(' ')}`, async (t) => {
    t.true(await reaches(sql), 'it reaches something');
    const whole = verdictOn(sql, grant, live);
    t.is(whole.effect, 'allow', whole.error?.detail);
    const without = verdictOn(sql, ['select:nowhere.*', ...grant.slice(0, -1)], live);
    t.is(without.effect, 'deny');
    t.is(without.error?.sqlstate, '42501');
  });

/** Read what the grant's last line covers. */
const READING: readonly (readonly [sql: string, ...grant: string[]])[] = [
  ['insert into leaking (id) values (1)', WRITES, 'select:hidden.secrets'],
  ['select * from guarded_by_others', READS, 'select:hidden.secrets'],
  ['select * from leaked', READS, 'select:hidden.secrets'],
];

/** The error when the service role may not read hidden.secrets. */
async function withoutSecrets(sql: string): Promise<string> {
  try {
    await live.client.query(
      'begin; reset session authorization; revoke select on hidden.secrets from service; set session authorization service',
    );
    await live.client.query(sql);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await live.client.query('rollback');
  }
}

for (const [sql, ...grant] of READING)
  test.serial(`${sql} needs ${grant.join(' ')}`, async (t) => {
    t.is(await withoutSecrets(sql), 'permission denied for table secrets');
    const whole = verdictOn(sql, grant, live);
    t.is(whole.effect, 'allow', whole.error?.detail);
    t.is(verdictOn(sql, grant.slice(0, -1), live).effect, 'deny');
  });

/** Proven to reach nothing: allowed under a grant of the relation alone. */
const INNOCENT: readonly (readonly [sql: string, ...grant: string[]])[] = [
  ["update touched set name = 'b' where id = 1", 'select,update:public.touched'],
  ['insert into touched (id) values (2)', 'insert:public.touched'],
  ["insert into helped values (2, 'B')", 'insert:public.helped'],
  ["insert into plainly values (1, 'b')", 'insert:public.plainly', 'select:public.notes'],
  ["insert into recursive values (3, 'b')", 'insert:public.recursive'],
  ['insert into proven (id, quantity) values (1, 1)', 'insert:public.proven', 'select:public.notes'],
  ["insert into proven (id, name) values (1, 'A b')", 'insert:public.proven', 'select:public.notes'],
  ['select 5::app.quantity', READS],
  ['select * from guarded', 'select:public.guarded'],
  ['select * from slugs', READS],
  ["insert into abbreviated values (1, 'A B')", 'insert:public.abbreviated'],
  ['select * from initials', READS],
  ['insert into newest (id) values (1)', 'insert:public.newest', 'select:public.notes'],
];

for (const [sql, ...grant] of INNOCENT)
  test.serial(`${sql} needs nothing but ${grant.join(' ')}`, async (t) => {
    t.false(await reaches(sql));
    const { effect, error } = verdictOn(sql, grant, live);
    t.is(effect, 'allow', error?.detail);
  });

test.serial('a rule may answer with other rows', async (t) => {
  const sql = "update ruled set name = 'b'";
  const { rows } = await live.client.query(sql);
  t.deepEqual(rows, [{ value: 'secret' }]);
  t.is(verdictOn(sql, [WRITES, READS, 'select:hidden.secrets'], live).effect, 'allow');
  t.is(verdictOn(sql, [WRITES, READS], live).effect, 'deny');
});

test('what the client writes itself needs execute, proven or not', (t) => {
  for (const [sql, name] of [
    ["select 'a' === 'b'", 'app.same(text,text)'],
    ["select 'red'::tone::text", 'app.tone_text(public.tone)'],
    ["select app.helper('a')", 'app.helper(text)'],
  ] as const) {
    t.is(verdictOn(sql, [READS, `execute:${name}`], live).effect, 'allow', sql);
    t.is(verdictOn(sql, [READS], live).error?.message, `permission denied by grant: execute on ${name}`);
  }
});

test('a trigger that names no schema writes where the session looks', (t) => {
  const sql = "insert into unqualified values (1, 'a')";
  const grant = [WRITES];
  t.is(verdictOn(sql, grant, live).effect, 'allow');
  const names = { ...INITIAL_NAMES, paths: [['other', 'public']] };
  t.is(verdictOn(sql, grant, { catalog: live.catalog, names }).effect, 'deny');
  t.is(verdictOn(`set search_path = other, public; ${sql}`, grant, live).effect, 'deny');
});

test.serial('a body in BEGIN ATOMIC is not for the search_path to choose', async (t) => {
  const sql = "insert into public.abbreviated values (1, 'A B')";
  await live.client.query('set search_path = other, pg_catalog');
  t.false(await reaches(sql));
  await live.client.query('reset search_path');
  const names = { ...INITIAL_NAMES, paths: [['other', 'pg_catalog']] };
  const { effect, error } = verdictOn(sql, ['insert:public.abbreviated'], { catalog: live.catalog, names });
  t.is(effect, 'allow', error?.detail);
});

test('a temporary table is free to whoever may make one, and not to others: it takes the place of what a body names', (t) => {
  const grant = ['select,insert:public.*', 'create:pg_temp.*', 'insert:hidden.log'];
  const own =
    'create temp table mine (id int); insert into mine values (1); select * from mine; drop table mine';
  t.is(verdictOn(own, grant, live).effect, 'allow', verdictOn(own, grant, live).error?.detail);
  const shadow = 'create temp table notes (id int, note text)';
  t.is(
    verdictOn(shadow, ['select,insert:public.*', 'insert:hidden.log'], live).error?.message,
    'permission denied by grant: create on pg_temp.notes',
  );
  t.is(verdictOn('create temp table mine as table notes', grant, live).effect, 'deny');
});

test('a denial tells what the body does', (t) => {
  const { error } = verdictOn('delete from audited', [WRITES], live);
  t.is(error?.message, 'permission denied by grant: insert on hidden.log');
  t.is(
    error?.detail,
    'insert on hidden.log is missing: the trigger audit of public.audited calls it, and app.audit does it.',
  );
});
