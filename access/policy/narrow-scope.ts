/** A scope within another, as a scope again: what a rule's cap leaves of what is asked. */
import { excludesObjects } from '../../guardrails/scope-pattern.ts';
import type { GrantAction, Scope, ScopeLine } from '../../guardrails/types.ts';
import { common, isNamed, isWithin, mayMeet, namesSchema, namesSystemSchema } from './pattern-sets.ts';

/**
 * Never wider than either, and the whole of `asked` where `cap` covers each of its patterns. INVARIANT: what `cap`
 * allows by a wildcard is followed, though `asked` may name it: a view stands for what it reads. A wildcard for the schema
 * does not stand for system schemas, as in any scope.
 */
export function narrowed(asked: Scope, cap: Scope): Scope {
  const actions = new Set(asked.flatMap((line) => line.actions));
  const lines = [...actions].flatMap((action) => narrowedAction(action, asked, cap));
  return merged([...lines, ...marks(lines, [asked, cap])]);
}

/** What is excluded of actions that nothing is left of: `execute` means less beside it, see excludesObjects. */
const marks = (lines: Scope, scopes: readonly Scope[]): Scope => {
  const left = new Set(lines.flatMap((line) => line.actions));
  if (!left.has('execute')) return [];
  const others = new Set(scopes.flat().flatMap((line) => line.actions.filter((action) => !left.has(action))));
  return [...others].flatMap((action) => {
    const excluded = scopes.flatMap((scope) => excludedBy(scope, action).map((text) => `!${text}`));
    const on = [...new Set(excluded.filter(excludesObjects))];
    return on.length === 0 ? [] : [{ actions: [action], on }];
  });
};

/** What `asked` has more than `cap`, as `action:pattern`; none: `narrowed` leaves it as it is. */
export function beyond(asked: Scope, cap: Scope): readonly string[] {
  const actions = [...new Set(asked.flatMap((line) => line.actions))];
  return actions.flatMap((action) => {
    const caps = allowedBy(cap, action);
    const excluded = excludedBy(asked, action);
    const holes = excludedBy(cap, action).filter(
      (hole) => !excluded.some((outer) => isWithin(action, hole, outer)),
    );
    const fits = (text: string) =>
      caps.some((each) => isWithin(action, text, each.text)) &&
      !holes.some((hole) => mayMeet(action, text, hole));
    return allowedBy(asked, action)
      .filter(({ text }) => !fits(text))
      .map(({ text }) => `${action}:${text}`);
  });
}

/** All patterns that a scope has for an action, without those that exclude. */
export const allowedBy = (scope: Scope, action: GrantAction): readonly Allowed[] =>
  linesFor(scope, action).flatMap(({ on, followed }) =>
    on.filter((text) => !text.startsWith('!')).map((text) => ({ text, followed: followed === true })),
  );

/** What it excludes of an action, without the `!`. */
export const excludedBy = (scope: Scope, action: GrantAction): readonly string[] =>
  linesFor(scope, action).flatMap(({ on }) =>
    on.filter((text) => text.startsWith('!')).map((text) => text.slice(1)),
  );

interface Allowed {
  readonly text: string;
  readonly followed: boolean;
}

const linesFor = (scope: Scope, action: GrantAction): Scope =>
  scope.filter(({ actions }) => actions.includes(action));

const narrowedAction = (action: GrantAction, asked: Scope, cap: Scope): Scope => {
  const found = allowedBy(asked, action).flatMap((one) =>
    allowedBy(cap, action).flatMap((two) => {
      const text = common(action, one.text, two.text);
      if (text === null || (namesSystemSchema(text) && !bothNameSystemSchemas(one, two))) return [];
      const names = action === 'execute' ? namesSchema : isNamed;
      const named = names(two.text) && !two.followed && !one.followed;
      return [{ text, followed: names(text) && !named }];
    }),
  );
  const excluded = [asked, cap].flatMap((scope) => exclusionsOf(scope, action));
  const line = (followed: boolean): readonly ScopeLine[] => {
    const on = found.filter((each) => each.followed === followed).map(({ text }) => text);
    if (on.length === 0) return [];
    return [{ actions: [action], on: [...new Set([...on, ...excluded])], ...(followed && { followed }) }];
  };
  return [...line(false), ...line(true)];
};

const bothNameSystemSchemas = (...pair: readonly [Allowed, Allowed]): boolean =>
  pair.every(({ text }) => namesSystemSchema(text));

/** What is excluded for any action counts for `admin`, which would go round it: see excludesObjects. */
const exclusionsOf = (scope: Scope, action: GrantAction): readonly string[] => [
  ...excludedBy(scope, action).map((text) => `!${text}`),
  ...(action === 'admin' ? scope.flatMap(({ on }) => on.filter(excludesObjects)) : []),
];

/** Actions with the same patterns share a line, as people write it. */
const merged = (lines: Scope): Scope =>
  [...Map.groupBy(lines, ({ on, followed }) => JSON.stringify([on, followed])).values()].map((alike) => ({
    ...alike[0]!,
    actions: alike.flatMap(({ actions }) => actions),
  }));
