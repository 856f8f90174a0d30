/**
 * Defaults, checks, policies and the queries of views call functions as whoever uses the relation, not as its owner, and
 * PostgreSQL asks EXECUTE of them for that. Where not everybody has it, it belongs to what a grant on the relation needs.
 */
import type { Relation, Routine } from '../../guardrails/catalog.ts';
import type { Action } from '../../guardrails/types.ts';

/** Languages whose functions can do no more than the role that runs them. */
const POWERLESS: ReadonlySet<string> = new Set(['sql', 'plpgsql']);

/**
 * Those that may run when `action` is done to `relation`, as OIDs. Not those that can do more than the role: with the
 * rights of their owner, or in C. A grant has to name them.
 */
export function impliedRoutines(action: Action, relation: Relation): ReadonlySet<number> {
  const seen = new Set<Relation>();
  const found = new Set<number>();
  const visit = (part: Relation): void => {
    if (seen.has(part)) return;
    seen.add(part);
    for (const routine of callsOf(action, part)) if (isPowerless(routine)) found.add(routine.oid);
    for (const further of [...part.reads, ...part.children]) visit(further);
  };
  visit(relation);
  return found;
}

const isPowerless = ({ securityDefiner, language }: Routine): boolean =>
  !securityDefiner && POWERLESS.has(language);

function callsOf(action: Action, relation: Relation): readonly Routine[] {
  const { readCalls, calls, implicitCalls, rules } = relation;
  const byRules = rules.filter(({ event }) => event === action).flatMap((rule) => rule.calls);
  const writes = action === 'insert' || action === 'update';
  return [...readCalls, ...calls, ...byRules, ...(writes ? implicitCalls : [])];
}
