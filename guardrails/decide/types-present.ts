/**
 * Which user-defined types the values of a statement may be of. An operator over a type, or a cast from one, can't be meant
 * where there is no value of it: a literal is taken for one only beside another (manual, "Operator Type Resolution").
 */

import { classifyBuiltin, takesRow } from '../builtin-functions.ts';
import type { TypesPresent } from '../catalog.ts';
import type { FactNeed, FunctionNeed, RelationNeed, StatementFacts } from '../facts.ts';
import { relationsMeant, routinesMeant } from '../names.ts';
import type { Judge } from './judge.ts';

/** Worked out when first asked for. */
export function typesPresent(judge: Judge, facts: StatementFacts): () => TypesPresent {
  let known: TypesPresent | undefined;
  return () => {
    if (known === undefined) known = gathered(judge, facts);
    return known;
  };
}

/** null: something in it may give values of any type. */
const gathered = (judge: Judge, { needs, effects }: StatementFacts): TypesPresent => {
  const present = new Set<number>();
  for (const need of needs) {
    const types = typesBy(judge, need, effects.copyIn);
    if (types === null) return null;
    for (const type of types) present.add(type);
  }
  return present;
};

const typesBy = (judge: Judge, need: FactNeed, copiesIn: boolean): Iterable<number> | null => {
  const { catalog } = judge;
  switch (need.kind) {
    case 'relation':
      return typesOf(judge, need, copiesIn ? 'all' : valuesOf(need));
    case 'object':
      return need.what === 'type' ? catalog.typesNamed(need.name) : [];
    case 'type':
      return catalog.typesNamed(need.name);
    case 'function':
      return callsOwn(judge, need) ? null : typesOfRows(judge, need);
    case 'keyword':
      return catalog.serverVersion < need.since && catalog.routinesNamed(need.name).length > 0 ? null : [];
    case 'operator':
      return catalog.operatorMakesTypes(need.name) ? null : [];
    case 'execute':
      return null;
    default:
      return [];
  }
};

/** What is merely written is read by another need, where it is read; but WHERE of COPY FROM reads the new rows. */
const valuesOf = ({ action, all, columns }: RelationNeed): readonly string[] | 'all' => {
  switch (action) {
    case 'select':
    case 'export':
      return all ? 'all' : columns;
    case 'insert':
    case 'update':
    case 'delete':
      return [];
    default:
      return 'all';
  }
};

const typesOf = (
  { catalog, names }: Judge,
  { schema, name }: Pick<RelationNeed, 'schema' | 'name'>,
  columns: readonly string[] | 'all',
): Iterable<number> | null => {
  const meant = relationsMeant(schema, name, catalog, names);
  const types: number[] = [];
  for (const { relation, veil } of meant) {
    if (relation === undefined || veil.length > 0) return null;
    types.push(...catalog.typesOfRelation(relation.oid, columns));
  }
  return meant.length === 0 ? null : types;
};

/** `x.to_json` */
const typesOfRows = (judge: Judge, { name, of }: FunctionNeed): Iterable<number> | null => {
  const types: number[] = [];
  for (const relation of takesRow.has(name) ? of : []) {
    const found = typesOf(judge, relation, 'all');
    if (found === null) return null;
    types.push(...found);
  }
  return types;
};

const callsOwn = ({ catalog, names }: Judge, need: FunctionNeed): boolean =>
  routinesMeant(need, catalog.routinesNamed(need.name), catalog, names).length > 0 ||
  (need.use !== 'attribute' && classifyBuiltin(need.name) === undefined);
