import type { AuditEvent, SessionRef } from '../../audit/events.ts';
import type { ErrorFields } from '../../guardrails/types.ts';
import type { Assessment, Unscored, UnscoredCause } from './assessment.ts';
import type { Limit, Limits } from './limits.ts';

export type RiskAction = 'flag' | 'hold' | 'end';
type RiskFlag = Extract<AuditEvent, { type: 'risk.flag' }>;

/** Reasons that are told. */
const MOST_REASONS = 5;

/** What is to be done about an unusual statement, and why; null: nothing. */
export interface Alarm {
  readonly action: RiskAction;
  readonly cause: RiskFlag['cause'];
  readonly score: number | null;
  readonly sessionScore: number | null;
  readonly model: string | null;
  readonly reasons: readonly string[];
  /** Log-odds that each of them adds; absent: it was not scored. */
  readonly weights?: readonly number[];
}

/** The sterner of what the statement and its session come to. */
export function judgeScores({ model, statement, session }: Assessment, limits: Limits): Alarm | null {
  const byStatement = actionAt(statement.score, limits.statement);
  const bySession = actionAt(session.score, limits.session);
  if (byStatement === null && bySession === null) return null;
  const ofSession = rank(bySession) > rank(byStatement);
  const { reasons, weights } = ofSession ? session : statement;
  return {
    action: (ofSession ? bySession : byStatement) as RiskAction,
    cause: ofSession ? 'session' : 'statement',
    score: statement.score,
    sessionScore: session.score,
    model,
    reasons: reasons.slice(0, MOST_REASONS),
    weights: weights.slice(0, MOST_REASONS),
  };
}

const UNSCORED: Readonly<Record<UnscoredCause, string>> = {
  missing: 'there is no risk model',
  broken: 'the risk model can not be loaded',
  late: 'the risk model has not answered in time',
  failed: 'the risk model has failed on it',
};

/** Never silently let pass: it is either refused or flagged. */
export function judgeUnscored({ cause }: Unscored, onFailure: 'hold' | 'allow'): Alarm {
  const action = onFailure === 'hold' ? 'hold' : 'flag';
  return { action, cause, score: null, sessionScore: null, model: null, reasons: [UNSCORED[cause]] };
}

function actionAt(score: number, { flag, hold, end }: Limit): RiskAction | null {
  if (end !== null && score >= end) return 'end';
  if (hold !== null && score >= hold) return 'hold';
  return flag !== null && score >= flag ? 'flag' : null;
}

const RANKS: Readonly<Record<RiskAction, number>> = { flag: 1, hold: 2, end: 3 };
const rank = (action: RiskAction | null): number => (action === null ? 0 : RANKS[action]);

/** What its client reads when a statement is held. */
export function heldError(alarm: Alarm, id: string): ErrorFields {
  const score = scoreOf(alarm);
  const how = score === null ? 'could not be scored' : `has a risk of ${score}`;
  return {
    sqlstate: '42501',
    message: `statement is held for a reviewer: it is unusual and ${how}`,
    detail: detailOf(alarm),
    hint: `A false alarm is taken back with: postern risk verdict ${id} --false`,
  };
}

/** What its client reads when the session ends. */
export function endedError(alarm: Alarm, { grant }: SessionRef, id: string): ErrorFields {
  return {
    sqlstate: '57P01',
    message: `terminating connection: what this session does is unusual and has a risk of ${scoreOf(alarm)}; grant ${grant} is revoked`,
    detail: detailOf(alarm),
    hint: `Tell a reviewer of alarm ${id}, and ask for a new grant.`,
  };
}

const detailOf = ({ reasons }: Alarm): string => reasons.map((reason) => `${reason}.`).join('\n');

function scoreOf({ cause, score, sessionScore }: Alarm): string | null {
  const told = cause === 'session' ? sessionScore : score;
  return told === null ? null : told.toFixed(2);
}
