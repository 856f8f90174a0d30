/**
 * Statements that try to get from what is granted to what is not by way of the catalog: views, functions, operators,
 * casts, types, triggers, policies, cascades, inheritance, settings, system relations. Decided against the live catalog
 * of each version, under a grant that has `public` to read, and a little of it to write.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { decide } from '../../guardrails/decide.ts';
import { extract } from '../../guardrails/extract.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS, type Effect, type Scope } from '../../guardrails/types.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { onEachVersion } from './servers.ts';

const SCOPE: Scope = [
  { actions: ['select'], on: ['public.*'] },
  {
    actions: ['insert', 'update', 'delete'],
    on: [
      'public.customers',
      'public.orders',
      'public.payments',
      'public.receipts',
      'public.moods',
      'public.plain',
      'public.ruled',
      'public.ruled_within',
      'public.notifying',
    ],
  },
];

function effectOf(sql: string, catalog: Catalog, scope: Scope = SCOPE): Effect {
  const { verdict } = decide({
    facts: extract(sql),
    scope: new CompiledScope(scope, ACTIONS),
    outOfScope: 'deny',
    catalog,
    names: INITIAL_NAMES,
    prepared: () => undefined,
    redactedText: sql,
  });
  return verdict.effect;
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'));

const DENIED = lines(`
  -- views that a wildcard names
  select * from public.deep
  select * from public.nested
  select * from public.summary
  select * from public.sessions
  select * from public.passwords
  select * from public.files
  select * from public.function_scan
  select * from public.calling
  select * from public.operating
  select * from public.casting
  select * from public.remote
  select * from public.ordered
  select * from public.sleeping
  select * from public.lateral_view
  select * from public.union_view
  select * from public.cte_view
  select 1 from public.customers where exists (table public.nested)

  -- the relation itself, in any clause
  table hidden.secrets
  select (select value from hidden.secrets limit 1)
  select 1 order by (select value from hidden.secrets limit 1)
  select 1 limit (select count(*) from hidden.secrets)
  select count(*) filter (where exists (select from hidden.secrets)) from public.customers
  select from only (hidden.secrets)
  select * from secrets
  with secrets as (select 1) select * from hidden.secrets
  with secrets as (select * from hidden.secrets) select 1
  set search_path = hidden; select * from secrets
  select * from "hidden"."secrets"
  select * from U&"hidd\\0065n".secrets
  insert into public.plain (note) select value from hidden.secrets
  insert into public.plain (note) values ('x') returning (select value from hidden.secrets limit 1)
  insert into public.plain (id) values (1) on conflict (id) do update set note = (select value from hidden.secrets)
  update public.plain set note = value from hidden.secrets
  delete from public.plain using hidden.secrets where note = value
  merge into public.plain p using hidden.secrets s on p.note = s.value when matched then delete
  with gone as (delete from public.events returning *) select * from gone
  copy (select value from hidden.secrets) to stdout
  declare c cursor for select * from hidden.secrets
  prepare p as select * from hidden.secrets
  explain select * from hidden.secrets
  explain analyze delete from public.events
  create table public.copy as select * from public.customers
  select * into public.copy from public.customers
  copy public.customers to stdout
  copy public.customers to '/tmp/customers'
  copy public.plain from program 'id'

  -- inheritance, cascades
  select * from public.animals
  select name from public.animals
  delete from public.payments
  update public.payments set id = 2
  select * from public.events for update
  lock table public.events

  -- code that runs without being named
  insert into public.orders (customer_id) values (1)
  insert into public.customers (name) values ('x')
  update public.customers set name = 'x'
  insert into public.moods (quantity) values (1)
  select * from public.guarded
  select lower(mood) from public.moods
  select to_json(mood) from public.moods
  select jsonb_build_object('m', mood) from public.moods
  select row_to_json(m) from public.moods m
  select row_to_json(m) from public.tones m
  select tone::json from public.tones
  select tone::text from public.tones
  select tone::oid from public.tones
  select cast(tone as pg_catalog.oid) from public.tones
  select to_json(tone) from public.tones
  select jsonb_agg(tone) from public.tones
  select json_object('a': tone) from public.tones
  select json_array(tone) from public.tones
  select json_array(select tone from public.tones)
  select json_arrayagg(tone) from public.tones
  select json_objectagg('k': tone) from public.tones
  select json_scalar(tone) from public.tones
  select json(tone) from public.tones
  select 'a' || tone from public.tones
  select tone operator(pg_catalog.||) 'a' from public.tones
  select quote_literal(tone) from public.tones

  -- rules
  insert into public.ruled values (1, 'x')
  delete from public.ruled
  update public.ruled set note = 'x'
  insert into public.notifying values (1)

  -- user-defined functions, by any name
  select app.plain(1)
  select app.plain(1, 'x')
  select app.powerful()
  select * from app.tenant()
  select * from rows from (app.tenant())
  select app.total(id) from public.customers
  select app.total(id) over (order by id) from public.customers
  call app.proc('x')
  do 'begin perform app.powerful(); end'
  select 'a' operator(app.===) 'b'
  select 1 @@@ 'x'
  select round(1.5::float8, 1)
  select '1'::app.quantity
  select app.quantity '1'
  select cast('{1}' as app.quantities)
  select '{1}'::app.quantity[]
  select '{1}'::app._quantity
  select row('a', 1)::app.line
  select '("a",1)'::app.line
  select '[1,2]'::app.span
  select jsonb_populate_record(null::app.line, '{"quantity": -1}')
  select jsonb_populate_record(null::public.orders, '{"quantity": -1}')
  select * from jsonb_to_record('{"q": 1}') as r(q app.quantity)
  select * from json_to_recordset('[]') as r(q app.quantity)
  set search_path = app, public; select c.slug from public.customers c
  set search_path = app, public; select (c.name).slug from public.customers c
  set search_path = app, public; select plain(1)
  explain select app.slug('x')
  select * from xmltable('/' passing '<a/>' columns a app.quantity path '.')

  -- extensions that run SQL
  select * from contrib.dblink('dbname=attacked', 'select value from hidden.secrets') as d(value text)
  select * from contrib.crosstab('select value, value, value from hidden.secrets') as c(a text, b text)
  set search_path = contrib, public; select dblink_connect('dbname=attacked')

  -- built-in functions
  select query_to_xml('select * from hidden.secrets', true, true, '')
  select table_to_xml('hidden.secrets', true, true, '')
  select database_to_xml(true, true, '')
  select * from ts_stat('select value::tsvector from hidden.secrets')
  select domain_in('-1', 'app.quantity'::regtype::oid, -1)
  select array_in('{1}', 'app.quantity'::regtype::oid, -1)
  select pg_input_is_valid('-1', 'app.quantity')
  select pg_read_file('postgresql.conf')
  select pg_catalog.pg_read_file('postgresql.conf')
  select "pg_read_file"('postgresql.conf')
  select U&"pg_re\\0061d_file"('postgresql.conf')
  select * from pg_ls_dir('.')
  select lo_get(1)
  select loread(lo_open(1, 262144), 100)
  select lo_import('/etc/passwd')
  select pg_sleep(3600)
  select pg_terminate_backend(1)
  select pg_reload_conf()
  select pg_advisory_lock(1)
  select pg_notify('a', 'b')
  select nextval('hidden.s')
  select nextval('public.customers_id_seq')
  select setval('public.customers_id_seq', 1)
  select nextval('public.plain_id_seq_not'::char(19))
  select set_config('role', 'none'::char(3), false)
  select * from pg_stat_get_activity(null)
  select currtid2('hidden.secrets', '(0,1)')
  select pg_export_snapshot()
  select * from pg_logical_slot_peek_changes('s', null, null)
  select no_such_function(1)
  select pg_catalog.no_such_function(1)
  select int4out(1), plpgsql_call_handler()

  -- settings
  set role postgres
  set session authorization postgres
  select set_config('role', 'postgres', false)
  select set_config('ro' || 'le', 'postgres', false)
  select set_config(name, 'postgres', false) from pg_settings where name = 'role'
  select set_config(name, 'postgres', false) from pg_settings where name like 'rol%'
  update pg_settings set setting = 'postgres' where name = 'role'
  set standard_conforming_strings = off
  set backslash_quote = on
  set client_encoding = 'SJIS'
  set names 'LATIN1'
  set session_replication_role = replica
  set app.tenant = 'other'
  set local "app.tenant" = 'other'
  select set_config('app.tenant', 'other', true)
  set local_preload_libraries = 'x'
  set log_statement = 'none'
  set session_preload_libraries = 'x'
  show primary_conninfo
  select current_setting('primary_conninfo')
  alter role postgres set search_path = hidden
  alter system set log_statement = 'none'

  -- system relations
  select * from pg_authid
  table pg_shadow
  select rolpassword from pg_catalog.pg_authid
  select * from pg_stats
  select most_common_vals from pg_stats
  select stavalues1 from pg_statistic
  select query from pg_stat_activity
  select * from pg_largeobject
  select * from pg_hba_file_rules
  select * from pg_user_mapping
  select m from pg_user_mapping m
  select umoptions from pg_user_mappings
  select subconninfo from pg_subscription
  select count(s) from pg_subscription s
  select * from (select * from pg_subscription) s
  select * from pg_subscription natural join pg_database
  select * from information_schema.user_mapping_options
  select * from pg_toast.pg_toast_1255
  select * from pg_temp_3.shadow
  select * from pg_catalog.no_such_relation
  delete from pg_class
  insert into pg_authid default values
`);

const ALLOWED = lines(`
  -- an aggregate of a built-in function
  select * from public.aggregated
  select * from public.windowed

  select id, lower(name), "Odd Name" from customers where name like 'a%' order by 2 limit 10
  select * from public.shown
  select * from public.harmless
  select * from public.events
  select * from public.events_2026
  select * from only public.animals
  select count(*), max(at) over () from events group by at
  select c.*, o.quantity from customers c join orders o on o.customer_id = c.id
  select extract(year from now()), now() at time zone 'utc', substring('abc' from 2 for 1), position('a' in 'b')
  select overlay('abc' placing 'x' from 1), trim(both 'x' from 'xa'), normalize('a'), collation for ('a')
  select coalesce(1, 2), greatest(1, 2), nullif(1, 2), current_date, localtimestamp, current_user, session_user
  select * from generate_series(1, 10) g, unnest(array[1, 2]) u
  select array_agg(distinct name order by name), string_agg(name, ','), percentile_cont(0.5) within group (order by id) from customers
  select '{"a": 1}'::jsonb -> 'a', '{1,2}'::int[], '1 day'::interval, 'x'::varchar(10)
  select * from customers tablesample bernoulli (10)
  select currval('customers_id_seq'), lastval()
  insert into plain (note) values ('x') returning *
  insert into plain (id) values (1) on conflict (id) do update set note = excluded.note
  update plain set note = upper(note) where id = 1
  delete from plain where id = 1
  update payments set amount = 1
  insert into ruled_within values (1, 'x')
  delete from ruled_within
  select tag -> 'a', tag ? 'b', hstore_to_matrix(tag), max(name), replace(name, 'a', 'b') from tags where name = 'x'
  select 'a=>1'::hstore, 'X'::citext from tags
  select contrib.similarity('a', 'b'), contrib.gen_random_bytes(8), 'a' operator(contrib.%) 'b'
  explain select * from customers
  select round(1.5), round(o.id) from orders o
  select count(*) from pg_subscription
  select pg_get_viewdef('public.shown'::regclass), obj_description(1, 'pg_class'), pg_total_relation_size('customers')
  select table_name from information_schema.tables where table_schema = 'public'
  select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where pg_table_is_visible(c.oid)
  select * from pg_roles
  select name, setting from pg_settings
  select * from pg_locks
  select version(), current_setting('server_version_num'), current_schema(), pg_backend_pid(), pg_is_in_recovery()
  select pg_catalog.set_config('search_path', '', false)
  select set_config('timezone', 'UTC', false)
  select set_config(name, 'view, foreign-table', false) from pg_settings where name = 'restrict_nonsystem_relation_kind'
  set standard_conforming_strings = on
  set client_encoding = 'UTF8'
  set names 'UTF8'
  set row_security = off
  set statement_timeout = 0
  set extra_float_digits = 3
  set application_name = 'x'
  set time zone 'UTC'
  reset role
  reset all
  show all
  show server_version
  begin; select 1; commit
`);

test('each way around is closed, and ordinary work goes through', async (t) => {
  await onEachVersion(async (server, version) => {
    const schema = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    await server.query('create database attacked');
    await server.query(schema('../server/catalog-schema.sql'), 'attacked');
    await server.query(schema('catalog-attacks.sql'), 'attacked');
    const client = new pg.Client({ connectionString: server.url('attacked') });
    await client.connect();
    await client.query('create role service; set session authorization service');
    const catalog = await loadCatalog(client, 1).finally(() => client.end());
    t.deepEqual(
      DENIED.filter((sql) => effectOf(sql, catalog) === 'allow'),
      [],
      `let pass on ${version}`,
    );
    t.deepEqual(
      ALLOWED.filter((sql) => effectOf(sql, catalog) !== 'allow'),
      [],
      `refused on ${version}`,
    );
  });
});
