/**
 * A type that gets another name, as migrations of enums do it: rename, make anew, convert, drop. By its new name the catalog
 * does not know it as long as our transaction is open. So all that values of it could ever call is asked for when it is
 * renamed, and what depends on it counts as unknown.
 */
import type { RenameNeed } from '../facts.ts';
import { TEMPORARY, VEILED_WHOLLY } from '../names.ts';
import { judgeImplicit } from './implicit.ts';
import type { Judge } from './judge.ts';
import { judgeWritten } from './routines.ts';

/** `schemas`: those that the type may be in. */
export function judgeRenamedType(judge: Judge, { name, to }: RenameNeed, schemas: readonly string[]): void {
  const why = `a value of ${name}, which is not known by its new name yet, may call it`;
  for (const schema of schemas) {
    const after = { schema: to.schema ?? schema, name: to.name };
    judge.made.push({ ...after, veil: VEILED_WHOLLY }, { schema, name, gone: true });
    if (after.schema !== TEMPORARY)
      judge.ask('create', after.schema, after.name, 'it is what the statement renames something to');
  }
  if (judge.scope.open) return;
  const { catalog } = judge;
  for (const routine of catalog.typeRoutines(name) ?? []) judgeImplicit(judge, routine, why);
  for (const routine of catalog.castRoutines(name)) judgeWritten(judge, routine, why);
  for (const type of catalog.typesNamed(name))
    for (const routine of catalog.routinesUsingType(type)) judgeWritten(judge, routine, why);
}
