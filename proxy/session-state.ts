/** What the two directions of one session share. Built by session.ts; gate.ts and results.ts work on it. */
import type { SessionEndReason } from '../audit/events.ts';
import type { ErrorFields } from '../guardrails/types.ts';
import type { Pipeline } from './pipeline.ts';
import type { Admission, RiskWatch, SessionGuard, SessionHolds } from './ports.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import type { Recorder } from './recorder.ts';

export interface SessionLimits {
  /** Largest client message, bytes. */
  readonly maxMessageBytes: number;
  /** Largest SQL text, bytes. */
  readonly maxStatementBytes: number;
}

export interface SessionState {
  readonly pipeline: Pipeline;
  readonly prepared: PreparedStatements;
  readonly guard: SessionGuard;
  readonly admission: Admission;
  readonly risk: RiskWatch;
  readonly holds: SessionHolds;
  readonly recorder: Recorder;
  readonly limits: SessionLimits;
  /** As of the last ReadyForQuery: idle, in a block, in a failed block. */
  transactionStatus: 'I' | 'T' | 'E';
  /** Queue bytes for the upstream; they leave after the next commit of the trail. */
  toUpstream(bytes: Buffer): void;
  /** Send bytes to the client. */
  toClient(bytes: Buffer): void;
  /** While a statement waits long: whether to hear that the client leaves. */
  hear(hears: boolean): void;
  /** Nothing of a cut result is unsettled: what is forwarded now can't be hit by its cancel or its rollback. */
  settled(): boolean;
  /** Cancel what runs upstream; resolves when the cancel can no longer hit anything later. */
  cancelUpstream(): Promise<void>;
  /** End the session with a FATAL error to the client. */
  end(reason: SessionEndReason, error: ErrorFields): void;
}

/** True if any budget could cut a result of this session. */
export function isLimited({ admission }: SessionState): boolean {
  const { rowsPerStatement, rows, bytes } = admission.budget;
  return rowsPerStatement !== null || rows !== Number.POSITIVE_INFINITY || bytes !== Number.POSITIVE_INFINITY;
}
