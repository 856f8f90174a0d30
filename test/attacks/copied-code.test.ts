/** Code that comes along with what a session makes, in the same transaction, of which no catalog tells yet. */
import test from 'ava';
import pg from 'pg';
import { startPostern } from '../helpers/postern.ts';

const postern = await startPostern();
await postern.postgres.query(`
  create schema hidden;
  create sequence hidden.closed;
  create function hidden.leaves() returns int language plpgsql immutable as
    $$ begin perform nextval('hidden.closed'); return 1; end $$;
  create function hidden.trigger_leaves() returns trigger language plpgsql as
    $$ begin perform nextval('hidden.closed'); return new; end $$;
  create sequence public.closed;
  create table public.defaulting (id int default hidden.leaves());
  create table public.checking (id int check (hidden.leaves() > 0));
  create table public.generating (id int, twice int generated always as (id * hidden.leaves()) stored);
  create table public.parted (id int) partition by list (id);
  create trigger leaves before insert on public.parted for each row execute function hidden.trigger_leaves();
  create table public.apart (id int);
  create table public.counted (id int);
  create statistics public.counting on (id + hidden.leaves()) from public.counted;
  insert into public.counted values (1);
`);
test.after.always(() => postern.stop());

const ALLOW = ['select,insert,create,alter:public.*', 'update:public.closed', 'create:pg_temp.*'] as const;

/** Sends the texts in turn, in one transaction that is taken back, up to the first error; null if there is none. */
async function firstError(allow: readonly string[], texts: readonly string[]): Promise<string | null> {
  const client = new pg.Client({ connectionString: (await postern.grant({ allow })).url });
  await client.connect();
  try {
    for (const text of ['begin', ...texts, 'rollback']) await client.query(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

/** Moved even by what is rolled back. */
async function taken(): Promise<unknown> {
  const [row] = await postern.postgres.query('select is_called, last_value from hidden.closed');
  return [row?.is_called, row?.last_value];
}

const WAYS: readonly (readonly string[])[] = [
  [
    'create table public.copy (like public.defaulting including all)',
    'insert into public.copy default values',
  ],
  [
    'create table public.copy (like public.checking including constraints)',
    'insert into public.copy values (1)',
  ],
  [
    'create table public.copy (like public.generating including generated)',
    'insert into public.copy values (1)',
  ],
  ['create temp table copy (like public.defaulting including defaults)', 'insert into copy default values'],
  [
    'create table public.part partition of public.parted for values in (1)',
    'insert into public.part values (1)',
  ],
  [
    'alter table public.parted attach partition public.apart for values in (2)',
    'insert into apart values (2)',
  ],
  ['analyze public.counted'],
  ["declare c cursor for select nextval('closed'::text)", 'set search_path = hidden', 'fetch c'],
];

for (const way of WAYS)
  test.serial(`closed: ${way.join('; ')}`, async (t) => {
    const before = await taken();
    t.regex((await firstError(ALLOW, way)) ?? 'none', /^permission denied by grant/);
    t.deepEqual(await taken(), before);
    t.is(await firstError(['*:*'], way), null);
    t.notDeepEqual(await taken(), before, 'it really does it');
  });

const OPEN: readonly (readonly string[])[] = [
  ['create table public.copy (like public.defaulting)', 'insert into public.copy values (1)'],
  ['create temp table copy (like public.parted including all)', 'insert into copy values (1)'],
  ['alter table public.parted add column note text'],
  ["declare c cursor for select nextval('closed'), nextval('public.closed'::regclass)", 'fetch c'],
];

for (const way of OPEN)
  test.serial(`open: ${way.join('; ')}`, async (t) => {
    t.is(await firstError(ALLOW, way), null);
  });
