/** Counts what leaves against the budgets, frame by frame (promise 5). */
import type { ErrorFields } from '../guardrails/types.ts';
import { budgetSpent } from './errors.ts';
import type { Budget } from './ports.ts';
import type { CutBy, Run } from './run.ts';

export type Admitted = 'forward' | 'lease' | CutBy;

/** May a row (or piece of COPY data) of this many bytes be delivered? If so it is counted. */
export function admitRow(run: Run, budget: Budget, bytes: number): Admitted {
  const limit = budget.rowsPerStatement;
  if (limit !== null && run.counters.some(({ rows }) => rows >= limit)) return 'rowsPerStatement';
  if (budget.rows < 1 || budget.bytes < bytes) return 'lease';
  budget.rows -= 1;
  budget.bytes -= bytes;
  for (const counter of run.counters) counter.rows += 1;
  run.rows += 1;
  run.bytes += bytes;
  return 'forward';
}

/** After a lease was refused: which of the grant's totals is spent. */
export function spentBy(budget: Budget): CutBy {
  return budget.rows < 1 ? 'rows' : 'bytes';
}

export function cutError(by: CutBy, budget: Budget, grant: string): ErrorFields {
  return budgetSpent(by, by === 'rowsPerStatement' ? budget.rowsPerStatement : null, grant);
}
