/** What is many is decided, or refused with a reason, in time that grows with it and not with its powers. */
import test from 'ava';
import { buildCatalog } from '../../guardrails/catalog-snapshot.ts';
import { verdictOn } from './deciding.ts';

const DEPTH = 60;

/** app.f0 to app.f59: each writes a log of its own, and calls the one before it twice. */
const routines = Array.from({ length: DEPTH }, (_, depth) => ({
  oid: 20_000 + depth,
  schema: 'app',
  name: `f${depth}`,
  args: '',
  kind: 'f',
  language: 'sql',
  securityDefiner: false,
  extension: null,
}));
const bodies = routines.map(({ oid, name }, depth) => ({
  routine: oid,
  definition: `CREATE FUNCTION app.${name}() RETURNS void LANGUAGE sql AS $function$
    insert into app.log${depth} values (1);${` select app.f${depth - 1}();`.repeat(depth === 0 ? 0 : 2)} $function$`,
  config: [],
  policiesOfOwner: false,
}));
const relation = (oid: number, schema: string, name: string) => ({
  oid,
  schema,
  name,
  kind: 'r',
  columns: ['id'],
});
const catalog = buildCatalog({
  schemas: [
    { name: 'public', oid: 2200 },
    { name: 'app', oid: 2201 },
  ],
  relations: [
    relation(30_000, 'public', 't'),
    ...routines.map((_, depth) => relation(30_001 + depth, 'app', `log${depth}`)),
  ],
  routines,
  bodies,
  implicitCalls: [{ relation: 30_000, routine: 20_000 + DEPTH - 1, reads: false }],
});

test('functions that call each other by two ways', (t) => {
  const sql = 'insert into t values (1)';
  const effect = (...grant: string[]) => verdictOn(sql, ['insert:public.t', ...grant], { catalog }).effect;
  t.is(effect('insert:app.*'), 'allow');
  t.is(effect('execute:app.*'), 'allow');
  t.is(effect(`execute:app.f${DEPTH - 1}`), 'allow');
  t.is(effect(`execute:app.f${DEPTH - 2}`), 'deny');
  t.is(effect(`execute:app.f${DEPTH - 2}`, `insert:app.log${DEPTH - 1}`), 'allow');
  t.is(effect('execute:app.f0'), 'deny');
  t.is(effect('select:app.*'), 'deny');
});

const repeated = (times: number, sql: (number: number) => string): string =>
  Array.from({ length: times }, (_, number) => sql(number)).join(';');

test('a text that makes thousands of objects', (t) => {
  for (const [sql, grant] of [
    [(n: number) => `create view v${n} as select 1 as x`, 'create:public.*'],
    [(n: number) => `create schema s${n}`, 'create:s*.*'],
  ] as const) {
    t.is(verdictOn(repeated(3000, sql), [grant], { catalog }).effect, 'allow');
    const { effect, error } = verdictOn(repeated(6000, sql), [grant], { catalog });
    t.is(effect, 'deny', sql(0));
    t.is(error?.message, 'refused under any grant: a text of so many changes');
  }
});
