/** `decide` against a plain reference, on random scopes and statements of which what they need is known beforehand. */
import test from 'ava';
import fc from 'fast-check';
import { buildCatalog } from '../../guardrails/catalog-snapshot.ts';
import { decide } from '../../guardrails/decide.ts';
import { extract } from '../../guardrails/extract.ts';
import { INITIAL_NAMES } from '../../guardrails/names.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS, type Scope } from '../../guardrails/types.ts';
import { type ReferenceNeed, referenceAllows } from './reference-decide.ts';

const RUNS = Number(process.env.ORACLE_RUNS ?? 2_000);

const SCHEMAS = ['a', 'ab', 'b'];
const RELATIONS = ['t', 'tt', 'tu', 'ut'];
const COLUMNS = ['c', 'd', 'e'];

const CATALOG = buildCatalog({
  session: [{ origin: '', serverVersion: 180000, user: 'u', searchPath: ['a'], searchPathSetting: 'a' }],
  schemas: SCHEMAS.map((name, s) => ({ name, oid: 19_000 + s })),
  relations: SCHEMAS.flatMap((schema, s) =>
    RELATIONS.map((name, r) => ({ oid: 20_000 + s * 10 + r, schema, name, kind: 'r', columns: COLUMNS })),
  ),
});

const column = fc.constantFrom(...COLUMNS);
const columns = fc.uniqueArray(column, { minLength: 1 });
const table = fc.record({ schema: fc.constantFrom(...SCHEMAS), name: fc.constantFrom(...RELATIONS) });

/** A statement, and what it needs. */
const statement = fc.oneof(
  fc.record({ table, columns }).map(({ table, columns }) => ({
    sql: `select ${columns.join(', ')} from ${table.schema}.${table.name}`,
    needs: [{ action: 'select', ...table, columns }] as readonly ReferenceNeed[],
  })),
  table.map((table) => ({
    sql: `select * from ${table.schema}.${table.name}`,
    needs: [{ action: 'select', ...table, columns: null }] as readonly ReferenceNeed[],
  })),
  fc.record({ table, columns }).map(({ table, columns }) => ({
    sql: `insert into ${table.schema}.${table.name} (${columns.join(', ')}) values (${columns.map(() => '1').join(', ')})`,
    needs: [{ action: 'insert', ...table, columns }] as readonly ReferenceNeed[],
  })),
  fc.record({ table, columns, read: column }).map(({ table, columns, read }) => ({
    sql: `update ${table.schema}.${table.name} set ${columns.map((each) => `${each} = 1`).join(', ')} where ${read} = 1`,
    needs: [
      { action: 'update', ...table, columns },
      { action: 'select', ...table, columns: [read] },
    ] as readonly ReferenceNeed[],
  })),
  fc.record({ table, read: column }).map(({ table, read }) => ({
    sql: `delete from ${table.schema}.${table.name} where ${read} = 1`,
    needs: [
      { action: 'delete', ...table, columns: null },
      { action: 'select', ...table, columns: [read] },
    ] as readonly ReferenceNeed[],
  })),
);

const part = (names: readonly string[]) => fc.constantFrom(...names, '*', 't*', '*t', 'a*', '*b');
const inner = fc.option(columns, { nil: null });
const pattern = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('*', '*.*') },
  {
    weight: 8,
    arbitrary: fc
      .record({ excludes: fc.boolean(), schema: part(SCHEMAS), name: part(RELATIONS), inner })
      .map(
        ({ excludes, schema, name, inner }) =>
          `${excludes ? '!' : ''}${schema}.${name}${inner === null ? '' : `(${inner.join(',')})`}`,
      ),
  },
);
const scope: fc.Arbitrary<Scope> = fc.array(
  fc.record({
    actions: fc.subarray(['select', 'insert', 'update', 'delete'] as const, { minLength: 1 }),
    on: fc.array(pattern, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);

function allows(sql: string, lines: Scope): boolean {
  const { verdict } = decide({
    facts: extract(sql),
    scope: new CompiledScope(lines, ACTIONS),
    outOfScope: 'deny',
    catalog: CATALOG,
    names: INITIAL_NAMES,
    prepared: () => undefined,
    redactedText: sql,
  });
  return verdict.effect === 'allow';
}

test('a statement is allowed exactly where a plain reading of the scope allows all that it needs', (t) => {
  const seen = { allowed: 0, refused: 0 };
  const agree = (lines: Scope, statements: readonly { sql: string; needs: readonly ReferenceNeed[] }[]) => {
    const sql = statements.map((each) => each.sql).join('; ');
    const expected = statements.every(({ needs }) => needs.every((need) => referenceAllows(lines, need)));
    seen[expected ? 'allowed' : 'refused']++;
    t.is(allows(sql, lines), expected, `${sql} under ${JSON.stringify(lines)}`);
  };
  const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(scope, statements, agree), {
    numRuns: RUNS,
    seed: Number(process.env.ORACLE_SEED ?? 1),
  });
  t.true(seen.allowed > RUNS / 50 && seen.refused > RUNS / 50, JSON.stringify(seen));
});
