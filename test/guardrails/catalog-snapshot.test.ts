import test from 'ava';
import type { RelationRow, RoutineRow } from '../../guardrails/catalog-rows.ts';
import { buildCatalog, emptyCatalog } from '../../guardrails/catalog-snapshot.ts';

const table = (oid: number, name: string): RelationRow => ({
  oid,
  schema: 'public',
  name,
  kind: 'r',
  columns: ['id'],
});
const routine = (oid: number, schema: string, name: string): RoutineRow => ({
  oid,
  schema,
  name,
  args: '',
  kind: 'f',
  language: 'sql',
  securityDefiner: false,
  extension: null,
});

test('an empty database', (t) => {
  t.is(emptyCatalog.relation('public', 'a'), undefined);
  t.deepEqual(emptyCatalog.relationsNamed('a'), []);
  t.deepEqual(emptyCatalog.routinesNamed('f'), []);
  t.deepEqual(emptyCatalog.operatorRoutines('='), []);
  t.is(emptyCatalog.typeRoutines('t'), null);
  t.false(emptyCatalog.typeExists(null, 't'));
  t.false(emptyCatalog.schemaExists('public'));
});

test('names that are properties of every object are only names', (t) => {
  const catalog = buildCatalog({ relations: [table(20000, '__proto__'), table(20001, 'constructor')] });
  t.is(catalog.relation('public', '__proto__')?.oid, 20000);
  t.is(catalog.relation('public', 'constructor')?.oid, 20001);
  t.is(catalog.relation('public', 'toString'), undefined);
  t.is(catalog.relation('constructor', 'constructor'), undefined);
  t.deepEqual(catalog.operatorRoutines('constructor'), []);
});

test('a function is built in by its OID and its schema; harmless ones are not worth telling', (t) => {
  const catalog = buildCatalog({
    relations: [table(20000, 'a')],
    routines: [
      routine(100, 'pg_catalog', 'lower'),
      routine(101, 'pg_catalog', 'pg_sleep'),
      routine(102, 'pg_catalog', 'never_reviewed'),
      routine(103, 'pg_catalog', 'nextval'),
      routine(20001, 'pg_catalog', 'lower'),
    ],
    implicitCalls: [100, 101, 102, 103, 20001, 20001].map((oid) => ({
      relation: 20000,
      routine: oid,
      reads: oid === 101,
    })),
  });
  const calls = catalog.relation('public', 'a')?.implicitCalls ?? [];
  t.deepEqual(
    calls.map(({ oid, builtin }) => [oid, builtin]),
    [
      [101, true],
      [102, true],
      [20001, false],
    ],
  );
  t.deepEqual(
    catalog.relation('public', 'a')?.readCalls.map(({ oid }) => oid),
    [101],
  );
  t.deepEqual(
    catalog.routinesNamed('lower').map(({ oid }) => oid),
    [20001],
  );
});

test('types that contain each other come to an end', (t) => {
  const catalog = buildCatalog({
    relations: [table(20000, 'a')],
    routines: [routine(20010, 'public', 'check_it')],
    types: [
      { oid: 20001, schema: 'public', name: 'd' },
      { oid: 20002, schema: 'public', name: '_a' },
    ],
    typeParts: [
      { type: 20001, part: 20002 },
      { type: 20002, part: -20000 },
    ],
    columnTypes: [{ relation: 20000, type: 20001, columns: ['id'] }],
    typeCalls: [{ type: 20001, routine: 20010 }],
  });
  for (const name of ['a', '_a', 'd']) {
    t.deepEqual(
      catalog.typeRoutines(name)?.map((f) => f.name),
      ['check_it'],
      name,
    );
  }
});

test('effects on relations that are not there lead nowhere', (t) => {
  const catalog = buildCatalog({
    relations: [table(20000, 'a')],
    children: [
      { parent: 20000, child: 1 },
      { parent: 2, child: 20000 },
    ],
    foreignKeys: [{ referenced: 20000, relation: 3, keys: ['id'], onDelete: 'c', onUpdate: 'a' }],
  });
  t.deepEqual(catalog.relation('public', 'a')?.children, []);
  t.deepEqual(catalog.relation('public', 'a')?.referencedBy, []);
});

test('rows that make no sense are refused', (t) => {
  t.throws(() => buildCatalog({ session: [] }), { message: /session/ });
  const catalog = buildCatalog({ relations: [{ ...table(1, 'a'), kind: '?' }] });
  t.throws(() => catalog.relation('public', 'a'), { message: /unknown kind/ });
});
