/** An index has a name of its own, and is its table's. */
import type { Relation } from '../catalog.ts';
import { resourceName } from '../scope.ts';
import type { Action } from '../types.ts';
import type { Judge } from './judge.ts';

/** To change an index is to alter its table; whoever may drop that may drop the index. */
export function judgeIndex(judge: Judge, action: Action, index: Relation, { schema, name }: Relation): void {
  const { scope } = judge;
  const allows = (each: Action) =>
    scope.everything(each) || scope.covers(each, { schema, name, all: true }).covered;
  const why = `${resourceName(index.schema, index.name)} is an index of it`;
  judge.note({
    action,
    resource: resourceName(schema, name),
    allowed: allows('alter') || allows(action),
    why,
  });
}
