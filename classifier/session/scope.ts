/** Whether a statement goes beyond what its grant says, as far as its text tells. The guardrails know better, and decide. */
import type { StatementFacts } from '../features/statement-features.ts';
import type { GrantContext } from './record.ts';

/** Actions by their names in grants; several names for one are in use. */
const GRANTED_BY: Readonly<Record<string, readonly string[]>> = {
  select: ['select', 'export'],
  insert: ['insert'],
  update: ['update'],
  delete: ['delete'],
  truncate: ['truncate', 'ddl'],
  define: ['ddl', 'create', 'alter', 'drop'],
  drop: ['ddl', 'drop'],
  export: ['export'],
  admin: ['admin'],
};

export function actionsOf({ tally }: StatementFacts): readonly string[] {
  const actions: string[] = [];
  if (tally.isInsert > 0) actions.push('insert');
  if (tally.isUpdate > 0) actions.push('update');
  if (tally.isDelete > 0) actions.push('delete');
  if (tally.truncates > 0) actions.push('truncate');
  if (tally.dropsTables + tally.dropsDatabases > 0) actions.push('drop');
  if (tally.isDefinition > 0 || tally.dropsMinor > 0) actions.push('define');
  if (tally.copyOut > 0) actions.push('export');
  if (tally.grants + tally.makesRoles + tally.systemSettings + tally.changesOwner > 0) actions.push('admin');
  return actions;
}

/** Actions of a statement that the grant does not have; reading counts for nothing. */
export function ungranted(facts: StatementFacts, grant: GrantContext | undefined): readonly string[] {
  const granted = grant?.actions;
  if (granted === undefined || granted.length === 0 || granted.includes('admin')) return [];
  return actionsOf(facts).filter(
    (action) => !(GRANTED_BY[action] ?? []).some((name) => granted.includes(name)),
  );
}

/** The share of a statement's relations, catalogs apart, that no pattern of the grant names. */
export function outsideScope({ relations }: StatementFacts, grant: GrantContext | undefined): number {
  const scope = grant?.scope ?? [];
  if (scope.length === 0 || relations.length === 0) return 0;
  const patterns = scope.map(patternOf);
  return (
    relations.filter((name) => !patterns.some((pattern) => pattern.test(name))).length / relations.length
  );
}

function patternOf(text: string): RegExp {
  const plain = text.toLowerCase().replace(/^public\./, '(public.)?');
  const escaped = plain
    .replace(/[$^+{}|[\]\\]/g, '\\$&')
    .replace(/\./g, '\\.')
    .replace(/\*/g, '.*');
  return new RegExp(`^(public\\.)?(${escaped.replace('(public\\.)?', '')})$`);
}
