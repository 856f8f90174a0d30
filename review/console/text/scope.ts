/** Scopes as people write them, and what they are made of. */
import type { Grant } from '../api/answers.ts';

export type Scope = Grant['scope'];

/** One action on one pattern: the least that can be taken out of a scope. */
export interface Permission {
  readonly action: string;
  readonly pattern: string;
}

export const permissionKey = ({ action, pattern }: Permission): string => `${action}:${pattern}`;

/** What it allows, pattern by pattern, without what it excludes. */
export function permissionsOf(scope: Scope): readonly Permission[] {
  const all = scope.flatMap(({ actions, on }) =>
    on
      .filter((pattern) => !pattern.startsWith('!'))
      .flatMap((pattern) => actions.map((action) => ({ action, pattern }))),
  );
  return [...new Map(all.map((each) => [permissionKey(each), each])).values()];
}

/** What it excludes of the actions that `allowed` has, as the API takes it. */
export function exclusionsOf(scope: Scope, allowed: readonly Permission[]): readonly string[] {
  const actions = new Set(allowed.map(({ action }) => action));
  const all = scope.flatMap((line) =>
    line.on
      .filter((pattern) => pattern.startsWith('!'))
      .flatMap((pattern) =>
        line.actions.filter((action) => actions.has(action)).map((action) => `${action}:${pattern.slice(1)}`),
      ),
  );
  return [...new Set(all)];
}

/** As the API takes it, a pattern a line. `all`: with what it excludes, which the API takes apart from that. */
export const written = (scope: Scope, { all = false } = {}): string =>
  scope
    .flatMap(({ actions, on }) =>
      on
        .filter((pattern) => all || !pattern.startsWith('!'))
        .map((pattern) => `${actions.join(',')}:${pattern}`),
    )
    .join('\n');

/** The lines that somebody wrote. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
