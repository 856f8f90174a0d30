import test from 'ava';
import {
  appliesCastsTo,
  builtinLists,
  builtinReason,
  classifyBuiltin,
  classNeeds,
  judgedByArgument,
} from '../../guardrails/builtin-functions.ts';
import { verdictOn } from './deciding.ts';
import { repeated } from './servers.ts';

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
  'runs-sql': [
    'query_to_xml',
    'table_to_xml',
    'ts_stat',
    'domain_in',
    'pg_input_is_valid',
    'satisfies_hash_partition',
  ],
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

test('the reason tells what the function does', (t) => {
  t.is(builtinReason('query_to_xml'), 'it runs the SQL in its argument');
  t.is(builtinReason('pg_read_file'), 'it reads files of the server');
  t.is(builtinReason('pg_terminate_backend'), 'it cancels or ends what other sessions do');
  t.is(builtinReason('pg_read_anything'), 'nobody has reviewed what it does');
  for (const [kind, names] of builtinLists())
    if (kind !== 'harmless') for (const name of names) t.regex(builtinReason(name), /^it [a-z]/);
});

test('an overload that runs nothing is free', (t) => {
  const effect = (sql: string) => verdictOn(sql, ['select:nowhere.*']).effect;
  t.is(effect("select ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'c'::tsquery)"), 'allow');
  t.is(effect("select ts_rewrite('a'::tsquery, 'select t, s from aliases')"), 'deny');
  t.is(
    effect("select pg_input_is_valid('1', 'integer'), pg_input_is_valid('1', 'double precision')"),
    'allow',
  );
  t.is(effect("select * from pg_input_error_info('1', 'numeric')"), 'allow');
  for (const type of ['app.positive', 'date', 'integer[]', '"integer"'])
    t.is(effect(`select pg_input_is_valid('1', '${type}')`), 'deny', type);
  t.is(effect("select pg_input_is_valid('1', lower('INTEGER'))"), 'deny');
});
