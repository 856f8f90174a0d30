import type { Catalog } from '../guardrails/catalog.ts';
import type { Decision } from '../guardrails/decide.ts';
import { grantLine } from '../guardrails/explain-denial.ts';
import { needKey } from '../guardrails/needed-lines.ts';
import type { Reason, Verdict } from '../guardrails/types.ts';
import { printable, table } from './table.ts';

/** The answer of `postern explain`, and its form as JSON. */
export interface Explanation {
  readonly decision: Verdict['effect'];
  /** The database is observed, and the statement passes only for that. */
  readonly observed: boolean;
  readonly statements: readonly string[];
  /** All that the text does, as far as it can be told, also what is behind something that is missing. */
  readonly reasons: readonly Reason[];
  /** What a client gets; if the statement is observed, what it would get. */
  readonly error: Verdict['error'];
  /** Options of `postern grant create` that would allow it, as few as do; empty if none would. */
  readonly wouldAllow: readonly string[];
  /** False: names were taken for what they seem to be, since no database was asked. */
  readonly lookedUp: boolean;
}

export function explanationOf({ verdict, needed }: Decision, catalog: Catalog): Explanation {
  const { effect, statements, error, observed } = verdict;
  const missing = new Set(needed?.missing.map(needKey));
  const reasons = needed?.reasons ?? verdict.reasons;
  return {
    decision: effect,
    observed: observed !== undefined,
    statements: statements.map(({ tag }) => tag),
    reasons: reasons.map((reason) => ({
      ...reason,
      allowed: reason.allowed && !missing.has(needKey(reason)),
    })),
    error: observed ?? error,
    wouldAllow: needed?.lines.map(grantLine) ?? [],
    lookedUp: catalog.assumed !== true,
  };
}

/** For people: what it is, what it does and by which way, what the client is told, and what would allow it. */
export function explanationText(explanation: Explanation): string {
  const { decision, observed, statements, reasons, error, wouldAllow, lookedUp } = explanation;
  const passes = observed ? ' (observed: it passes, and is recorded)' : '';
  const parts = [`${decision.toUpperCase()}  ${statements.join('; ')}${passes}`];
  if (reasons.length > 0) parts.push(table(['ACTION', 'RESOURCE', 'GRANTED', 'WHY'], reasons.map(row)));
  if (error !== null) parts.push(lines(`${error.sqlstate} ${error.message}`));
  if (error?.detail !== undefined) parts.push(lines(error.detail));
  if (wouldAllow.length > 0) parts.push(lines(`it would take: ${wouldAllow.join(' ')}`));
  else if (error?.hint !== undefined) parts.push(lines(error.hint));
  if (!lookedUp) parts.push(NOT_LOOKED_UP);
  return parts.join('\n\n');
}

const lines = (text: string): string => text.split('\n').map(printable).join('\n');

const NOT_LOOKED_UP =
  'No database was asked: views, triggers, foreign keys and functions behind these names are not known.';

const row = ({ action, resource, allowed, why, path = [] }: Reason): readonly string[] => {
  const way = path.length === 0 ? '' : `  [${[...path, resource].join(' -> ')}]`;
  return [action, resource, allowed ? 'yes' : 'no', `${why}${way}`];
};
