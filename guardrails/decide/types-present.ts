/**
 * Which user-defined types the values of a statement may be of. An operator over a type, or a cast from one, can't be meant
 * where there is no value of it: a literal is taken for one only beside another (manual, "Operator Type Resolution").
 */

import { classifyBuiltin } from '../builtin-functions.ts';
import type { TypesPresent } from '../catalog.ts';
import type { FactNeed, FunctionNeed } from '../facts.ts';
import { relationsMeant, routinesMeant } from '../names.ts';
import type { Judge } from './judge.ts';

/** Worked out when first asked for. */
export function typesPresent(judge: Judge, needs: readonly FactNeed[]): () => TypesPresent {
  let known: TypesPresent | undefined;
  return () => {
    if (known === undefined) known = gathered(judge, needs);
    return known;
  };
}

/** null: something in it may give values of any type. */
const gathered = (judge: Judge, needs: readonly FactNeed[]): TypesPresent => {
  const present = new Set<number>();
  for (const need of needs) {
    const types = typesBy(judge, need);
    if (types === null) return null;
    for (const type of types) present.add(type);
  }
  return present;
};

const typesBy = (judge: Judge, need: FactNeed): Iterable<number> | null => {
  const { catalog } = judge;
  switch (need.kind) {
    case 'relation':
      return typesOf(judge, need);
    case 'type':
      return catalog.typesNamed(need.name);
    case 'function':
      return callsOwn(judge, need) ? null : [];
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

const typesOf = (
  { catalog, names }: Judge,
  { schema, name }: { readonly schema: string | null; readonly name: string },
): Iterable<number> | null => {
  const meant = relationsMeant(schema, name, catalog, names);
  const types: number[] = [];
  for (const { relation, veil } of meant) {
    if (relation === undefined || veil.length > 0) return null;
    types.push(...catalog.typesOfRelation(relation.oid));
  }
  return meant.length === 0 ? null : types;
};

const callsOwn = ({ catalog, names }: Judge, need: FunctionNeed): boolean =>
  routinesMeant(need, catalog.routinesNamed(need.name), catalog, names).length > 0 ||
  (need.use !== 'attribute' && classifyBuiltin(need.name) === undefined);
