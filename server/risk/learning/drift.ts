import { type JudgedScore, MOST_JUDGED } from '../../../access/verdict-book.ts';
import type { SpooledEvent } from '../../../audit/events.ts';
import { readSpool } from '../../../audit/reader.ts';
import { type Drift, driftOf } from '../../../classifier/drift/reference.ts';
import { inputOf, statementLogOdds } from '../../../classifier/model/statement-model.ts';
import type { Scorer } from '../../../classifier/scorer.ts';
import { type Calibration, calibrations } from '../calibration.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { type JudgedAlarm, judgedAlarms, judgedScore } from './alarms.ts';

/** What a trail says of how far traffic has moved away from what the model and the habits know. */
export interface DriftReport {
  /** Statements let pass in the window, and how many forms they have. */
  readonly statements: number;
  readonly forms: number;
  /** The share of those forms that the time before the window did not have; null: there is no such time. */
  readonly unseen: number | null;
  readonly alarms: number;
  /** Alarms that reviewers have called true and false. */
  readonly verdicts: { readonly true: number; readonly false: number };
  /** By feature and of the score, the most drifted first; null: too few forms to tell. */
  readonly drifts: readonly Drift[] | null;
  /** Whether alarms turn out as their scores promise; null: none was judged. */
  readonly calibration: ModelCalibration | null;
}

/** Whatever the window: of the last alarms that were judged, as nodes tell it. */
export interface ModelCalibration {
  /** The model of the last of them. */
  readonly model: string;
  readonly causes: readonly Calibration[];
}

/** Each form counts once: a program that repeats itself is no shift. `since`: Unix ms. */
export async function driftReport(spool: string, scorer: Scorer, since: number): Promise<DriftReport> {
  const before = new Set<string>();
  const within = new Map<string, string>();
  const counts = { statements: 0, alarms: 0, true: 0, false: 0 };
  for await (const event of readSpool(spool, { types: ['statement', 'risk.flag', 'risk.verdict'] })) {
    const recent = Date.parse(event.at) >= since;
    const sql = textOf(event);
    if (sql !== null && !recent) before.add(fingerprintOf(sql));
    if (!recent) continue;
    if (sql !== null) {
      counts.statements++;
      within.set(fingerprintOf(sql), sql);
    } else if (event.type === 'risk.flag') counts.alarms++;
    else if (event.type === 'risk.verdict') counts[event.verdict]++;
  }
  const inputs = [...within.values()].map((sql) => inputOf(scorer.facts(sql)));
  const unseen = [...within.keys()].filter((form) => !before.has(form)).length;
  return {
    statements: counts.statements,
    forms: within.size,
    unseen: before.size === 0 || within.size === 0 ? null : unseen / within.size,
    alarms: counts.alarms,
    verdicts: { true: counts.true, false: counts.false },
    drifts: driftOf(
      scorer.files.facts.reference,
      inputs.map(({ row }) => row),
      inputs.map((input) => statementLogOdds(scorer.files.statement, input)),
    ),
    calibration: calibrationOf(await judgedAlarms(spool)),
  };
}

function calibrationOf(alarms: readonly JudgedAlarm[]): ModelCalibration | null {
  const judged = alarms
    .flatMap((alarm): JudgedScore | readonly [] => judgedScore(alarm) ?? [])
    .sort((a, b) => a.at - b.at);
  const last = judged.at(-1);
  if (last === undefined) return null;
  const own = judged.filter(({ model }) => model === last.model).slice(-MOST_JUDGED);
  return { model: last.model, causes: calibrations(own) };
}

/** Of a statement that was let pass; null: the event is another. */
function textOf(event: SpooledEvent): string | null {
  if (event.type !== 'statement' || event.inFull !== undefined) return null;
  return event.decision === 'allow' || event.decision === 'observe' ? event.sql : null;
}
