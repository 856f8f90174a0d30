import { readFileSync } from 'node:fs';
import test from 'ava';
import pg from 'pg';
import type { Catalog, Relation, Routine } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { onEachVersion, type Server } from '../guardrails/servers.ts';

const schema = readFileSync(new URL('catalog-schema.sql', import.meta.url), 'utf8');

async function load(server: Server, database: string, before = ''): Promise<Catalog> {
  const client = new pg.Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    if (before) await client.query(before);
    return await loadCatalog(client, 7);
  } finally {
    await client.end();
  }
}

const names = (objects: readonly { schema: string; name: string }[] | null | undefined) =>
  objects?.map((object) => `${object.schema}.${object.name}`).sort();
const signature = ({ schema: s, name, args, kind }: Routine) => `${kind} ${s}.${name}(${args})`;

test('what statements reach, on each version', async (t) => {
  await onEachVersion(async (server, version) => {
    await server.query('create database catalog');
    await server.query(schema, 'catalog');
    const catalog = await load(server, 'catalog', 'set search_path = app, "$user", nowhere, public');
    const relation = (name: string): Relation => {
      const [s, n] = name.split('.') as [string, string];
      const found = catalog.relation(s, n);
      if (!found) throw new Error(`${name} is missing`);
      return found;
    };
    const reads = (name: string) => names(relation(name).reads);
    const calls = (name: string) => names(relation(name).calls);
    const implicit = (name: string) => names(relation(name).implicitCalls);

    t.is(catalog.version, 7);
    t.is(Math.floor(catalog.serverVersion / 10000), version);
    t.is(catalog.user, 'postgres');
    t.deepEqual(catalog.searchPath, ['app', 'public']);
    t.true(catalog.schemaExists('hidden'));
    t.false(catalog.schemaExists('nowhere'));

    // relations
    t.deepEqual(relation('public.customers').columns, ['id', 'name', 'email', 'Odd Name']);
    t.deepEqual(relation('public.orders').columns, [
      'id',
      'customer_id',
      'reviewer_id',
      'note',
      'quantity',
      'slug',
    ]);
    t.is(relation('public.MiXed').kind, 'table');
    t.is(catalog.relation('public', 'mixed'), undefined);
    t.deepEqual(catalog.relationsNamed('shadow'), [], 'temporary relations are the session’s own');
    t.is(relation('public.customers_pkey').kind, 'index');
    t.is(relation('public.customers_id_seq').kind, 'sequence');
    t.is(relation('public.summary').kind, 'materialized');
    t.is(relation('public.events').kind, 'partitioned');
    t.is(relation('app.line').kind, 'composite');
    t.true(relation('pg_catalog.pg_class').system);
    t.false(relation('public.customers').system);
    t.true(relation('pg_catalog.pg_class').columns.includes('relname'));
    t.is(catalog.relationsNamed('secrets')[0], relation('hidden.secrets'));

    // views
    t.deepEqual(reads('public.shown'), ['public.customers']);
    t.deepEqual(reads('public.deep'), ['hidden.secrets', 'public.shown']);
    t.is(
      relation('public.deep').reads.find((r) => r.name === 'shown')?.reads[0],
      relation('public.customers'),
    );
    t.deepEqual(reads('public.summary'), ['hidden.secrets']);
    t.deepEqual(reads('public.sessions'), ['pg_catalog.pg_stat_activity']);
    t.deepEqual(reads('public.passwords'), ['pg_catalog.pg_authid']);
    t.deepEqual(calls('public.shown'), []);
    t.deepEqual(calls('public.calling'), ['app.slug']);
    t.deepEqual(calls('public.operating'), ['app.same']);
    t.deepEqual(calls('public.casting'), ['app.positive']);
    t.deepEqual(calls('public.files'), ['pg_catalog.pg_read_file']);
    t.deepEqual(calls('public.remote'), ['pg_catalog.nextval']);

    // cascades, partitions, triggers, rules
    t.deepEqual(
      relation('public.customers')
        .referencedBy.map((key) => [key.relation.name, key.onDelete, key.onUpdate, key.keys])
        .sort(),
      [
        ['orders', 'cascade', 'set', ['id']],
        ['orders', 'set', 'none', ['id']],
      ],
    );
    t.deepEqual(names(relation('public.events').children), ['public.events_2026']);
    t.deepEqual(names(relation('public.animals').children), ['public.dogs']);
    t.deepEqual(
      relation('public.customers').triggers.map((trigger) => [
        trigger.name,
        trigger.events,
        trigger.function.name,
      ]),
      [['touched', ['insert', 'update'], 'touch']],
    );
    t.deepEqual(
      relation('public.orders').triggers.map((trigger) => trigger.events),
      [['truncate']],
    );
    t.deepEqual(
      relation('public.animals').triggers.map((trigger) => trigger.function.builtin),
      [true],
    );
    t.deepEqual(
      relation('public.animals').rules.map(({ name, event, reaches }) => [name, event, reaches]),
      [['notice', 'update', []]],
    );
    t.deepEqual(relation('public.shown').rules, []);

    // code that runs implicitly
    t.deepEqual(implicit('public.orders'), ['app.positive', 'app.same', 'app.slug', 'app.tenant']);
    t.deepEqual(implicit('hidden.secrets'), ['app.mood_text'], 'no policy is in force for a superuser');
    await server.query('create role ordinary', 'catalog');
    const ordinary = await load(server, 'catalog', 'set session authorization ordinary');
    t.is(ordinary.user, 'ordinary');
    for (const list of ['implicitCalls', 'readCalls'] as const)
      t.deepEqual(
        names(ordinary.relation('hidden', 'secrets')?.[list]),
        ['app.mood_text', 'app.tenant'],
        list,
      );
    t.deepEqual(names(ordinary.relation('public', 'orders')?.readCalls), []);
    t.deepEqual(implicit('hidden.log'), ['pg_catalog.pg_notify']);
    t.deepEqual(implicit('public.customers'), []);
    t.deepEqual(implicit('public.tags'), []);
    t.deepEqual(names(relation('public.customers').ownedSequences), ['public.customers_id_seq']);
    t.deepEqual(names(relation('public.orders').ownedSequences), ['public.orders_id_seq']);

    // routines
    t.deepEqual(catalog.routinesNamed('plain').map(signature).sort(), [
      'function app.plain(integer)',
      'function app.plain(integer,text)',
    ]);
    t.deepEqual(catalog.routinesNamed('total').map(signature), ['aggregate app.total(integer)']);
    t.deepEqual(catalog.routinesNamed('proc').map(signature), ['procedure app.proc(text)']);
    t.deepEqual(
      catalog.routinesNamed('powerful').map((f) => [f.language, f.securityDefiner, f.builtin, f.extension]),
      [['sql', true, false, null]],
    );
    t.deepEqual(catalog.routinesNamed('lower'), []);
    t.true(catalog.routinesNamed('hstore_to_json').every((f) => !f.builtin && f.extension === 'hstore'));

    // operators, casts, domains, types
    t.deepEqual(names(catalog.operatorRoutines('===')), ['app.same']);
    t.deepEqual(names(catalog.operatorRoutines('@@@')), ['app.never']);
    t.deepEqual(catalog.operatorRoutines('||/'), []);
    t.true(catalog.operatorRoutines('->').every((f) => f.extension === 'hstore'));
    t.deepEqual(names(catalog.typeRoutines('quantity')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('quantities')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('_quantity')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('line')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('_line')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('span')), ['app.positive']);
    t.deepEqual(names(catalog.typeRoutines('_span')), ['app.positive']);
    if (version >= 14) t.true(names(catalog.typeRoutines('span_multirange'))?.includes('app.positive'));
    t.deepEqual(names(catalog.typeRoutines('orders')), ['app.positive'], 'a table is a type too');
    t.deepEqual(names(catalog.typeRoutines('mood')), ['app.mood_text']);
    t.true(catalog.typeRoutines('json')?.some((f) => f.name === 'mood_json'));
    t.is(catalog.typeRoutines('int4'), null);
    t.is(catalog.typeRoutines('pg_class'), null);
    t.true(catalog.typeExists('app', 'quantity'));
    t.true(catalog.typeExists(null, 'quantity'));
    t.true(catalog.typeExists('public', 'orders'));
    t.false(catalog.typeExists('public', 'quantity'));
    t.false(catalog.typeExists(null, 'int4'));
  });
});

test('objects that imitate the catalog’s change nothing, and the client keeps its settings', async (t) => {
  await onEachVersion(async (server) => {
    await server.query('create database imitated');
    const imitation = `
      create schema evil;
      create table evil.pg_class (oid oid, relname name);
      create table evil."Größe 🐘 ""'" (id int);
      create function evil.oidvectortypes(oidvector) returns text language sql as 'select ''evil''::text';
      create function evil.current_schemas(boolean) returns name[] language sql as 'select ''{evil}''::name[]';
      create function evil.eq(oid, oid) returns boolean language sql as 'select false';
      create operator evil.= (function = evil.eq, leftarg = oid, rightarg = oid);
      create function evil.f(integer, integer) returns integer language sql as 'select 1';`;
    await server.query(imitation, 'imitated');
    const client = new pg.Client({ connectionString: server.url('imitated') });
    await client.connect();
    try {
      await client.query('set search_path = evil, pg_catalog');
      const catalog = await loadCatalog(client, 1);
      t.deepEqual(catalog.searchPath, ['evil', 'pg_catalog']);
      t.deepEqual(catalog.relation('evil', 'pg_class')?.columns, ['oid', 'relname']);
      t.deepEqual(catalog.relation('evil', `Größe 🐘 "'`)?.columns, ['id']);
      t.deepEqual(catalog.routinesNamed('f').map(signature), ['function evil.f(integer,integer)']);
      const { rows } = await client.query('show search_path');
      t.deepEqual(rows, [{ search_path: 'evil, pg_catalog' }]);
    } finally {
      await client.end();
    }
  });
});

test('a service role whose sessions begin as another role is refused: SET ROLE NONE would undo that', async (t) => {
  await onEachVersion(async (server) => {
    await server.query('create role narrow');
    await server.query('create database narrowed');
    await server.query('alter database narrowed set role = narrow');
    await t.throwsAsync(load(server, 'narrowed'), {
      message: /^sessions of postgres begin as narrow, by a setting of role: take it away/,
    });
    await server.query('alter database narrowed reset role');
    await t.notThrowsAsync(load(server, 'narrowed'));
  });
});
