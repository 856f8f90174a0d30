/** What names alone do not tell: views, partitions, foreign keys and triggers behind what a grant names. */
import test from 'ava';
import { decisionOn, verdictOn } from './deciding.ts';
import { type LiveDatabase, startDatabase } from './live-database.ts';

const SCHEMA = `
  create schema app;
  create table app.log (id int);
  create table app.secrets (id int primary key, value text);
  create function app.note() returns trigger language plpgsql as 'begin insert into app.log values (1); return new; end';
  create function app.total(int) returns int language sql as 'select 1';

  create table public.users (id int primary key, name text);
  create table app.posts (user_id int references public.users on delete cascade on update cascade);
  create table public.badges (user_id int references public.users on delete set null);
  create view public.active as select * from public.users;
  create view public.hidden as select * from app.secrets;

  create table public.events (id int, day int) partition by list (day);
  create table app.events_1 partition of public.events for values in (1);
  create table public.events_2 partition of public.events for values in (2);
  create trigger noted after insert on app.events_1 for each row execute function app.note();

  create table public.audited (id int);
  create trigger noted before update on public.audited for each row execute function app.note();
  create table public.plain (id int, total int);
`;

let live: LiveDatabase;
test.before(async () => {
  live = await startDatabase(SCHEMA);
});
test.after.always(() => live?.stop());

/** Allowed with the whole grant, denied with its last line taken away. */
const NEEDED: readonly (readonly [sql: string, ...grant: string[]])[] = [
  ['select * from hidden', 'select:app.secrets', 'select:public.*'],
  ['select * from hidden', 'select:public.*', 'select:app.*'],
  ['select * from hidden', 'select:public.hidden'],
  ['select * from active', 'select:public.active'],
  ['copy (select * from hidden) to stdout', 'select,export:public.*', 'select:app.*', 'export:app.secrets'],
  ['copy (select * from hidden) to stdout', 'select:public.hidden', 'export:public.hidden'],
  ['delete from badges', 'delete:public.badges'],
  ['delete from users', 'delete:public.users', 'update:public.badges', 'delete:app.posts'],
  ['delete from users', 'delete:public.users', 'delete:app.posts', 'update:public.badges'],
  ['delete from active', 'delete:public.active', 'update:public.badges', 'delete:app.posts'],
  ['delete from active', 'delete,update,select:public.*', 'delete:app.posts'],
  ['update users set name = 1', 'update:public.users'],
  ['update users set id = 1', 'update:public.users', 'update:app.posts'],
  ['truncate users cascade', 'truncate:public.*', 'truncate:app.posts'],
  ['select * from events', 'select:public.events'],
  ['select * from events', 'select:public.*', 'select:app.events_1'],
  ['select * from only events', 'select:public.*'],
  ['insert into events values (1, 1)', 'insert:public.events', 'execute:app.note'],
  ['update audited set id = 1', 'update:public.audited', 'execute:app.note'],
  ['insert into audited values (1)', 'insert:public.audited'],
  ['select plain.total from plain', 'select:public.plain'],
  ['set search_path to app, public; select p.total from plain p', 'select:public.plain'],
  [
    'set search_path to app, public; select s.total from (select id from plain) s',
    'select:public.plain',
    'execute:app.total(integer)',
  ],
  [
    'set search_path to app, public; select (p.id).total from plain p',
    'select:public.plain',
    'execute:app.*',
  ],
  ['create or replace view public.fresh as select 1', 'create:public.*'],
  ['create or replace view public.active as select 1', 'create:public.*', 'alter:public.active'],
];

for (const [sql, ...grant] of NEEDED)
  test(`${sql} needs ${grant.join(', ')}`, (t) => {
    const whole = verdictOn(sql, grant, live);
    t.is(whole.effect, 'allow', whole.error?.detail);
    const without = verdictOn(sql, ['select:nowhere.*', ...grant.slice(0, -1)], live);
    t.is(without.effect, 'deny');
    t.is(without.error?.sqlstate, '42501');
  });

test('what is not known is denied, unless the action is allowed on everything', (t) => {
  t.is(verdictOn('select * from nowhere', ['select:public.*'], live).effect, 'deny');
  t.is(verdictOn('select * from public.nowhere', ['select:public.*'], live).effect, 'deny');
  t.is(verdictOn('select * from nowhere', ['select:*'], live).effect, 'allow');
  t.is(verdictOn('select nowhere(1)', ['select:*'], live).effect, 'deny');
  t.is(verdictOn('select * from pg_authid', ['select:*'], live).effect, 'deny');
});

test('a column that the catalog does not know asks for a newer one, where columns decide', (t) => {
  const grant = ['select:public.users(id)'];
  t.true(decisionOn('select fresh from users', grant, live).unresolved);
  t.false(decisionOn('select id from users', grant, live).unresolved);
  t.false(decisionOn('select fresh from users', ['select:public.users'], live).unresolved);
});
