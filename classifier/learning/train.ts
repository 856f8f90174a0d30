/** Trains both models from a source of examples; the same source and seed give the same bytes. */
import { createHash } from 'node:crypto';
import { operatingPoints } from '../alert-budget.ts';
import { referenceOf } from '../drift/reference.ts';
import {
  evaluateSessions,
  evaluateStatements,
  type SessionFigures,
  type StatementFigures,
} from '../evaluation/figures.ts';
import { factsOf } from '../features/statement-features.ts';
import { type ModelFacts, type ModelFiles, writeModelFiles } from '../model-files.ts';
import type { ExampleSource, SessionExample, StatementExample } from './examples.ts';
import { ownSessions } from './own-sessions.ts';
import { Random } from './random.ts';
import { trainSessions, unseenTextLogOdds } from './train-sessions.ts';
import { trainStatements } from './train-statements.ts';
import { ownTrainingSet } from './training-set.ts';

export interface TrainOptions {
  readonly seed: number;
  /** 200 by default; less trains faster. */
  readonly trees?: number;
  readonly folds?: number;
  /** The source is the own training set: it is not added a second time. */
  readonly own?: boolean;
  readonly progress?: (message: string) => void;
}

export interface Trained {
  readonly models: Pick<ModelFiles, 'statement' | 'session'>;
  readonly facts: Omit<ModelFacts, 'files' | 'featureVersion'>;
  /** On groups that were not trained on. */
  readonly statements: StatementFigures;
  readonly sessions: SessionFigures;
}

export function train(source: ExampleSource, options: TrainOptions): Trained {
  const { seed, trees = 200, folds = 5, own = false, progress = () => {} } = options;
  const examples = source.statements();
  const sessions = source.sessions();
  if (!examples.some(({ bad }) => bad) || examples.every(({ bad }) => bad))
    throw new Error(`${source.name}: needs harmless and bad statements`);
  progress(`${examples.length} statements, ${sessions.length} sessions of ${source.name}`);
  const settings = { seed, folds, trees, injections: own ? 2 : 8, progress };
  const text = trainStatements(examples, own ? [] : ownTrainingSet(seed), settings);
  const known = new Map(examples.map(({ sql }, index) => [sql, text.unseen[index] as number]));
  // The own sessions help only where there are no others: they are fewer and simpler than real ones.
  const all = sessions.length > 0 ? sessions : ownSessions(new Random(seed), 6);
  const session = trainSessions(all, unseenTextLogOdds(known, text.foldModels));
  progress('sessions');
  const statementFigures = evaluateStatements(examples, text.unseen);
  const points = {
    statements: operatingPoints(text.unseen.filter((_, index) => !examples[index]?.bad)),
    sessions: operatingPoints(peaks(all, session.unseen)),
  };
  const sessionFigures = evaluateSessions(all, session.unseen, points.sessions);
  return {
    models: { statement: text.model, session: session.model },
    facts: {
      seed,
      data: dataOf(source.name, examples, all),
      figures: headlines(statementFigures, sessionFigures),
      operatingPoints: points,
      reference: referenceOf(
        text.inputs.map(({ row }) => row),
        text.unseen,
      ),
    },
    statements: statementFigures,
    sessions: sessionFigures,
  };
}

export async function trainInto(
  folder: string,
  source: ExampleSource,
  options: TrainOptions,
): Promise<Trained> {
  const trained = train(source, options);
  await writeModelFiles(folder, trained.models, trained.facts);
  return trained;
}

/** Of harmless sessions: the most that each came to. */
function peaks(sessions: readonly SessionExample[], paths: readonly Float64Array[]): readonly number[] {
  return sessions.flatMap(({ bad }, index) =>
    bad.length > 0
      ? []
      : [(paths[index] as Float64Array).reduce((most, value) => Math.max(most, value), -Infinity)],
  );
}

export function dataHash(examples: readonly StatementExample[]): string {
  const hash = createHash('sha256');
  for (const { sql, bad } of examples) hash.update(`${bad ? 1 : 0}${sql}\0`);
  return hash.digest('hex').slice(0, 16);
}

function dataOf(
  name: string,
  examples: readonly StatementExample[],
  sessions: readonly SessionExample[],
): ModelFacts['data'] {
  const bad = examples.filter((example) => example.bad);
  return {
    source: name.split('/').at(-1) ?? name,
    hash: dataHash(examples),
    harmless: examples.length - bad.length,
    bad: bad.length,
    contextual: bad.filter(({ contextual }) => contextual).length,
    groups: new Set(examples.map(({ source }) => source)).size,
    unreadable: examples.filter(({ sql }) => factsOf(sql).statements === null).length,
    harmlessSessions: sessions.filter((session) => session.bad.length === 0).length,
    badSessions: sessions.filter((session) => session.bad.length > 0).length,
    scenarios: new Set(sessions.map(({ scenario }) => scenario)).size,
  };
}

function headlines(statements: StatementFigures, sessions: SessionFigures): ModelFacts['figures'] {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    statementAuroc: round(statements.auroc),
    statementRecallAt1Percent: round(statements.recallAt1Percent),
    statementRecallAtTenthPercent: round(statements.recallAtTenthPercent),
    statementCalibrationError: round(statements.calibrationError),
    hardFalseAlarms: round(statements.hardFalseAlarms),
    sessionAuroc: round(sessions.auroc),
    sessionRecallAt5Percent: round(sessions.recallAt5Percent),
    sessionMedianDelay: sessions.medianDelay ?? -1,
    sessionHarmlessEnded: sessions.harmlessEnded,
  };
}
