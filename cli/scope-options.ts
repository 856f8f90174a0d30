import { InvalidArgumentError } from 'commander';
import { ACTIONS, type GrantAction, type ScopeLine } from '../guardrails/types.ts';
import { EXIT, ExitError } from './exit.ts';

/** One `--allow` or `--deny`. */
export interface ScopeWish {
  readonly actions: readonly GrantAction[];
  readonly pattern: string;
}

/**
 * Each action's patterns, then actions with the same patterns on one line: a `--deny` of one action takes nothing from
 * the others that were allowed with it.
 */
export function scopeOf(allow: readonly ScopeWish[], deny: readonly ScopeWish[]): readonly ScopeLine[] {
  const patterns = new Map<GrantAction, string[]>();
  for (const { actions, pattern } of allow) {
    for (const action of actions) patterns.set(action, [...(patterns.get(action) ?? []), pattern]);
  }
  for (const { actions, pattern } of deny) {
    const allowed = actions.filter((action) => patterns.has(action));
    if (allowed.length === 0) {
      throw new ExitError(
        EXIT.usage,
        `--deny ${actions.join(',')}:${pattern} takes nothing away: no --allow gives it`,
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

/** Reads `ACTIONS:PATTERN`; throws InvalidArgumentError. */
export function parseWish(text: string): ScopeWish {
  const colon = text.indexOf(':');
  const [names, pattern] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  if (names === '' || pattern === '' || BARE_COLON.test(pattern)) {
    throw new InvalidArgumentError(
      'It is ACTIONS:PATTERN, such as select:public.* or insert,update:public.tickets.',
    );
  }
  if (pattern.startsWith('!')) throw new InvalidArgumentError('To exclude something, give it to --deny.');
  const actions = names.split(',').flatMap(actionsNamed);
  if (/^[^. ]+$/.test(pattern) && pattern !== '*' && actions.some((action) => ON_OBJECTS.has(action))) {
    throw new InvalidArgumentError(`It lacks the schema; "public.${pattern}", perhaps?`);
  }
  if (actions.includes('score') && !/^[a-z]+$|^\*$/.test(pattern)) {
    throw new InvalidArgumentError('score is asked of a model, by its name: score:risk.');
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
    throw new InvalidArgumentError(
      `"${name}" is not an action; actions are ${ACTIONS.join(', ')}, score and *.`,
    );
  return [action];
}
