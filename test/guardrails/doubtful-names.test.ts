/** Names in databases of other encodings, which cut and fold them in their own way. */
import test from 'ava';
import { noCatalogRows } from '../../guardrails/catalog-rows.ts';
import { buildCatalog } from '../../guardrails/catalog-snapshot.ts';
import { certainPaths, isDoubtful } from '../../guardrails/doubtful-names.ts';
import { verdictOn } from './deciding.ts';

const NAMES = ['plain', 'größe', 'é'.repeat(31), 'É'];

const catalogIn = (encoding: string) =>
  buildCatalog({
    session: [{ ...noCatalogRows.session[0]!, encoding }],
    schemas: [{ name: 'public', oid: 2200 }],
    relations: NAMES.map((name, at) => ({
      oid: 20_000 + at,
      schema: 'public',
      name,
      kind: 'r',
      columns: ['id', 'höhe'],
    })),
  });

/** Of a name that a database in LATIN1 has 40 letters of, our parser leaves 31. */
const HIDING = `with "${'é'.repeat(31)}" as (select 1) select * from ${'é'.repeat(40)}`;

/** Statement, and whether a database in another encoding may read it otherwise. */
const STATEMENTS: readonly (readonly [sql: string, otherwise: boolean])[] = [
  [HIDING, true],
  ['with "É" as (select 1) select * from É', true],
  ['with U&"\\00c9" as (select 1) select * from plain', true],
  ['select id from plain order by É', true],
  ["select nextval('É')", true],
  ['set search_path = É', true],
  ['select * from größe', false],
  ['select höhe as "Höhe in Metern über dem Meeresspiegel" from plain', false],
  [`select id from plain where höhe in ('É', '${'é'.repeat(40)}')`, false],
];

test('a name that another encoding may read otherwise is refused there, and nowhere else', (t) => {
  const scope = ['select,update:public.*'];
  for (const [sql, otherwise] of STATEMENTS) {
    t.is(verdictOn(sql, scope, { catalog: catalogIn('UTF8') }).effect, 'allow', sql);
    const { effect, error } = verdictOn(sql, scope, { catalog: catalogIn('LATIN1') });
    t.is(effect, otherwise ? 'deny' : 'allow', sql);
    if (otherwise) t.regex(error?.detail ?? '', /in LATIN1 may read/);
  }
});

test('letters beyond ASCII count as the widest encoding has them', (t) => {
  t.false(isDoubtful('x'.repeat(63)));
  t.false(isDoubtful('größe'));
  t.true(isDoubtful('日'.repeat(15)));
  t.true(isDoubtful('ÜBER'));
});

test('a search_path of such names may be any', (t) => {
  t.is(certainPaths([['public', 'É']]), null);
  t.deepEqual(certainPaths([['public', 'é']]), [['public', 'é']]);
});
