/** Whether a challenger may take the champion's place: by statements that it has not learnt from, and by reviewers' verdicts. */
import { logOddsAt } from '../alert-budget.ts';
import type { SessionExample, StatementExample } from '../learning/examples.ts';
import { areaUnder, curveOf, pointAt } from '../learning/metrics.ts';
import type { Scorer } from '../scorer.ts';
import { pathOf } from '../session/replay.ts';

/** What both are measured on. */
export interface Trial {
  readonly heldBack: readonly StatementExample[];
  readonly sessions: readonly SessionExample[];
  readonly judged: readonly StatementExample[];
}

export interface TrialFigures {
  readonly model: string;
  /** Of the statements held back; null: there are not both harmless and bad ones. */
  readonly auroc: number | null;
  readonly recallAt1Percent: number | null;
  readonly sessionAuroc: number | null;
  /** Judged alarms that it would raise by the text alone, of those that were false and true. */
  readonly falseAlarms: number;
  readonly trueAlarms: number;
}

export interface Comparison {
  readonly statements: number;
  readonly sessions: number;
  readonly verdicts: { readonly true: number; readonly false: number };
  readonly champion: TrialFigures;
  readonly challenger: TrialFigures;
  /** Sentences: where the challenger is not as good. Empty: it may take the place. */
  readonly worse: readonly string[];
}

/** Differences that are noise: some hundred statements and sessions are compared. */
const TOLERANCE = 0.005;
/** The share of harmless statements at which a statement raises an alarm. */
const ALARM = 0.01;

export function compare(champion: Scorer, challenger: Scorer, trial: Trial): Comparison {
  const before = measure(champion, trial);
  const after = measure(challenger, trial);
  const settled = trial.judged.filter(({ contextual }) => !contextual);
  return {
    statements: trial.heldBack.length,
    sessions: trial.sessions.length,
    verdicts: {
      true: settled.filter(({ bad }) => bad).length,
      false: settled.filter(({ bad }) => !bad).length,
    },
    champion: before,
    challenger: after,
    worse: [
      ...lower('AUROC of statements held back', before.auroc, after.auroc),
      ...lower('recall at 1 % false alarms', before.recallAt1Percent, after.recallAt1Percent),
      ...lower('AUROC of sessions', before.sessionAuroc, after.sessionAuroc),
      ...lower('true alarms raised again', before.trueAlarms, after.trueAlarms),
      ...lower('false alarms not raised again', -before.falseAlarms, -after.falseAlarms),
    ],
  };
}

function lower(what: string, before: number | null, after: number | null): readonly string[] {
  if (before === null || after === null || after >= before - TOLERANCE) return [];
  const told = (value: number) => (Number.isInteger(value) ? String(Math.abs(value)) : value.toFixed(4));
  return [`${what}: ${told(before)} of the champion, ${told(after)} of the challenger`];
}

function measure(scorer: Scorer, { heldBack, sessions, judged }: Trial): TrialFigures {
  const logOdds = (example: StatementExample) => scorer.textLogOdds(scorer.facts(example.sql));
  const settled = heldBack.filter(({ contextual }) => !contextual);
  const curve = curveFor(
    settled.map(logOdds),
    settled.map(({ bad }) => bad),
  );
  const peaks = sessions.map(({ session }) => Math.max(...pathOf(scorer, session)));
  const ofSessions = curveFor(
    peaks,
    sessions.map(({ bad }) => bad.length > 0),
  );
  const limit = logOddsAt(scorer.files.facts.operatingPoints.statements, ALARM);
  const raised = judged.filter((example) => !example.contextual && logOdds(example) >= limit);
  return {
    model: scorer.files.id,
    auroc: curve === null ? null : areaUnder(curve),
    recallAt1Percent: curve === null ? null : pointAt(curve, ALARM).recall,
    sessionAuroc: ofSessions === null ? null : areaUnder(ofSessions),
    falseAlarms: raised.filter(({ bad }) => !bad).length,
    trueAlarms: raised.filter(({ bad }) => bad).length,
  };
}

function curveFor(scores: readonly number[], bad: readonly boolean[]): ReturnType<typeof curveOf> | null {
  if (!bad.includes(true) || !bad.includes(false)) return null;
  return curveOf(scores, bad.map(Number));
}
