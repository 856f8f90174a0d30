/** CREATE SCHEMA with elements: their names mean the new schema first, as PostgreSQL shows. */
import test from 'ava';
import { verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(`
    create schema hidden;
    create table public.a (id int primary key);
    create table public.t (id int);
    create table hidden.secrets (id int);`);
});
test.after.always(() => live?.stop());

/** What the view n.v reads. */
async function read(sql: string): Promise<readonly string[]> {
  await live.client.query('begin');
  await live.client.query(sql);
  const { rows } = await live.client.query(`
    select distinct d.refobjid::regclass::text as name from pg_rewrite r join pg_depend d on d.objid = r.oid
    where r.ev_class = 'n.v'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class order by 1`);
  await live.client.query('rollback');
  return rows.map(({ name }) => name);
}

const CASES: readonly (readonly [elements: string, reads: readonly string[], ...needs: string[]])[] = [
  ['create table t (x int) create view v as select * from t', ['n.t']],
  ['create view v as select * from t create table t (x int) create index on t (x)', ['n.t']],
  ['create table x (x int) create view v as select * from t', ['t'], 'select:public.t'],
  ['create view v as select x from t join a on true create table t (x int)', ['a', 'n.t'], 'select:public.a'],
  ['create table t (x int references a) create view v as select x from n.t', ['n.t'], 'alter:public.a'],
  ['create table t (x int) create view v as select t.id from public.t', ['t'], 'select:public.t'],
  [
    'create table t (x int) create view v as select id from hidden.secrets',
    ['hidden.secrets'],
    'select:hidden.secrets',
  ],
  ['create table pg_roles (x int) create view v as select rolname from pg_roles', ['pg_roles']],
  [
    'create table pg_authid (x int) create view v as select rolpassword from pg_authid',
    [],
    'select:pg_catalog.pg_authid',
  ],
  ['create sequence s create table t (x int) create view v as select last_value from s', ['n.s']],
  [
    'create table t (x int) create view v as select x from t grant select on t to public',
    ['n.t'],
    'admin:privileges',
  ],
];

for (const [elements, reads, ...needs] of CASES)
  test.serial(elements, async (t) => {
    const sql = `create schema n ${elements}`;
    if (reads.length > 0) t.deepEqual(await read(sql), [...reads]);
    const grant = ['create:n.*', ...needs];
    const { effect, error } = verdictOn(sql, grant, live);
    t.is(effect, 'allow', error?.detail);
    for (const missing of grant) {
      const rest = ['select:nowhere.*', ...grant.filter((line) => line !== missing)];
      t.is(verdictOn(sql, rest, live).effect, 'deny', `without ${missing}`);
    }
  });
