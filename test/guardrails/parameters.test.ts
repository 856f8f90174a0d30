/** Parameters of Bind that decide: what is said at Parse, and what with their values. */
import test from 'ava';
import { ASSUMED_CATALOG } from '../../guardrails/assumed-catalog.ts';
import { decide } from '../../guardrails/decide.ts';
import type { ParameterValues } from '../../guardrails/extract/parameters.ts';
import { extract } from '../../guardrails/extract.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import { scopeOf } from './deciding.ts';

const GRANT = ['select:public.*', 'update:public.orders_id_seq', 'update:public.granted*', 'admin:*'];

const decided = (sql: string, values: ParameterValues, lines: readonly string[] = GRANT) =>
  decide({
    facts: extract(sql, values),
    scope: new CompiledScope(scopeOf(lines), ACTIONS),
    outOfScope: 'deny',
    catalog: ASSUMED_CATALOG,
    names: INITIAL_NAMES,
    prepared: () => undefined,
    redactedText: sql,
  });
const effect = (sql: string, values: ParameterValues): string => decided(sql, values).verdict.effect;
const bound = (...texts: readonly string[]) => new Map(texts.map((text, index) => [index + 1, text]));

/** Statements, values with which they are allowed, and values with which they are denied. */
const CASES: readonly (readonly [sql: string, allowed: readonly string[][], denied: readonly string[][]])[] =
  [
    [
      'select set_config($1, $2, false)',
      [
        ['search_path', 'app'],
        ['statement_timeout', '0'],
        ['WORK_MEM', '1MB'],
        ['app.tenant', '7'],
      ],
      [
        ['role', 'postgres'],
        ['ROLE', 'none'],
        ['session_authorization', 'x'],
        ['standard_conforming_strings', 'off'],
      ],
    ],
    ["select set_config($1::text, 'postgres', true)", [['application_name']], [['role']]],
    ["select pg_catalog.set_config($1::varchar, '', true)", [['application_name']], [['role']]],
    [
      'select nextval($1)',
      [['orders_id_seq'], ['public.orders_id_seq'], ['"orders_id_seq"']],
      [['other_seq'], ['app.orders_id_seq'], ['16384'], [''], ['x y'], ['a.b.c.d']],
    ],
    ['select nextval($1::regclass)', [['public.orders_id_seq']], [['public.other_seq']]],
    ['select nextval($1::text::regclass)', [['public.orders_id_seq']], [['public.other_seq']]],
    ['select setval($1, $2, true)', [['orders_id_seq', '7']], [['other_seq', '7']]],
    ['insert into granted_seq_log values (nextval($1))', [], [['other_seq']]],
  ];
for (const [sql, allowed, denied] of CASES) {
  test(sql, (t) => {
    for (const values of allowed) t.is(effect(sql, bound(...values)), 'allow', values.join());
    for (const values of denied) t.is(effect(sql, bound(...values)), 'deny', values.join());
    t.is(effect(sql, bound()), 'deny', 'a value that is not known is as good as computed');
    t.is(effect(sql, 'unknown'), 'deny');
  });
}

test('at Parse, what hangs on them is left out, and the verdict says so', (t) => {
  const { verdict } = decided('select nextval($2), * from orders where id = $1', 'later');
  t.is(verdict.effect, 'allow');
  t.deepEqual(verdict.effects.deciding, [2]);
  t.is(decided('select nextval($2), * from app.orders where id = $1', 'later').verdict.effect, 'deny');
  t.is(decided('select id from orders where id = $1', 'later').verdict.effects.deciding, undefined);
});

test('search_path by a parameter is known with its value, and any without', (t) => {
  const sql = "select set_config('search_path', $1, false)";
  t.deepEqual(decided(sql, bound('app, "$user"')).changes.paths, [['app', '$user']]);
  t.is(decided(sql, 'unknown').changes.paths, null);
  t.is(decided(sql, bound(`app, ${'x'.repeat(64)}`)).changes.paths, null, 'the server would cut that name');
  t.deepEqual(decided('select set_config($2, $1, false)', bound('app', 'search_path')).changes.paths, [
    ['app'],
  ]);
});

test('the value of another setting does not matter, so it decides nothing', (t) => {
  const sql = "select set_config('statement_timeout', $1, true)";
  t.is(decided(sql, 'later').verdict.effects.deciding, undefined);
  t.is(effect("select set_config('role', $1, true)", bound('none')), 'deny', 'pinned: constants only');
});

test('a parameter whose type is decided elsewhere is as good as computed: its value may become another', (t) => {
  for (const sql of [
    'select set_config($1, $2, false), $1::"char"',
    'select $1::char(4), set_config($1, $2, false)',
    "select set_config('search_path', $1, false) from (select $1::name) x",
    'select nextval($1) where $1 = 1',
    'with q as (select $1::name) select nextval($1::text) from q',
  ]) {
    const value = sql.includes('nextval') ? 'orders_id_seq' : 'application_name';
    for (const values of ['unknown', 'later', bound(value, 'x')] as const) {
      const { verdict } = decided(sql, values);
      t.is(verdict.effects.deciding, undefined, sql);
      t.true(verdict.effect === 'deny' || sql.includes('search_path'), sql);
    }
  }
});

test('what was free before is free with parameters too', (t) => {
  for (const values of ['unknown', 'later', bound('work_mem')] as const) {
    t.is(effect('select current_setting($1, true), $1', values), 'allow');
    t.is(decided('select nextval($1), $1::text', values, ['*:*']).verdict.effect, 'allow');
  }
});

test('a cast that may respell the value leaves it unknown', (t) => {
  for (const type of ['char(4)', '"char"', 'name', 'varchar(4)', 'citext', 'text[]', 'regclass'])
    t.is(effect(`select set_config($1::${type}, 'x', false)`, bound('application_name')), 'deny', type);
  t.is(effect("select set_config('public.role'::regclass::text, 'x', false)", 'unknown'), 'deny');
  t.is(effect("select set_config(lower($1), 'x', false)", bound('application_name')), 'deny');
  t.is(
    effect("select set_config(value => 'x', setting_name => $1, is_local => false)", bound('work_mem')),
    'deny',
  );
});

test("parameters of SQL's PREPARE and of functions are none of Bind's", (t) => {
  for (const sql of [
    "prepare p(text) as select set_config($1, 'x', false)",
    'create function public.f(text) returns text begin atomic select set_config($1, $1, false); end',
  ])
    t.is(decided(sql, bound(), ['*:*', 'select:!a.b']).verdict.effect, 'deny', sql);
  t.is(effect("prepare p(text) as select set_config($1, 'x', false)", 'later'), 'deny');
});

test('a sequence name that the server would cut is not taken for what it seems', (t) => {
  t.is(effect('select nextval($1)', bound(`granted${'x'.repeat(56)}`)), 'allow');
  t.is(effect('select nextval($1)', bound(`granted${'x'.repeat(57)}`)), 'deny');
  t.is(effect(`select nextval('granted${'x'.repeat(57)}')`, 'unknown'), 'deny');
});
