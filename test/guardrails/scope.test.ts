/** Patterns: what they name, and that exclusion wins. */
import test from 'ava';
import { CompiledScope, quoted } from '../../guardrails/scope.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import { scopeOf, verdictOn } from './deciding.ts';

const scope = (...lines: string[]) => new CompiledScope(scopeOf(lines), ACTIONS);
const whole = (schema: string, name: string) => ({ schema, name, all: true });

const MATCHES: readonly (readonly [pattern: string, schema: string, name: string, covered: boolean])[] = [
  ['public.orders', 'public', 'orders', true],
  ['public.orders', 'public', 'orders2', false],
  ['public.orders', 'public2', 'orders', false],
  ['PUBLIC.Orders', 'public', 'orders', true],
  ['public.Orders', 'public', 'Orders', false],
  ['public."Orders"', 'public', 'Orders', true],
  ['public."Orders"', 'public', 'orders', false],
  ['public."a.b""c"', 'public', 'a.b"c', true],
  ['public."*"', 'public', 'orders', false],
  ['public."*"', 'public', '*', true],
  ['public.*', 'public', 'or.ders', true],
  ['public.*', 'app', 'orders', false],
  ['public.ord*', 'public', 'orders', true],
  ['public.*_log', 'public', 'orders', false],
  ['public.ord.*', 'public', 'orders', false],
  ['public.o.ders', 'public', 'orders', false],
  ['*.orders', 'app', 'orders', true],
  ['*', 'app', 'orders', true],
  ['*.*', 'app', 'orders', true],
  ['orders', 'public', 'orders', false],
  ['public.orders(id)', 'public', 'orders', false],
  ['', 'public', 'orders', false],
  ['!', 'public', 'orders', false],
  ['public', 'public', 'orders', false],
  ['public.', 'public', 'orders', false],
];

for (const [pattern, schema, name, covered] of MATCHES)
  test(`${pattern} ${covered ? 'is' : 'is not'} ${schema}.${name}`, (t) => {
    t.is(scope(`select:${pattern}`).covers('select', whole(schema, name)).covered, covered);
    t.false(scope(`select:${pattern}`).covers('delete', whole(schema, name)).covered);
    if (covered)
      t.false(scope('select:*', `select:!${pattern}`).covers('select', whole(schema, name)).covered);
  });

test('an exclusion wins over every line, whatever their order', (t) => {
  for (const lines of [
    ['select:public.*', 'select:!public.payments'],
    ['select:!public.payments', 'select:public.*', 'select:public.payments'],
  ]) {
    t.false(scope(...lines).covers('select', whole('public', 'payments')).covered);
    t.true(scope(...lines).covers('select', whole('public', 'orders')).covered);
  }
});

test('an exclusion for one action leaves the others', (t) => {
  const some = scope('select,delete:public.*', 'delete:!public.payments');
  t.true(some.covers('select', whole('public', 'payments')).covered);
  t.false(some.covers('delete', whole('public', 'payments')).covered);
});

test('columns are split outside of quotes', (t) => {
  const columns = (...names: string[]) => ({ schema: 'public', name: 't', columns: names });
  const named = scope('select:public.t(id, "last, first", "a)b", "say ""x, y""")');
  for (const name of ['id', 'last, first', 'a)b', 'say "x, y"'])
    t.true(named.covers('select', columns(name)).covered, name);
  for (const name of ['last', 'first', 'y']) t.false(named.covers('select', columns(name)).covered, name);
  const excluded = scope('select:public.*', 'select:!public.t("last, first")');
  t.false(excluded.covers('select', columns('last, first')).covered);
  t.true(excluded.covers('select', columns('last', 'first')).covered);
});

test('overloads are told apart by their argument types', (t) => {
  const some = scope('execute:public.calc(integer)', 'execute:app.calc', 'execute:!app.calc(text, integer)');
  const covers = (schema: string, args: string) =>
    some.covers('execute', { schema, name: 'calc', args }).covered;
  t.true(covers('public', 'integer'));
  t.false(covers('public', 'integer,integer'));
  t.false(covers('public', ''));
  t.true(covers('app', 'text'));
  t.false(covers('app', 'text,integer'));
});

test('only a pattern without exclusions is everything', (t) => {
  t.true(scope('*:*').open);
  t.true(scope('*:*.*').open);
  t.false(scope('*:*', 'select:!public.payments').open);
  t.false(scope('*:public.*').open);
  t.false(scope('*:*(id)').everything('select'));
  t.false(scope('*:*.*(id)').everything('select'));
});

test('plain words are matched whole', (t) => {
  const some = scope('admin:setting app.*', 'admin:role', 'execute:channel jobs');
  t.true(some.coversPlain('admin', 'setting app.tenant'));
  t.false(some.coversPlain('admin', 'setting work_mem'));
  t.true(some.coversPlain('admin', 'role'));
  t.false(some.coversPlain('admin', 'roles'));
  t.true(some.coversPlain('execute', 'channel jobs'));
  t.false(scope('admin:public.*').coversPlain('admin', 'public.x'));
  t.is(verdictOn('listen "a*b"', ['execute:channel "a*b"']).effect, 'allow');
  t.is(
    verdictOn('listen "axb"', ['execute:channel "a*b"']).effect,
    'deny',
    'what is in quotes is no wildcard',
  );
  t.is(verdictOn('listen "a*b"', ['execute:channel a*']).effect, 'deny');
  t.is(verdictOn('listen ab', ['execute:channel a*']).effect, 'allow');
});

test('a line that is followed names nothing by itself', (t) => {
  const on = ['public.shown', 'pg_catalog.pg_stats'];
  const plain = new CompiledScope([{ actions: ['select'], on }], ACTIONS);
  const followed = new CompiledScope([{ actions: ['select'], on, followed: true }], ACTIONS);
  t.like(plain.covers('select', whole('public', 'shown')), { covered: true, named: true });
  t.like(followed.covers('select', whole('public', 'shown')), { covered: true, named: false });
  t.true(plain.coversBySchema('select', whole('pg_catalog', 'pg_stats')));
  t.true(followed.coversBySchema('select', whole('pg_catalog', 'pg_stats')), 'the schema is still named');
});

test('where something is excluded, what would go round it has to be given by name', (t) => {
  const lines = ['*:*', 'select:!hr.*'];
  const opaque = [
    'do $$ begin perform count(*) from hr.salaries; end $$',
    "create function public.f() returns int language plpgsql as 'begin return (select 1 from hr.salaries); end'",
    "select query_to_xml('select * from hr.salaries', true, true, '')",
    "copy public.orders to program 'cat'",
    "select pg_read_file('base/1/2')",
  ];
  for (const sql of opaque) {
    t.is(verdictOn(sql, ['*:*']).effect, 'allow', sql);
    t.is(verdictOn(sql, lines).effect, 'deny', sql);
  }
  t.is(verdictOn(opaque[0]!, [...lines, 'admin:DO']).effect, 'allow', 'somebody has meant it');
  t.is(
    verdictOn(
      'drop table public.orders; create extension citext; create role r; grant select on public.orders to r',
      lines,
    ).effect,
    'allow',
    'the rest stays',
  );
});

test('names are quoted where SQL needs it', (t) => {
  t.is(quoted('orders'), 'orders');
  t.is(quoted('Orders'), '"Orders"');
  t.is(quoted('a"b'), '"a""b"');
  t.is(quoted('größe'), 'größe');
  t.is(quoted('1a'), '"1a"');
});
