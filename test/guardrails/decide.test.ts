/** The decision as a whole: pure, frozen, all-or-nothing, and never a throw; what cannot be read is refused. */
import test from 'ava';
import fc from 'fast-check';
import { extract } from '../../guardrails/extract.ts';
import { decisionOn, verdictOn } from './deciding.ts';
import { NEEDS } from './needs-table.ts';

const PUBLIC = ['select:public.*'];

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

test('the same question has the same frozen answer', (t) => {
  for (const [sql] of NEEDS) {
    const one = decisionOn(sql, PUBLIC);
    t.deepEqual(one, decisionOn(sql, PUBLIC), sql);
    t.true(isFrozen(one), sql);
    t.is(one.verdict.error === null, one.verdict.effect === 'allow', sql);
  }
});

test('facts survive the way between threads', (t) => {
  for (const [sql] of NEEDS) t.deepEqual(structuredClone(extract(sql)), extract(sql));
});

test('one denied statement denies the text', (t) => {
  for (const [sql, ...needs] of NEEDS)
    if (needs.length > 0) {
      t.is(verdictOn(`select 1; ${sql}; select 2`, ['select:nowhere.*']).effect, 'deny', sql);
      t.is(verdictOn(`begin; ${sql}; commit`, ['select:nowhere.*']).effect, 'deny', sql);
    }
});

test('a syntax error has the position of its character', (t) => {
  const position = (sql: string) => verdictOn(sql, ['*:*']).error?.position;
  t.is(position('select from where'), 13);
  t.is(position("select 'é' from where"), 17);
  t.is(position("select '😀' from where"), 17);
  t.is(verdictOn('selec 1', ['*:*']).error?.sqlstate, '42601');
  t.is(verdictOn('selec 1', ['*:*']).error?.message, 'syntax error at or near "selec"');
});

test('nothing hides behind what ends a text for the parser', (t) => {
  t.is(verdictOn('select 1\0; delete from a', ['*:*']).error?.sqlstate, '22021');
  t.is(verdictOn('select 1 \ud800', ['*:*']).error?.sqlstate, '22021');
  for (const sql of ['/* */', '-- x', ';', ' ', ''])
    t.is(verdictOn(sql, PUBLIC).effect, 'allow', JSON.stringify(sql));
  for (const sql of ['select 1 /*', "select '", 'select $$', 'select "'])
    t.is(verdictOn(sql, ['*:*']).effect, 'deny', sql);
});

test('a denial says what is missing, why, and how to ask for it', (t) => {
  const { error } = verdictOn('delete from orders where id in (select id from app.secrets)', [
    'select:public.*',
  ]);
  t.deepEqual(error, {
    sqlstate: '42501',
    message: 'permission denied by grant: delete on public.orders, select on app.secrets',
    detail:
      'delete on public.orders is missing: the statement names it.\nselect on app.secrets is missing: the statement names it.',
    hint: 'ask for --allow delete:public.orders --allow select:app.secrets',
  });
});

test('what is out of scope can be held for a reviewer; what no grant allows cannot', (t) => {
  const held = verdictOn('delete from orders', PUBLIC, { outOfScope: 'hold' });
  t.is(held.effect, 'hold');
  t.is(held.error?.message, 'statement needs a reviewer: delete on public.orders');
  t.is(verdictOn('set role bob', PUBLIC, { outOfScope: 'hold' }).effect, 'deny');
  t.is(verdictOn('set role bob; delete from orders', PUBLIC, { outOfScope: 'hold' }).effect, 'deny');
  t.is(verdictOn('selec', PUBLIC, { outOfScope: 'hold' }).effect, 'deny');
});

const REFUSED = [
  'set role bob',
  'set local role bob',
  "set role 'None'",
  'set session authorization bob',
  'set session_authorization = bob',
  'set standard_conforming_strings = off',
  'set standard_conforming_strings to 0',
  'set "STANDARD_conforming_strings" = off',
  'set backslash_quote = on',
  'set client_encoding = latin1',
  "set names 'sjis'",
  "select set_config('role', 'bob', false)",
  "select pg_catalog.set_config('RoLe', 'bob', false)",
  "select set_config('role', x, false) from a",
  "select set_config('ro' || 'le', 'bob', false)",
  "select set_config(x, 'bob', false) from a",
  "select set_config(name, 'x', false) from pg_settings where name like 'role'",
  "select set_config(name, 'bob', false) from pg_settings where name = 'role'",
  "select set_config(name, 'bob', false) from pg_settings s where name = 'work_mem'",
  "select set_config(name, 'bob', false) from pg_settings, a where name = 'work_mem'",
  "select set_config(setting, 'bob', false) from pg_settings where name = 'work_mem'",
  "update pg_settings set setting = 'off' where name = 'standard_conforming_strings'",
  "with u as (update pg_catalog.pg_settings set setting = 'off' returning 1) select 1",
  'alter role bob set role = alice',
  'alter database d set standard_conforming_strings = off',
  'alter system set backslash_quote = on',
  "create function f() returns int language sql set role = bob as 'select 1'",
  'alter function f() set standard_conforming_strings = off',
  "prepare p as select set_config('role', 'bob', false)",
  "explain select set_config('role', 'bob', false)",
];

for (const sql of REFUSED)
  test(`${sql} is refused under any grant`, (t) => {
    const { effect, error } = verdictOn(sql, ['*:*']);
    t.is(effect, 'deny');
    t.true(error?.message.startsWith('refused under any grant: '), error?.message);
  });

test('any text is answered, and an empty scope allows no relation', (t) => {
  const word = fc.constantFrom(
    ...'select from where a b.c * ( ) , ; with as delete insert into values returning update set = using join on natural'.split(
      ' ',
    ),
    ...'union order by limit for explain analyze copy to stdout prepare execute create table drop x$1 $$ \' " -- /* */ :: []'.split(
      ' ',
    ),
    '1',
    "'x'",
    '\n',
  );
  const text = fc.oneof(
    fc.array(word).map((words) => words.join(' ')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (sql) => {
      const { effect, error, reasons } = verdictOn(sql, ['select:nowhere.*']);
      t.true(effect === 'allow' ? error === null : error !== null);
      if (effect === 'allow')
        t.true(
          reasons.every(({ resource }) => resource.startsWith('pg_catalog.')),
          sql,
        );
    }),
    { numRuns: 3_000 },
  );
});

test('statements put together need what each of them needs', (t) => {
  const keepsNames = ([sql]: readonly [string, ...string[]]) => {
    const { paths, made } = decisionOn(sql, ['*:*']).changes;
    return paths?.length === 0 && made.length === 0;
  };
  const row = fc.constantFrom(...NEEDS.filter(keepsNames));
  fc.assert(
    fc.property(row, row, ([one, ...first], [two, ...second]) => {
      const needs = [...first, ...second, 'select:nowhere.*'];
      t.is(verdictOn(`${one}; ${two}`, needs).effect, 'allow', `${one}; ${two}`);
    }),
  );
});
