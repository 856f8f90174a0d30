/** What a scope comes to in a database: which relations, about how many rows, and which of them hold data of a class. */
import { allowedBy, excludedBy } from '../../access/policy/narrow-scope.ts';
import type { Policy } from '../../access/policy/policy.ts';
import { parsePattern, type ScopePattern } from '../../guardrails/scope-pattern.ts';
import type { GrantAction, Scope } from '../../guardrails/types.ts';
import type { KnownRelation } from './known-relations.ts';

export interface Reach {
  readonly schema: string;
  readonly name: string;
  readonly kind: KnownRelation['kind'];
  readonly actions: readonly GrantAction[];
  /** An estimate; null: there is none, as for views. */
  readonly rows: number | null;
  /** Data classes of the policy, and which of the columns in reach hold such data. */
  readonly classes: readonly { readonly name: string; readonly columns: readonly string[] }[];
}

/** Those with the most rows first. */
export function reachOf(
  scope: Scope,
  known: readonly KnownRelation[],
  classes: Policy['dataClasses'],
): readonly Reach[] {
  const lines = linesOf(scope);
  const patterns = [...classes].map(([name, texts]) => ({ name, patterns: texts.map(parsePattern) }));
  return known
    .flatMap((relation): readonly Reach[] => {
      const reached = lines
        .map((line) => ({ action: line.action, columns: columnsOf(relation, line) }))
        .filter(({ columns }) => columns !== null);
      if (reached.length === 0) return [];
      const columns = new Set(reached.flatMap((each) => each.columns ?? []));
      const { schema, name, kind, rows } = relation;
      return [
        {
          ...{ schema, name, kind, rows },
          actions: reached.map(({ action }) => action),
          classes: held(relation, columns, patterns),
        },
      ];
    })
    .sort((a, b) => (b.rows ?? -1) - (a.rows ?? -1));
}

interface Line {
  readonly action: GrantAction;
  readonly allowed: readonly ScopePattern[];
  readonly excluded: readonly ScopePattern[];
}

/** On functions and settings `execute` and `admin` mean something else. */
const linesOf = (scope: Scope): readonly Line[] =>
  [...new Set(scope.flatMap(({ actions }) => actions))]
    .filter((action) => action !== 'execute' && action !== 'score')
    .map((action) => ({
      action,
      allowed: allowedBy(scope, action).map(({ text }) => parsePattern(text)),
      excluded: excludedBy(scope, action).map(parsePattern),
    }));

/** null: the relation is not in reach. */
function columnsOf(relation: KnownRelation, { allowed, excluded }: Line): readonly string[] | null {
  const isNamed = (pattern: ScopePattern) => names(pattern, relation);
  if (excluded.some((pattern) => isNamed(pattern) && pattern.inner === null)) return null;
  const by = allowed.filter(isNamed);
  if (by.length === 0) return null;
  const without = new Set(excluded.filter(isNamed).flatMap(({ inner }) => inner ?? []));
  return relation.columns.filter(
    (column) => !without.has(column) && by.some(({ inner }) => inner === null || inner.includes(column)),
  );
}

const held = (
  relation: KnownRelation,
  columns: ReadonlySet<string>,
  classes: readonly { readonly name: string; readonly patterns: readonly ScopePattern[] }[],
): Reach['classes'] =>
  classes.flatMap(({ name, patterns }) => {
    const by = patterns.filter((pattern) => names(pattern, relation));
    const found = [...columns].filter((column) =>
      by.some(({ inner }) => inner === null || inner.includes(column)),
    );
    return found.length > 0 ? [{ name, columns: found }] : [];
  });

const names = ({ schema, name }: ScopePattern, relation: KnownRelation): boolean =>
  schema?.matches.test(relation.schema) === true && name.matches.test(relation.name);
