/**
 * A second opinion: pgsql-ast-parser is another implementation of the grammar. On what both read, they must agree on the
 * relations and on what is done to them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { astVisitor, type Name, parse, type QName } from 'pgsql-ast-parser';
import { extract } from '../../guardrails/extract.ts';
import { attackClasses, benignClasses, type Step } from '../corpus/case-format.ts';
import { NEEDS } from './needs-table.ts';

const CAPTURED = join(import.meta.dirname, '../clients/captured');
const CORPUS = join(import.meta.dirname, '../corpus');

/** `action schema.relation` of each relation, WITH queries left out; null if the other parser does not read the text. */
function secondOpinion(
  sql: string,
): { readonly uses: ReadonlySet<string>; readonly queries: ReadonlySet<string> } | null {
  const uses = new Set<string>();
  const queries = new Set<string>();
  const use = (action: string, { schema, name }: QName) => uses.add(`${action} ${schema ?? ''}.${name}`);
  const bind = ({ name }: Name) => queries.add(`.${name}`);
  const visitor = astVisitor((walk) => ({
    tableRef: (ref) => use('select', ref),
    insert: (node) => {
      use('insert', node.into);
      walk.super().insert(node);
    },
    update: (node) => {
      use('update', node.table);
      walk.super().update(node);
    },
    delete: (node) => {
      use('delete', node.from);
      walk.super().delete(node);
    },
    with: (node) => {
      for (const { alias } of node.bind) bind(alias);
      walk.super().with(node);
    },
    withRecursive: (node) => {
      bind(node.alias);
      walk.super().withRecursive(node);
    },
  }));
  try {
    for (const statement of parse(sql)) {
      if (!READ.has(statement.type)) return null;
      visitor.statement(statement);
    }
    return { uses, queries };
  } catch {
    return null;
  }
}

/** Statements that both describe in full. */
const READ = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'with',
  'with recursive',
  'union',
  'union all',
  'values',
]);

function ours(sql: string): ReadonlySet<string> {
  const { statements } = extract(sql);
  const relations = statements.flatMap(({ needs }) => needs).filter((need) => need.kind === 'relation');
  return new Set(relations.map(({ action, schema, name }) => `${action} ${schema ?? ''}.${name}`));
}

const relationOf = (use: string): string => use.slice(use.indexOf(' ') + 1);

/** What the other parser gets wrong: doubled quotes, names of more than 63 bytes, expressions of DISTINCT ON. */
const ITS_FAULTS = /""|\w{64}|\bdistinct on\b/i;

/** What one names and the other does not; null if there is nothing to compare. */
function difference(sql: string): readonly string[] | null {
  const second = ITS_FAULTS.test(sql) ? null : secondOpinion(sql);
  if (second === null || extract(sql).error !== null) return null;
  const first = ours(sql);
  const targets = new Set([...second.uses].filter((use) => !use.startsWith('select')).map(relationOf));
  const bound = (use: string) => second.queries.has(relationOf(use));
  const missed = [...second.uses].filter((use) => !first.has(use) && !bound(use));
  const added = [...first].filter((use) => !second.uses.has(use) && !bound(use) && !EXTRA(use, targets));
  return [...missed.map((use) => `missed ${use}`), ...added.map((use) => `added ${use}`)];
}

/** Needs that follow from a write or a clause and are not written as one: reads of a target, FOR UPDATE, sequences. */
const EXTRA = (use: string, targets: ReadonlySet<string>): boolean =>
  use.startsWith('update ') || (use.startsWith('select ') && targets.has(relationOf(use)));

test('on what real clients send', (t) => {
  let compared = 0;
  for (const file of readdirSync(CAPTURED))
    for (const line of readFileSync(join(CAPTURED, file), 'utf8').trim().split('\n')) {
      const { sql } = JSON.parse(line) as { sql: string };
      const different = difference(sql);
      if (different !== null) compared++;
      t.deepEqual(different ?? [], [], sql);
    }
  t.true(compared > 100, `${compared} texts were compared`);
});

test('on the table of needs', (t) => {
  let compared = 0;
  for (const [sql] of NEEDS) {
    const different = difference(sql);
    if (different !== null) compared++;
    t.deepEqual(different ?? [], [], sql);
  }
  t.true(compared > 30, `${compared} texts were compared`);
});

/** The texts of a step of the corpus. */
function textsOf(step: Step): readonly string[] {
  if ('query' in step) return [step.query];
  if ('extended' in step) return [step.extended];
  if ('pipeline' in step)
    return step.pipeline.map((each) => (typeof each === 'string' ? each : each.extended));
  return [];
}

test('on the corpus', (t) => {
  const attacks = attackClasses(join(CORPUS, 'attacks')).flatMap(({ cases }) =>
    cases.flatMap(({ attack }) => attack),
  );
  const benign = benignClasses(join(CORPUS, 'benign')).flatMap(({ cases }) =>
    cases.flatMap(({ steps }) => steps),
  );
  let compared = 0;
  for (const sql of new Set([...attacks, ...benign].flatMap(textsOf))) {
    const different = difference(sql);
    if (different !== null) compared++;
    t.deepEqual(different ?? [], [], sql);
  }
  t.true(compared > 300, `${compared} texts were compared`);
});

const name = fc.constantFrom('a', 'b', 'c', 'app.a', 'app.b', '"T"');
/** The other parser gives up on deeper ones. */
const DEPTH = { maxDepth: 3, depthSize: 'small', depthIdentifier: fc.createDepthIdentifier() } as const;

const { query } = fc.letrec<{ query: string; item: string; condition: string }>((tie) => ({
  item: fc.oneof(
    DEPTH,
    name,
    name.map((each) => `${each} as x`),
    fc
      .tuple(tie('item'), name, tie('condition'))
      .map(([left, right, on]) => `${left} left join ${right} on ${on}`),
    tie('query').map((each) => `(${each}) as s`),
  ),
  condition: fc.oneof(
    DEPTH,
    fc.constant('true'),
    tie('query').map((each) => `exists (${each})`),
    tie('query').map((each) => `1 in (${each})`),
    fc.tuple(tie('condition'), tie('condition')).map(([one, two]) => `(${one} or not ${two})`),
  ),
  query: fc.oneof(
    DEPTH,
    name.map((each) => `select 1 from ${each}`),
    fc
      .tuple(tie('item'), tie('item'), tie('condition'))
      .map(([one, two, where]) => `select 1 from ${one}, ${two} where ${where}`),
    fc
      .tuple(tie('query'), tie('query'))
      .map(([one, two]) => `select (${one}), case when true then (${two}) end`),
    fc.tuple(tie('query'), tie('query')).map(([one, two]) => `(${one}) union all (${two})`),
  ),
}));

test('on queries nested at random', (t) => {
  let compared = 0;
  const text = fc.oneof(
    query,
    fc.tuple(name, query).map(([target, each]) => `insert into ${target} ${each}`),
    fc.tuple(name, query).map(([target, each]) => `delete from ${target} where exists (${each})`),
    fc.tuple(name, query).map(([target, each]) => `update ${target} set x = (${each})`),
    fc.tuple(query, query).map(([one, two]) => `with q as (${one}) select * from q where exists (${two})`),
  );
  fc.assert(
    fc.property(text, (sql) => {
      const different = difference(sql);
      if (different !== null) compared++;
      t.deepEqual(different ?? [], [], sql);
    }),
    { numRuns: 300 },
  );
  t.true(compared > 200, `${compared} texts were compared`);
});
