/** One execution of a text (Query) or portal (Execute): what the trail and the budgets count. */
import type { Verdict } from '../guardrails/types.ts';

export type CutBy = 'rowsPerStatement' | 'rows' | 'bytes';

/** Rows delivered so far under `rowsPerStatement`; shared by all Executes of one portal and all FETCHes of one cursor. */
export interface RowCounter {
  rows: number;
}

export interface Run {
  /** Number within the session, as in the audit events. */
  readonly number: number;
  readonly verdict: Verdict;
  /** `rowsPerStatement` bounds each of them. */
  readonly counters: readonly RowCounter[];
  /** performance.now() when it was forwarded. */
  readonly startedAt: number;
  rows: number;
  bytes: number;
  tag: string | null;
  sqlstate: string | null;
  cut: CutBy | null;
  /** Completed, failed or skipped: `statement.end` has been recorded. */
  over: boolean;
}
