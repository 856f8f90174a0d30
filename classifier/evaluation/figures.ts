/** What scores are worth on labelled data. */
import { logOddsAt } from '../alert-budget.ts';
import type { SessionExample, StatementExample } from '../learning/examples.ts';
import {
  areaUnder,
  averagePrecision,
  type CalibrationBin,
  type CurvePoint,
  calibrationError,
  calibrationOf,
  curveOf,
  pointAt,
} from '../learning/metrics.ts';
import { chanceOf } from '../model/statement-model.ts';
import type { OperatingPoint } from '../model-files.ts';

/** Of one kind or family: how many, and the share of them at or above the threshold. */
export interface ShareOf {
  readonly name: string;
  readonly count: number;
  readonly share: number;
}

export interface StatementFigures {
  readonly count: number;
  readonly bad: number;
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly recallAt1Percent: number;
  readonly recallAtTenthPercent: number;
  /** Log-odds with 1 % false alarms on these data. */
  readonly threshold: number;
  readonly hardFalseAlarms: number;
  readonly calibrationError: number;
  readonly brier: number;
  readonly calibration: readonly CalibrationBin[];
  /** False alarms by kind, recall by family, at the threshold; contextual families apart. */
  readonly kinds: readonly ShareOf[];
  readonly families: readonly ShareOf[];
  readonly contextual: readonly ShareOf[];
  readonly curve: readonly CurvePoint[];
}

/** What the text alone does not settle counts in `contextual` only. */
export function evaluateStatements(
  examples: readonly StatementExample[],
  logOdds: ArrayLike<number>,
): StatementFigures {
  const settled = examples.flatMap(({ contextual }, index) => (contextual ? [] : [index]));
  const labels = settled.map((index) => (examples[index]?.bad ? 1 : 0));
  const scores = settled.map((index) => logOdds[index] as number);
  const chances = scores.map(chanceOf);
  const curve = curveOf(scores, labels);
  const { threshold, recall } = pointAt(curve, 0.01);
  const calibration = calibrationOf(chances, labels);
  const shares = (nameOf: (example: StatementExample) => string | null) =>
    sharesBy(examples, logOdds, threshold, nameOf);
  return {
    count: settled.length,
    bad: labels.reduce<number>((sum, label) => sum + label, 0),
    auroc: areaUnder(curve),
    averagePrecision: averagePrecision(curve),
    recallAt1Percent: recall,
    recallAtTenthPercent: pointAt(curve, 0.001).recall,
    threshold,
    hardFalseAlarms: shares(({ bad, hard }) => (hard && !bad ? 'hard' : null))[0]?.share ?? 0,
    calibrationError: calibrationError(calibration),
    brier:
      chances.reduce((sum, chance, at) => sum + (chance - (labels[at] as number)) ** 2, 0) / chances.length,
    calibration,
    kinds: shares(({ bad, kind }) => (bad ? null : kind)),
    families: shares(({ bad, contextual, kind }) => (bad && !contextual ? kind : null)),
    contextual: shares(({ bad, contextual, kind }) => (bad && contextual ? kind : null)),
    curve,
  };
}

/** The greatest share first. */
function sharesBy<Example>(
  examples: readonly Example[],
  scores: ArrayLike<number>,
  threshold: number,
  nameOf: (example: Example) => string | null,
): readonly ShareOf[] {
  const counts = new Map<string, [number, number]>();
  examples.forEach((example, index) => {
    const name = nameOf(example);
    if (name === null) return;
    const [above, all] = counts.get(name) ?? [0, 0];
    counts.set(name, [above + ((scores[index] as number) >= threshold ? 1 : 0), all + 1]);
  });
  return [...counts]
    .map(([name, [above, count]]) => ({ name, count, share: above / count }))
    .sort((a, b) => b.share - a.share || b.count - a.count);
}

export interface SessionFigures {
  readonly count: number;
  readonly bad: number;
  readonly auroc: number;
  readonly recallAt5Percent: number;
  readonly recallAt1Percent: number;
  /** Log-odds with 5 % false alarms on these data. */
  readonly threshold: number;
  /** Statements past the first bad one until the threshold is reached, of sessions that reach it; null: none does. */
  readonly medianDelay: number | null;
  /** Sessions that reach the threshold before their turn. */
  readonly early: number;
  /** By the model's own limit for ending. */
  readonly harmlessEnded: number;
  readonly badEnded: number;
  readonly calibrationError: number;
  readonly scenarios: readonly ShareOf[];
  readonly falseAlarms: readonly ShareOf[];
  readonly curve: readonly CurvePoint[];
}

/** What a harmless session never came near: in log-odds above the worst of them. */
export const END_MARGIN = 0.7;

export const endingLogOdds = (points: readonly OperatingPoint[]): number => logOddsAt(points, 0) + END_MARGIN;

/** `paths`: log-odds after each statement. */
export function evaluateSessions(
  sessions: readonly SessionExample[],
  paths: readonly Float64Array[],
  points: readonly OperatingPoint[],
): SessionFigures {
  const peaks = paths.map((path) => path.reduce((most, value) => Math.max(most, value), -Infinity));
  const labels = sessions.map(({ bad }) => (bad.length > 0 ? 1 : 0));
  const curve = curveOf(peaks, labels);
  const { threshold, recall } = pointAt(curve, 0.05);
  const delays = sessions.flatMap(({ bad }, index) => {
    const at = (paths[index] as Float64Array).findIndex((value) => value >= threshold);
    return bad.length === 0 || at < 0 ? [] : [at - (bad[0] as number)];
  });
  const end = endingLogOdds(points);
  const ended = (label: number) =>
    peaks.filter((peak, index) => labels[index] === label && peak >= end).length;
  const calibration = calibrationOf(peaks.map(chanceOf), labels);
  return {
    count: sessions.length,
    bad: labels.filter((label) => label === 1).length,
    auroc: areaUnder(curve),
    recallAt5Percent: recall,
    recallAt1Percent: pointAt(curve, 0.01).recall,
    threshold,
    medianDelay: delays.toSorted((a, b) => a - b)[delays.length >> 1] ?? null,
    early: delays.filter((delay) => delay < 0).length,
    harmlessEnded: ended(0),
    badEnded: ended(1),
    calibrationError: calibrationError(calibration),
    scenarios: sharesBy(sessions, peaks, threshold, ({ bad, scenario }) =>
      bad.length > 0 ? scenario : null,
    ),
    falseAlarms: sharesBy(sessions, peaks, threshold, ({ bad, scenario }) =>
      bad.length > 0 ? null : scenario,
    ),
    curve,
  };
}
