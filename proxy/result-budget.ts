/** Counts what leaves against the budgets, frame by frame (promise 5). */
import type { ErrorFields } from '../guardrails/types.ts';
import { budgetSpent } from './errors.ts';
import type { Budget } from './ports.ts';
import type { CutBy, Run } from './run.ts';

export type Admitted = 'forward' | 'lease' | CutBy;

/** How many rows may be delivered without asking about each, as far as `budget.bytes` goes. */
export function rowsAdmitted(run: Run, { rows, rowsPerStatement }: Budget): number {
  if (rowsPerStatement === null) return rows;
  let free = rows;
  for (const counter of run.counters) free = Math.min(free, rowsPerStatement - counter.rows);
  return free;
}

/** Rows that `rowsAdmitted` allowed, or one that `admitRow` did, are on their way. */
export function countRows(run: Run, budget: Budget, rows: number, bytes: number): void {
  budget.rows -= rows;
  budget.bytes -= bytes;
  for (const counter of run.counters) counter.rows += rows;
  run.rows += rows;
  run.bytes += bytes;
}

/** May a row (or piece of COPY data) of this many bytes be delivered? If so it is counted. */
export function admitRow(run: Run, budget: Budget, bytes: number): Admitted {
  const limit = budget.rowsPerStatement;
  if (limit !== null && run.counters.some(({ rows }) => rows >= limit)) return 'rowsPerStatement';
  if (budget.rows < 1 || budget.bytes < bytes) return 'lease';
  countRows(run, budget, 1, bytes);
  return 'forward';
}

/** After a lease was refused: which of the grant's totals is spent. */
export function spentBy(budget: Budget): CutBy {
  return budget.rows < 1 ? 'rows' : 'bytes';
}

export function cutError(by: CutBy, budget: Budget, grant: string): ErrorFields {
  return budgetSpent(by, by === 'rowsPerStatement' ? budget.rowsPerStatement : null, grant);
}
