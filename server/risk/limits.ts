import { logOddsAt, thresholdFor } from '../../classifier/alert-budget.ts';
import { endingLogOdds } from '../../classifier/evaluation/figures.ts';
import { chanceOf } from '../../classifier/model/statement-model.ts';
import type { ModelFacts } from '../../classifier/model-files.ts';
import type { RiskThresholds, Threshold } from '../config-risk.ts';

/** Measured on harmless statements and sessions that the model had not seen. */
export type OperatingPoints = ModelFacts['operatingPoints'];

export interface AlertBudget {
  readonly alarmsPerDay: number;
  /** Unusual statements on a usual day. */
  readonly scoredPerDay: number;
}

/** Scores from which on something is done; null: never. */
export interface Limit {
  readonly flag: number | null;
  readonly hold: number | null;
  readonly end: number | null;
}

/** A statement by itself never ends a session: that takes evidence. */
export interface Limits {
  readonly statement: Limit;
  readonly session: Limit;
}

/** `auto`: shares of harmless unusual statements, and sessions, that reach the limit. */
const SHARES = { statement: { flag: 0.01, hold: 0.001 }, session: { flag: 0.05, hold: 0.01 } } as const;

export function limitsOf(
  { flag, hold, end }: RiskThresholds,
  { statements, sessions }: OperatingPoints,
  budget: AlertBudget | null,
): Limits {
  const flagged =
    budget === null ? logOddsAt(statements, SHARES.statement.flag) : thresholdFor(statements, budget);
  return {
    statement: {
      flag: scoreOf(flag, flagged),
      hold: scoreOf(hold, logOddsAt(statements, SHARES.statement.hold)),
      end: null,
    },
    session: {
      flag: scoreOf(flag, logOddsAt(sessions, SHARES.session.flag)),
      hold: scoreOf(hold, logOddsAt(sessions, SHARES.session.hold)),
      end: scoreOf(end, endingLogOdds(sessions)),
    },
  };
}

/** The score below which nothing is done. */
export function lowestOf({ statement, session }: Limits): number {
  const all = [statement, session].flatMap(({ flag, hold, end }) => [flag, hold, end]);
  return Math.min(...all.filter((score) => score !== null));
}

const scoreOf = (threshold: Threshold, auto: number): number | null =>
  threshold === 'auto' ? chanceOf(auto) : threshold;
