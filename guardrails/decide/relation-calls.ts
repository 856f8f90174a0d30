/** Code that hangs on a relation: checks, defaults, policies, triggers, and what its columns' types are checked by. */
import type { Relation, Routine, Trigger } from '../catalog.ts';
import type { RelationNeed } from '../facts.ts';
import { quoted, resourceName } from '../scope.ts';
import { judgeBody, judgeImplicit, type Occasion } from './implicit.ts';
import type { Judge } from './judge.ts';

export function judgeImplicitCalls(judge: Judge, relation: Relation): void {
  for (const routine of relation.implicitCalls)
    judgeImplicit(judge, routine, `a default, check, index or policy of ${own(relation)} calls it`);
}

/** Those of its triggers that `fires` is true of. */
export function judgeTriggers(
  judge: Judge,
  relation: Relation,
  fires: (trigger: Trigger) => boolean = () => true,
): void {
  for (const trigger of relation.triggers) {
    const { name, function: routine, transitionTables, deferrable } = trigger;
    const why = `the trigger ${name} of ${own(relation)} calls it`;
    if (fires(trigger)) judgeImplicitCall(judge, routine, why, { given: transitionTables, deferrable });
  }
}

export function judgeCheckedColumns(
  judge: Judge,
  relation: Relation,
  { all, columns }: Pick<RelationNeed, 'all' | 'columns'>,
): void {
  const { mixing } = judge;
  if (mixing === 'nothing') return;
  for (const { column, holdsOthers, calls } of relation.checkedColumns)
    if ((all || columns.includes(column)) && (holdsOthers || mixing === 'anything'))
      for (const routine of calls)
        judgeImplicit(judge, routine, `the type of ${own(relation)}.${quoted(column)} is checked by it`);
}

/** Triggers' and views' functions: built-in trigger functions are machinery made for that. */
export function judgeImplicitCall(judge: Judge, routine: Routine, why: string, occasion?: Occasion): void {
  if (routine.builtin) judgeImplicit(judge, routine, why);
  else judgeBody(judge, routine, why, occasion);
}

const own = (relation: Relation): string => resourceName(relation.schema, relation.name);
