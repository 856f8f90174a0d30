/** A recorded session, scored statement by statement as if it were going on. */
import type { Reason } from '../reason.ts';
import type { Scorer } from '../scorer.ts';
import type { SessionRecord } from './record.ts';

/** Log-odds of a session from which it is flagged, held, ended. */
export interface Limits {
  readonly flag: number;
  readonly hold: number;
  readonly end: number;
}

export type SessionVerdict = 'ok' | 'flag' | 'hold' | 'end';

export interface Replayed {
  readonly id: string;
  /** The most that the session came to. */
  readonly score: number;
  /** The strongest that it came to. */
  readonly verdict: SessionVerdict;
  /** Index of the statement at which it was first more than `ok`; null: never. */
  readonly at: number | null;
  /** As they stood at the highest score. */
  readonly reasons: readonly Reason[];
}

/** An ended session is not looked at any further. */
export function replay(scorer: Scorer, session: SessionRecord, limits: Limits): Replayed {
  const going = scorer.session(session);
  let highest = { score: 0, logOdds: Number.NEGATIVE_INFINITY, reasons: [] as readonly Reason[] };
  let at: number | null = null;
  for (const [index, statement] of session.statements.entries()) {
    const facts = scorer.facts(statement.sql);
    const { score, logOdds } = going.add(facts, scorer.textLogOdds(facts), statement);
    if (logOdds > highest.logOdds) highest = { score, logOdds, reasons: going.reasons() };
    if (at === null && logOdds >= limits.flag) at = index;
    if (logOdds >= limits.end) break;
  }
  return {
    id: session.id,
    score: highest.score,
    verdict: verdictOf(highest.logOdds, limits),
    at,
    reasons: highest.reasons,
  };
}

/** Log-odds of a session after each statement. */
export function pathOf(scorer: Scorer, session: SessionRecord): Float64Array {
  const going = scorer.session(session);
  return Float64Array.from(session.statements, (statement) => {
    const facts = scorer.facts(statement.sql);
    return going.add(facts, scorer.textLogOdds(facts), statement).logOdds;
  });
}

export function verdictOf(logOdds: number, { flag, hold, end }: Limits): SessionVerdict {
  if (logOdds >= end) return 'end';
  if (logOdds >= hold) return 'hold';
  return logOdds >= flag ? 'flag' : 'ok';
}
