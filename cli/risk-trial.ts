import { existsSync } from 'node:fs';
import type { Comparison, Trial, TrialFigures } from '../classifier/evaluation/comparison.ts';
import { isHeldBack } from '../classifier/learning/held-back.ts';
import { jsonlSource } from '../classifier/learning/jsonl-source.ts';
import { ownSource } from '../classifier/learning/own-source.ts';
import { dataHash } from '../classifier/learning/train.ts';
import type { Scorer } from '../classifier/scorer.ts';
import type { Config } from '../server/config.ts';
import { trailLesson } from '../server/risk/learning/trail-lesson.ts';
import { EXIT, ExitError } from './exit.ts';

/** The own training set is made anew for each seed. */
const SEED = 1;

/**
 * What two models are compared on: what no challenger learns from (of the project's own training set, and of the trail, or
 * all of `data`), and all verdicts of the trail. Without a configuration there is no trail.
 */
export async function trialOf(
  config: Config | null,
  data: string | undefined,
  challenger: Scorer,
): Promise<Trial> {
  const lesson = config === null ? { passed: [], judged: [] } : await trailLesson(config.audit.spool);
  const own = ownSource(SEED);
  if (data === undefined)
    return {
      heldBack: [...own.statements(), ...lesson.passed].filter(isHeldBack),
      sessions: own.sessions(),
      judged: lesson.judged,
    };
  if (!existsSync(data)) throw new ExitError(EXIT.usage, `there is no folder ${data}`);
  const source = jsonlSource(data);
  const heldBack = source.statements();
  if (challenger.files.facts.data.hash === dataHash(heldBack))
    throw new ExitError(EXIT.usage, `the model was trained on ${data}: name data that it has not seen`);
  return { heldBack, sessions: source.sessions(), judged: lesson.judged };
}

/** For people: one line a figure. */
export function comparisonLines({
  statements,
  sessions,
  verdicts,
  champion,
  challenger,
  worse,
}: Comparison): readonly string[] {
  const line = (what: string, figure: (figures: TrialFigures) => number | null) =>
    `${what.padEnd(44)} ${told(figure(champion)).padStart(8)} ${told(figure(challenger)).padStart(8)}`;
  return [
    `${''.padEnd(44)} champion challenger`,
    line(`AUROC of ${statements} statements held back`, ({ auroc }) => auroc),
    line('recall at 1 % false alarms', ({ recallAt1Percent }) => recallAt1Percent),
    line(`AUROC of ${sessions} sessions`, ({ sessionAuroc }) => sessionAuroc),
    line(`of ${verdicts.true} true alarms, raised again`, ({ trueAlarms }) => trueAlarms),
    line(`of ${verdicts.false} false alarms, raised again`, ({ falseAlarms }) => falseAlarms),
    ...(worse.length === 0
      ? ['the challenger is at least as good']
      : worse.map((sentence) => `worse: ${sentence}`)),
  ];
}

const told = (value: number | null): string =>
  value === null ? '-' : Number.isInteger(value) && value !== 1 ? String(value) : value.toFixed(4);
