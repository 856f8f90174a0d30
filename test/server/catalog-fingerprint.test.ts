import test from 'ava';
import pg from 'pg';
import { catalogFingerprint, comparedCatalogs, sameCatalog } from '../../server/catalog-fingerprint.ts';
import { catalogKinds, catalogQuery } from '../../server/catalog-queries.ts';
import { onEachVersion, type Server } from '../guardrails/servers.ts';

const START = `
  create schema app;
  create role fingerprinted;
  create table app.a (id serial primary key, old text, unwanted text);
  create table app.b (id integer);
  create table app.parted (id integer) partition by range (id);
  create view app.v as select id from app.a;
  create materialized view app.m as select id from app.a;
  create function app.f() returns integer language sql as 'select 1';
  create function app.g() returns trigger language plpgsql as 'begin return new; end';
  create function app.o(integer, integer) returns boolean language sql as 'select true';
  create type app.mood as enum ('ok');
  create domain app.d as integer;
  create function app.c(app.mood) returns text language sql as 'select ''x''::text';
`;

/** Each changes what statements mean or reach. */
const CHANGES = [
  'create table app.c (i integer)',
  'drop table app.c',
  'alter table app.a rename column old to new',
  'alter table app.a drop column unwanted',
  'alter table app.b rename to bb',
  'alter table app.bb set schema public',
  'alter table public.bb add column a_id integer references app.a on delete cascade',
  `alter table public.bb alter a_id set default app.f()`,
  'create or replace view app.v as select id + 1 as id from app.a',
  `create or replace function app.f() returns integer language sql security definer as 'select 2'`,
  'create trigger t before insert on app.a for each row execute function app.g()',
  'alter table app.a disable trigger t',
  'create policy p on app.a using (app.f() = 1)',
  'alter policy p on app.a using (app.f() = 2)',
  'create rule r as on delete to app.a do also select 1',
  'create table app.part partition of app.parted for values from (1) to (2)',
  'alter table app.parted detach partition app.part',
  'create operator app.=== (function = app.o, leftarg = integer, rightarg = integer)',
  'create cast (app.mood as text) with function app.c(app.mood) as implicit',
  'alter domain app.d add check (app.f() > value)',
  `create index on app.a ((id % 2))`,
  'create extension hstore',
  'create function app.stray() returns integer language sql as $$select 1$$',
  'alter extension hstore add function app.stray()',
  `create function app.e() returns event_trigger language plpgsql as 'begin end'; create event trigger e on ddl_command_end execute function app.e()`,
  'alter event trigger e disable',
  'alter function app.g() owner to fingerprinted',
  'alter role fingerprinted superuser',
  'create sequence app.lone',
  'alter sequence app.lone owned by app.a.id',
  'create type app.pair as (a integer, b integer)',
  'create table app.pairs (a integer, b integer)',
  'alter table app.pairs of app.pair',
  'create schema other',
  'drop schema other',
  `alter database fingerprint set search_path = app`,
];

/** None does. */
const NO_CHANGES = [
  'insert into app.a default values',
  'create role passing',
  'alter role passing in database fingerprint set work_mem = 64',
  'create temporary table passing (id serial primary key, t text default 1, check (id > 0))',
  'truncate public.bb',
  'refresh materialized view app.m',
  'analyze app.a',
  'vacuum app.a',
];

async function connect(server: Server): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url('fingerprint') });
  await client.connect();
  return client;
}

test('each change shows, and what changes nothing does not', async (t) => {
  await onEachVersion(async (server, version) => {
    await server.query('create database fingerprint');
    await server.query(START, 'fingerprint');
    const watching = await connect(server);
    const working = await connect(server);
    try {
      let known = await catalogFingerprint(watching);
      const changed = async (sql: string) => {
        await working.query(sql);
        const before = known;
        known = await catalogFingerprint(watching, before);
        return !sameCatalog(before, known);
      };
      for (const sql of CHANGES) t.true(await changed(sql), `${sql} (${version})`);
      for (const sql of NO_CHANGES) t.false(await changed(sql), `${sql} (${version})`);

      await working.query('begin; create table app.late (i integer)');
      t.false(await changed('select 1'), 'not yet committed');
      t.true(await changed('commit'), 'a transaction that began before we looked');
    } finally {
      await watching.end();
      await working.end();
    }
  });
});

test('every catalog that is loaded is compared', (t) => {
  const texts = catalogKinds.map((kind) => catalogQuery(kind, null));
  const read = texts.flatMap((sql) => [...sql.matchAll(/\b(?:from|join) (pg_\w+)/g)]);
  const names = new Set(read.map(([, name]) => name!));
  t.true(names.size > 15);
  t.deepEqual(
    [...names].filter((name) => !comparedCatalogs.has(name)),
    [],
  );
});

test('an unchanged snapshot spares the reading', async (t) => {
  await onEachVersion(async (server) => {
    await server.query('create database fingerprint');
    const client = await connect(server);
    try {
      const first = await catalogFingerprint(client);
      const texts: string[] = [];
      const listening = {
        query(sql: string) {
          texts.push(sql);
          return client.query(sql);
        },
      };
      t.deepEqual(await catalogFingerprint(listening, first), first);
      t.false(texts.some((sql) => sql.includes('pg_attribute')));
    } finally {
      await client.end();
    }
  });
});

test('a database made anew under its name is another, however alike', async (t) => {
  await onEachVersion(async (server, version) => {
    await server.query('create database fingerprint');
    const client = await connect(server);
    const first = await catalogFingerprint(client);
    await client.end();
    await server.query('drop database fingerprint');
    await server.query('create database fingerprint');
    const again = await connect(server);
    try {
      const second = await catalogFingerprint(again, first);
      t.false(sameCatalog(first, second), `${version}`);
      t.deepEqual(
        [second.whole, second.pieces],
        [first.whole, first.pieces],
        'by its rows nobody could tell',
      );
    } finally {
      await again.end();
    }
  });
});
