/** How well scores tell bad from harmless. `labels`: 0 or 1. */
export interface CurvePoint {
  readonly threshold: number;
  readonly falseAlarms: number;
  readonly recall: number;
  readonly precision: number;
}

const descending = (scores: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );

/** One point per distinct score, from the highest on: what a threshold at that score gives. */
export function curveOf(scores: ArrayLike<number>, labels: ArrayLike<number>): readonly CurvePoint[] {
  const order = descending(scores);
  const bad = Array.from(labels).reduce((sum, label) => sum + label, 0);
  const points: CurvePoint[] = [];
  let hits = 0;
  let alarms = 0;
  order.forEach((index, rank) => {
    if (labels[index] === 1) hits++;
    else alarms++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[index]) return;
    points.push({
      threshold: scores[index] as number,
      falseAlarms: alarms / Math.max(1, labels.length - bad),
      recall: hits / Math.max(1, bad),
      precision: hits / (hits + alarms),
    });
  });
  return points;
}

/** Area under the ROC curve: the chance that a bad one scores above a harmless one, ties half. */
export function areaUnder(curve: readonly CurvePoint[]): number {
  let area = 0;
  let last = { falseAlarms: 0, recall: 0 };
  for (const point of curve) {
    area += ((point.falseAlarms - last.falseAlarms) * (point.recall + last.recall)) / 2;
    last = point;
  }
  return area;
}

/** Area under the precision-recall curve, by steps. */
export function averagePrecision(curve: readonly CurvePoint[]): number {
  let last = 0;
  return curve.reduce((area, { recall, precision }) => {
    const step = (recall - last) * precision;
    last = recall;
    return area + step;
  }, 0);
}

/** The point with the most recall whose share of false alarms is at most `share`. */
export function pointAt(curve: readonly CurvePoint[], share: number): CurvePoint {
  const none = { threshold: Infinity, falseAlarms: 0, recall: 0, precision: 1 };
  return curve.findLast(({ falseAlarms }) => falseAlarms <= share) ?? none;
}

export interface CalibrationBin {
  readonly count: number;
  /** Means over the bin. */
  readonly score: number;
  readonly bad: number;
}

/** Ten bins of equal width. */
export function calibrationOf(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): readonly CalibrationBin[] {
  const sums = Array.from({ length: 10 }, () => ({ count: 0, score: 0, bad: 0 }));
  for (let index = 0; index < scores.length; index++) {
    const sum = sums[Math.min(9, Math.floor((scores[index] as number) * 10))] as (typeof sums)[number];
    sum.count++;
    sum.score += scores[index] as number;
    sum.bad += labels[index] as number;
  }
  return sums.map(({ count, score, bad }) => ({
    count,
    score: score / Math.max(1, count),
    bad: bad / Math.max(1, count),
  }));
}

/** Expected calibration error: how far scores are from shares, on average over the bins. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce(
    (sum, { count, score, bad }) => sum + (count / Math.max(1, all)) * Math.abs(score - bad),
    0,
  );
}
