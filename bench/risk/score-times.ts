/** What features, score and reasons of one statement take, on one thread. */
import { ownTrainingSet } from '../../classifier/learning/training-set.ts';
import { openScorer } from '../../classifier/scorer.ts';
import { quantile } from '../figures/statistics.ts';

export interface ScoreTimes {
  readonly statements: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
}

/** Each is scored so often, and the fastest counts: what else the machine does is not the model's. */
const TIMES = 5;

export async function measureScoreTimes(): Promise<ScoreTimes> {
  const scorer = await openScorer();
  const sqls = ownTrainingSet(1).map(({ sql }) => sql);
  const times = new Array<number>(sqls.length).fill(Number.POSITIVE_INFINITY);
  for (let time = 0; time <= TIMES; time++)
    for (const [index, sql] of sqls.entries()) {
      const before = performance.now();
      scorer.score({ sql });
      const took = performance.now() - before;
      if (time > 0 && took < (times[index] as number)) times[index] = took; // before, it is still being compiled
    }
  return { statements: sqls.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
