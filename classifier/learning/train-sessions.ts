/** Trains the session model, and scores each session by models that have not seen its scenario. */
import { factsOf, type StatementFacts } from '../features/statement-features.ts';
import { inputOf, type StatementModel, statementLogOdds } from '../model/statement-model.ts';
import { accumulate, type SessionModel, sessionLogOdds, stepLogOdds } from '../session/session-model.ts';
import { SessionSteps, STEP_FEATURE_NAMES, STEP_FEATURES } from '../session/step-features.ts';
import type { SessionExample } from './examples.ts';
import { fitNear } from './fit-prior.ts';
import { dealt } from './folds.ts';
import { fitStack } from './logistic.ts';
import { median } from './train-statements.ts';

export interface TrainedSessions {
  readonly model: SessionModel;
  /** Calibrated log-odds of each session after each statement, by a model that has not seen its scenario. */
  readonly unseen: readonly Float64Array[];
}

/** Tried on folds by scenario: less leak and drift let long harmless sessions add up. */
const ACCUMULATION = { leak: 0.9, drift: 1, most: 4 };
const PRIOR_BIAS = -4;
const FOLDS = 8;

interface Prepared extends SessionExample {
  readonly rows: readonly Float32Array[];
}

/** `textLogOdds` of a statement of a session: by a model that has not seen it, where it was trained on. */
export function trainSessions(
  examples: readonly SessionExample[],
  textLogOdds: (facts: StatementFacts) => number,
): TrainedSessions {
  const prepared = examples.map((example) => prepare(example, textLogOdds));
  const folds = dealt(prepared, ({ scenario }) => scenario, isBad, FOLDS);
  const evidence = new Array<Float64Array>(prepared.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = fitModel(prepared.filter((_, index) => folds[index] !== fold));
    prepared.forEach(({ rows }, index) => {
      if (folds[index] === fold) evidence[index] = pathOf(model, rows);
    });
  }
  const calibration = calibrate(prepared, evidence);
  const model = { ...fitModel(prepared), calibration };
  return { model, unseen: evidence.map((path) => path.map((value) => sessionLogOdds(model, value))) };
}

/** Text scores for `trainSessions`: unseen ones for texts of the training set, the mean of the folds' models for others. */
export function unseenTextLogOdds(
  known: ReadonlyMap<string, number>,
  models: readonly StatementModel[],
): (facts: StatementFacts) => number {
  return (facts) => {
    const unseen = known.get(facts.sql);
    if (unseen !== undefined) return unseen;
    const input = inputOf(facts);
    return models.reduce((sum, model) => sum + statementLogOdds(model, input), 0) / models.length;
  };
}

/** Calibrated log-odds of sessions after each statement. */
export function pathsOf(
  model: SessionModel,
  examples: readonly SessionExample[],
  textLogOdds: (facts: StatementFacts) => number,
): readonly Float64Array[] {
  return examples.map((example) =>
    pathOf(model, prepare(example, textLogOdds).rows).map((value) => sessionLogOdds(model, value)),
  );
}

const isBad = ({ bad }: SessionExample): boolean => bad.length > 0;

function prepare(example: SessionExample, textLogOdds: (facts: StatementFacts) => number): Prepared {
  const steps = new SessionSteps(example.session);
  const rows = example.session.statements.map((statement) => {
    const facts = factsOf(statement.sql);
    return steps.add(facts, textLogOdds(facts), statement);
  });
  return { ...example, rows };
}

/** Each bad session counts alike, however many bad statements it has; what a bad session does before its turn counts half. */
function fitModel(sessions: readonly Prepared[]): SessionModel {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  const weights: number[] = [];
  for (const session of sessions) {
    const bad = new Set(session.bad);
    session.rows.forEach((row, index) => {
      rows.push(row);
      labels.push(bad.has(index) ? 1 : 0);
      weights.push(bad.has(index) ? 3 / Math.sqrt(bad.size) : bad.size > 0 ? 0.5 : 1);
    });
  }
  const prior = STEP_FEATURE_NAMES.map((name) => STEP_FEATURES[name].prior);
  const steps = fitNear(rows, labels, weights, prior, { spread: 0.15, least: 0, bias: PRIOR_BIAS });
  const harmless = rows.filter((_, index) => labels[index] === 0);
  const usual = Float32Array.from(prior, (_, at) => median(harmless.map((row) => row[at] as number)));
  return { steps, usual, ...ACCUMULATION, calibration: { weights: Float32Array.of(1), bias: 0 } };
}

function pathOf(model: SessionModel, rows: readonly Float32Array[]): Float64Array {
  let evidence = 0;
  return Float64Array.from(rows, (row) => {
    evidence = accumulate(model, evidence, stepLogOdds(model, row));
    return evidence;
  });
}

function calibrate(
  sessions: readonly Prepared[],
  evidence: readonly Float64Array[],
): SessionModel['calibration'] {
  const peaks = evidence.map((path) => [path.reduce((most, value) => Math.max(most, value), 0)]);
  return fitStack(
    peaks,
    sessions.map((session) => (isBad(session) ? 1 : 0)),
    sessions.map(() => 1),
    0,
  );
}
