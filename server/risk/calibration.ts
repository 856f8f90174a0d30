/**
 * Whether alarms turn out as their scores promise.
 *
 * A score is calibrated at the share of bad statements among the training data. That alarms are those above a threshold does
 * no harm: each is compared at its own score. But its odds have to be multiplied by how much rarer attacks are here, which
 * nobody knows but from verdicts; so the fair expectation for later alarms is their scores at the base rate that the earlier
 * verdicts imply, with the uncertainty of that.
 */
import type { JudgedScore } from '../../access/verdict-book.ts';
import { chanceOf } from '../../classifier/model/statement-model.ts';

export type AlarmCause = JudgedScore['cause'];

/** Of the alarms by one score. */
export interface Calibration {
  readonly cause: AlarmCause;
  /** Alarms that were judged, and those that were called true. */
  readonly judged: number;
  readonly true: number;
  /** null: too few verdicts to tell. */
  readonly later: LaterAlarms | null;
}

/** What came of the later half of the sessions with judged alarms. */
export interface LaterAlarms {
  readonly sessions: number;
  /** Shares of true alarms: what is, and what the scores promise at the base rate of the sessions before. */
  readonly observed: number;
  readonly expected: number;
  /** Expected calibration error over five bins of the promise; null: too few sessions for that. */
  readonly error: number | null;
  /** The 95 % intervals of the two shares have nothing in common. */
  readonly differs: boolean;
}

/** Fewer sessions in either half say nothing; nor do fewer about single bins. */
const LEAST_SESSIONS = 20;
const LEAST_BINNED = 50;
/** Sessions in the later half. */
const MOST_LATER = 100;
const BINS = 5;
/** Two-sided 95 % of the normal distribution. */
const Z = 1.96;
/** A score that says 0 or 1 is not that certain. */
const CERTAIN = 1e-6;

/** Alarms of one session have one story: it counts once, by their means. */
interface JudgedSession {
  readonly at: number;
  readonly logOdds: number;
  readonly bad: number;
}

/** Of alarms of one model. A cause that no alarm was judged of is left out. */
export function calibrations(judged: readonly JudgedScore[]): readonly Calibration[] {
  return (['statement', 'session'] as const).flatMap((cause) => {
    const alarms = judged.filter((each) => each.cause === cause);
    return alarms.length === 0 ? [] : [calibration(cause, alarms)];
  });
}

function calibration(cause: AlarmCause, alarms: readonly JudgedScore[]): Calibration {
  const bad = alarms.filter((each) => each.bad).length;
  return { cause, judged: alarms.length, true: bad, later: compared(sessionsOf(alarms)) };
}

function sessionsOf(alarms: readonly JudgedScore[]): readonly JudgedSession[] {
  const bySession = Map.groupBy(alarms, ({ session }) => session);
  return [...bySession.values()]
    .map((each) => ({
      at: Math.min(...each.map(({ at }) => at)),
      logOdds: mean(each.map(({ score }) => logOddsOf(score))),
      bad: mean(each.map((alarm) => Number(alarm.bad))),
    }))
    .sort((a, b) => a.at - b.at);
}

function compared(sessions: readonly JudgedSession[]): LaterAlarms | null {
  const count = Math.min(MOST_LATER, Math.floor(sessions.length / 2));
  if (count < LEAST_SESSIONS) return null;
  const before = sessions.slice(0, -count);
  const later = sessions.slice(-count);
  const promise = (share: number): readonly number[] => {
    const rarer = shiftTo(before, share);
    return later.map(({ logOdds }) => chanceOf(logOdds + rarer));
  };
  const implied = interval(before);
  const expected = promise(implied.middle);
  const seen = interval(later);
  return {
    sessions: count,
    observed: mean(later.map(({ bad }) => bad)),
    expected: mean(expected),
    error: count < LEAST_BINNED ? null : errorOf(later, expected),
    differs: seen.high < mean(promise(implied.low)) || seen.low > mean(promise(implied.high)),
  };
}

/** What has to be added to log-odds so that this share is promised: the logarithm of how much rarer attacks are. */
function shiftTo(sessions: readonly JudgedSession[], share: number): number {
  let [low, high] = [-50, 50];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (mean(sessions.map(({ logOdds }) => chanceOf(logOdds + middle))) < share) low = middle;
    else high = middle;
  }
  return high;
}

/** Of the share of bad ones: Wilson's score interval (1927). */
function interval(sessions: readonly JudgedSession[]): Readonly<Record<'low' | 'middle' | 'high', number>> {
  const count = sessions.length;
  const share = mean(sessions.map(({ bad }) => bad));
  const weight = 1 + Z ** 2 / count;
  const centre = (share + Z ** 2 / (2 * count)) / weight;
  const half = (Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2))) / weight;
  return { low: Math.max(0, centre - half), middle: share, high: Math.min(1, centre + half) };
}

function errorOf(sessions: readonly JudgedSession[], expected: readonly number[]): number {
  const gaps = new Array<number>(BINS).fill(0);
  sessions.forEach(({ bad }, at) => {
    const promised = expected[at] as number;
    const bin = Math.min(BINS - 1, Math.floor(promised * BINS));
    gaps[bin] = (gaps[bin] as number) + bad - promised;
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / sessions.length;
}

function logOddsOf(score: number): number {
  const chance = Math.min(1 - CERTAIN, Math.max(CERTAIN, score));
  return Math.log(chance / (1 - chance));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
