/** An alert budget: so many alarms a day may be raised. What threshold follows from it. */
import type { OperatingPoint } from './model-files.ts';

export interface Budget {
  readonly alarmsPerDay: number;
  /** Statements that the model scores, or sessions, on a usual day. */
  readonly scoredPerDay: number;
}

/**
 * The log-odds from which an alarm is raised, so that harmless traffic uses up the budget and no more. Between measured
 * points the share falls as a power of the odds; beyond the last point the last is the answer: less was not measured.
 */
export function thresholdFor(
  points: readonly OperatingPoint[],
  { alarmsPerDay, scoredPerDay }: Budget,
): number {
  if (points.length === 0) throw new RangeError('no operating points');
  const share = scoredPerDay <= 0 ? 1 : Math.max(0, alarmsPerDay) / scoredPerDay;
  const sorted = points.toSorted((a, b) => b.share - a.share);
  const next = sorted.findIndex((point) => point.share <= share);
  if (next < 0) return (sorted.at(-1) as OperatingPoint).logOdds;
  const [upper, lower] = [sorted[next - 1], sorted[next] as OperatingPoint];
  if (upper === undefined || lower.share === 0) return lower.logOdds;
  const between = Math.log(upper.share / share) / Math.log(upper.share / lower.share);
  return upper.logOdds + between * (lower.logOdds - upper.logOdds);
}

/** Shares at which operating points are kept. 0: what no harmless one reached. */
const SHARES = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0];

/** `logOdds` of harmless statements or sessions that the model has not seen. */
export function operatingPoints(logOdds: ArrayLike<number>): readonly OperatingPoint[] {
  const sorted = Float64Array.from(logOdds).sort().reverse();
  return SHARES.flatMap((share) => {
    // The value that `share` of them, and no more, are above.
    const value = sorted[Math.floor(share * sorted.length)];
    return value === undefined ? [] : [{ share, logOdds: Math.round((value + 1e-4) * 1e4) / 1e4 }];
  });
}

/** The log-odds that a share of harmless ones reaches; of the nearest smaller share that was kept. */
export function logOddsAt(points: readonly OperatingPoint[], share: number): number {
  return (
    points.toSorted((a, b) => b.share - a.share).find((point) => point.share <= share)?.logOdds ?? Infinity
  );
}
