/** The short form of a scope, as people write it: `select,update:public.tickets`, allowed or denied. */
import type { GrantAction, ScopeLine } from '../guardrails/types.ts';
import { ACTIONS } from './grant.ts';

/** One line of it. */
export interface ScopeWish {
  readonly actions: readonly GrantAction[];
  readonly pattern: string;
}

/** Says what is wrong with a line, and what it should be. */
export class ScopeWishError extends Error {
  override name = 'ScopeWishError';
}

/**
 * Each action's patterns, then actions with the same patterns on one line: what is denied of one action takes nothing from
 * the others that were allowed with it. Throws ScopeWishError.
 */
export function scopeOf(allow: readonly ScopeWish[], deny: readonly ScopeWish[]): readonly ScopeLine[] {
  const patterns = new Map<GrantAction, string[]>();
  for (const { actions, pattern } of allow) {
    for (const action of actions) patterns.set(action, [...(patterns.get(action) ?? []), pattern]);
  }
  for (const { actions, pattern } of deny) {
    const allowed = actions.filter((action) => patterns.has(action));
    if (allowed.length === 0) {
      throw new ScopeWishError(
        `to deny ${actions.join(',')}:${pattern} takes nothing away: no line allows it`,
      );
    }
    for (const action of allowed) patterns.get(action)!.push(`!${pattern}`);
  }
  const lines = Map.groupBy(patterns.entries(), ([, on]) => JSON.stringify(on));
  return [...lines.entries()].map(([on, group]) => ({
    actions: group.map(([action]) => action),
    on: JSON.parse(on),
  }));
}

/** Reads `ACTIONS:PATTERN`; throws ScopeWishError. */
export function parseWish(text: string): ScopeWish {
  const colon = text.indexOf(':');
  const [names, pattern] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  if (names === '' || pattern === '' || BARE_COLON.test(pattern)) {
    throw new ScopeWishError(
      'It is ACTIONS:PATTERN, such as select:public.* or insert,update:public.tickets.',
    );
  }
  if (pattern.startsWith('!'))
    throw new ScopeWishError('To exclude something, give it to --deny (`deny` in a file).');
  const actions = names.split(',').flatMap(actionsNamed);
  if (/^[^. ]+$/.test(pattern) && pattern !== '*' && actions.some((action) => ON_OBJECTS.has(action))) {
    throw new ScopeWishError(`It lacks the schema; "public.${pattern}", perhaps?`);
  }
  if (actions.includes('score') && !/^[a-z]+$|^\*$/.test(pattern)) {
    throw new ScopeWishError('score is asked of a model, by its name: score:risk.');
  }
  return { actions, pattern };
}

/** A colon is part of a name only where the name is quoted. */
const BARE_COLON = /^[^"]*:/;

/** Actions whose resources have a schema (or are two words, as `channel jobs`): without one, a pattern would name nothing. */
const ON_OBJECTS: ReadonlySet<GrantAction> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'execute',
]);

function actionsNamed(name: string): readonly GrantAction[] {
  if (name === '*') return ACTIONS;
  if (name === 'score') return [name];
  const action = ACTIONS.find((known) => known === name);
  if (!action)
    throw new ScopeWishError(`"${name}" is not an action; actions are ${ACTIONS.join(', ')}, score and *.`);
  return [action];
}
