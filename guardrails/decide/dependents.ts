/** DROP ... CASCADE: what goes along must be within the scope, too. */
import type { Catalog, Dependent } from '../catalog.ts';
import { resourceName } from '../scope.ts';
import type { Judge } from './judge.ts';

/** `what`: the object that is dropped, for people. */
export function judgeDependents(judge: Judge, direct: readonly Dependent[], what: string): void {
  const why = `CASCADE drops what depends on ${what}`;
  for (const dependent of closure(direct, judge.catalog)) judgeDependent(judge, dependent, why);
}

/** What depends on something that is not in the catalog, or is there under another name. */
export function judgeUnknownDependents(judge: Judge, what: string): void {
  judge.plain('drop', '*', `CASCADE drops what depends on ${what}, which is not known`);
}

const judgeDependent = (judge: Judge, dependent: Dependent, why: string): void => {
  switch (dependent.of) {
    case 'relation': {
      const { relation, loses } = dependent;
      const { schema, name } = relation;
      if (loses === 'all' || loses === 'column') judge.ask('drop', schema, name, why);
      if (loses !== 'all') judge.ask('alter', schema, name, why);
      if (loses === 'guard')
        judge.plain('admin', 'policy', `${why}: a policy or rule of ${resourceName(schema, name)}`);
      if (loses === 'all') judge.made.push({ schema, name, gone: true });
      return;
    }
    case 'function':
    case 'type':
      judge.ask(dependent.loses === 'all' ? 'drop' : 'alter', dependent.schema, dependent.name, why);
      return;
    case 'other':
      judge.plain('drop', '*', `${why}, which something in ${dependent.catalog} does`);
      return;
    default:
      dependent satisfies never;
  }
};

/** What depends on a part of a relation is taken to depend on all of its columns. */
const closure = (direct: readonly Dependent[], catalog: Catalog): Iterable<Dependent> => {
  const found = new Map<string, Dependent>();
  const add = (dependents: readonly Dependent[]): void => {
    for (const each of dependents) if (!found.has(keyOf(each))) found.set(keyOf(each), each);
  };
  add(direct);
  for (const each of found.values()) add(further(each, catalog)); // a Map grows while we walk it
  return found.values();
};

const further = (dependent: Dependent, catalog: Catalog): readonly Dependent[] => {
  if (dependent.of === 'other') return [];
  if (dependent.of !== 'relation')
    return dependent.loses === 'all'
      ? catalog.dependentsOf(dependent.of, dependent.schema, dependent.name)
      : [];
  const { relation, loses } = dependent;
  if (loses === 'column') return relation.dependents;
  if (loses !== 'all') return [];
  return [
    ...relation.dependents,
    ...relation.children.map((child) => ({ of: 'relation', relation: child, loses: 'all' }) as const),
  ];
};

const keyOf = (dependent: Dependent): string => {
  if (dependent.of === 'other') return `other ${dependent.catalog}`;
  const { loses } = dependent;
  if (dependent.of === 'relation') return `relation ${dependent.relation.oid} ${loses}`;
  return JSON.stringify([dependent.of, dependent.schema, dependent.name, loses]);
};
