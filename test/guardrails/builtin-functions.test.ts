import test from 'ava';
import {
  appliesCastsTo,
  builtinLists,
  classifyBuiltin,
  classNeeds,
  judgedByArgument,
} from '../../guardrails/builtin-functions.ts';
import { column, onEachVersion, repeated } from './servers.ts';

const OURS = `pronamespace::regnamespace::text in ('pg_catalog', 'information_schema') and oid < 16384`;

test('every built-in function of the live catalogs is classified, soundly', async (t) => {
  await onEachVersion(async (server, version) => {
    const names = await column(server, `select distinct proname from pg_proc where ${OURS}`);
    t.true(names.length > 2600);
    const unknown = names.filter((name) => classifyBuiltin(name) === undefined);
    t.deepEqual(unknown, [], `unclassified on ${version}`);

    const withheld = await column(
      server,
      `select distinct proname from pg_proc where ${OURS} and not has_function_privilege('public', oid, 'execute')`,
    );
    const freed = withheld.filter((name) => classifyBuiltin(name) === 'harmless');
    t.deepEqual(freed, [], `harmless here, but withheld from PUBLIC by ${version} itself`);

    const callable = await column(
      server,
      `select distinct proname from pg_proc where ${OURS} and not 'internal'::regtype = any(proargtypes)
       and prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype) and prorettype::regtype::text !~ '_handler$'
       and proname !~ '_validator$'`,
    );
    const hidden = callable.filter((name) => classifyBuiltin(name) === 'internal');
    t.deepEqual(hidden, [], `called internal, but SQL can call it on ${version}`);
  });
});

test('no function stands on two lists', (t) => {
  t.deepEqual(repeated(builtinLists()), []);
});

test('a name nobody has reviewed has no class', (t) => {
  t.is(classifyBuiltin('pg_read_anything'), undefined);
  t.is(classifyBuiltin('constructor'), undefined);
  t.is(classifyBuiltin('LOWER'), undefined, 'names are as stored');
});

const CLASSES = {
  harmless: [
    'lower',
    'count',
    'now',
    'generate_series',
    'pg_get_viewdef',
    'format_type',
    'currval',
    'timezone',
  ],
  'runs-sql': ['query_to_xml', 'table_to_xml', 'ts_stat', 'domain_in', 'pg_input_is_valid'],
  'reads-other-data': ['pg_stat_get_activity', 'currtid2', 'pg_stat_get_wal_receiver'],
  files: ['pg_read_file', 'pg_ls_dir', 'lo_import', 'pg_hba_file_rules'],
  'large-object': ['lo_get', 'loread', 'lo_from_bytea'],
  session: ['set_config', 'pg_export_snapshot'],
  server: ['pg_reload_conf', 'pg_create_logical_replication_slot', 'pg_stat_reset', 'pg_promote'],
  signals: ['pg_terminate_backend', 'pg_cancel_backend'],
  sleeps: ['pg_sleep', 'pg_sleep_for', 'pg_sleep_until'],
  locks: ['pg_advisory_lock', 'pg_try_advisory_xact_lock'],
  sequence: ['nextval', 'setval'],
  notify: ['pg_notify'],
  export: ['pg_logical_slot_peek_changes'],
  internal: ['RI_FKey_cascade_del', 'plpgsql_inline_handler', 'array_agg_transfn'],
} as const;

for (const [kind, names] of Object.entries(CLASSES)) {
  test(`${kind}: ${names.join(', ')}`, (t) => {
    for (const name of names) t.is(classifyBuiltin(name), kind as keyof typeof CLASSES);
  });
}

test('only harmless functions are free; what reaches beyond data needs more than execute', (t) => {
  for (const [kind, needs] of Object.entries(classNeeds)) {
    t.is(needs.length === 0, kind === 'harmless', kind);
  }
  for (const kind of ['files', 'runs-sql', 'server', 'signals', 'internal', 'export', 'session'] as const) {
    t.true(classNeeds[kind].includes('admin'), kind);
  }
});

test('the finer rules name functions that have a class', (t) => {
  for (const name of judgedByArgument.keys()) t.not(classifyBuiltin(name), undefined, name);
  for (const name of appliesCastsTo.keys()) t.is(classifyBuiltin(name), 'harmless', name);
});
