/**
 * What scores are worth on what is new: models are trained anew without each source, technique and scenario, and score just
 * that. Weights, calibration and thresholds come from the rest alone, as they would where a model is put to use.
 */

import { factsOf } from '../features/statement-features.ts';
import type { ExampleSource, SessionExample, StatementExample } from '../learning/examples.ts';
import { dealt } from '../learning/folds.ts';
import { pathsOf, trainSessions, unseenTextLogOdds } from '../learning/train-sessions.ts';
import {
  type TrainedStatements,
  type TrainingOptions,
  trainStatements,
} from '../learning/train-statements.ts';
import { inputOf, statementLogOdds } from '../model/statement-model.ts';
import { evaluateStatements, type StatementFigures } from './figures.ts';
import { TECHNIQUES } from './techniques.ts';

/** Of what was left out: how many, and how many of them raise an alarm. */
export interface LeftOut {
  readonly name: string;
  readonly count: number;
  readonly alarms: number;
}

export interface Generalisation {
  /** Of each model. */
  readonly trees: number;
  /** Scores of all statements, each by a model that has not seen its source. */
  readonly statements: StatementFigures;
  /** The same by models that have not seen the project's own training set either. */
  readonly withoutOwn: StatementFigures;
  /** At the threshold that 1 % of the harmless statements of the other sources reach. */
  readonly badSources: readonly LeftOut[];
  readonly harmlessSources: readonly LeftOut[];
  readonly techniques: readonly LeftOut[];
  /** At the threshold that 5 % of the harmless sessions of the other scenarios reach. */
  readonly badScenarios: readonly LeftOut[];
  readonly harmlessScenarios: readonly LeftOut[];
}

export interface GeneralisationOptions {
  readonly seed: number;
  readonly trees: number;
  /** Helps to train each model, and is left out with its technique. */
  readonly own: readonly StatementExample[];
  /** Times that each payload of the project's own is put into harmless statements. */
  readonly injections: number;
  readonly progress: (message: string) => void;
}

const OUTER_FOLDS = 5;
const INNER_FOLDS = 3;
const SESSION_FOLDS = 8;

export function generalisationOf(source: ExampleSource, options: GeneralisationOptions): Generalisation {
  const examples = source.statements();
  const settled = examples.filter(({ contextual }) => !contextual);
  const scored = bySource(examples, true, options);
  const withoutOwn = bySource(examples, false, options);
  const pick = (scores: readonly Scored[]) => scores.filter((_, at) => examples[at]?.contextual === false);
  const alarmed = pick(scored).map(({ logOdds, limit }) => logOdds >= limit);
  const shares = (bad: boolean) =>
    leftOut(settled, alarmed, (example) => (example.bad === bad ? example.source : null));
  return {
    trees: options.trees,
    statements: evaluateStatements(
      examples,
      scored.map(({ logOdds }) => logOdds),
    ),
    withoutOwn: evaluateStatements(
      examples,
      withoutOwn.map(({ logOdds }) => logOdds),
    ),
    badSources: shares(true),
    harmlessSources: shares(false),
    techniques: byTechnique(settled, options),
    ...byScenario(examples, source.sessions(), options),
  };
}

interface Scored {
  readonly logOdds: number;
  /** What 1 % of the harmless statements that its model has been calibrated on reach. */
  readonly limit: number;
}

/** Each source in one of a few folds, as harmless sources and as bad ones apart. */
function bySource(
  examples: readonly StatementExample[],
  own: boolean,
  options: GeneralisationOptions,
): readonly Scored[] {
  const folds = dealt(
    examples,
    ({ source }) => source,
    ({ bad }) => bad,
    OUTER_FOLDS,
  );
  const scored = new Array<Scored>(examples.length);
  for (let fold = 0; fold < OUTER_FOLDS; fold++) {
    const bases = new Set(
      examples.filter(({ bad }, at) => !bad && folds[at] === fold).map(({ source }) => source),
    );
    const training = examples.filter(
      ({ bad, base }, at) => folds[at] !== fold && !(bad && base !== undefined && bases.has(base)),
    );
    const trained = trainStatements(
      training,
      own ? options.own : [],
      settings(options, own ? options.injections : 0),
    );
    const limit = limitOf(training, trained);
    examples.forEach(({ sql }, at) => {
      if (folds[at] === fold) scored[at] = { logOdds: logOddsBy(trained, sql), limit };
    });
    options.progress(`sources${own ? '' : ' without the own set'}: ${fold + 1} of ${OUTER_FOLDS}`);
  }
  return scored;
}

/** None of a technique's examples is trained on, of whatever source, the own ones among them. */
function byTechnique(
  examples: readonly StatementExample[],
  options: GeneralisationOptions,
): readonly LeftOut[] {
  return Object.entries(TECHNIQUES).flatMap(([name, kinds]) => {
    const left = examples.filter(({ bad, kind }) => bad && kinds.includes(kind));
    if (left.length === 0) return [];
    const without = new Set(kinds);
    const training = examples.filter(({ kind }) => !without.has(kind));
    const own = options.own.filter(({ kind }) => !without.has(kind));
    const trained = trainStatements(training, own, { ...settings(options, options.injections), without });
    const limit = limitOf(training, trained);
    options.progress(`without ${name}`);
    return [
      { name, count: left.length, alarms: left.filter(({ sql }) => logOddsBy(trained, sql) >= limit).length },
    ];
  });
}

function byScenario(
  examples: readonly StatementExample[],
  sessions: readonly SessionExample[],
  options: GeneralisationOptions,
): Pick<Generalisation, 'badScenarios' | 'harmlessScenarios'> {
  if (sessions.length === 0) return { badScenarios: [], harmlessScenarios: [] };
  const texts = trainStatements(examples, options.own, settings(options, options.injections));
  const known = new Map(examples.map(({ sql }, at) => [sql, texts.unseen[at] as number]));
  const textLogOdds = unseenTextLogOdds(known, texts.foldModels);
  const isBad = ({ bad }: SessionExample) => bad.length > 0;
  const folds = dealt(sessions, ({ scenario }) => scenario, isBad, SESSION_FOLDS);
  const alarmed = new Array<boolean>(sessions.length);
  for (let fold = 0; fold < SESSION_FOLDS; fold++) {
    const training = sessions.filter((_, at) => folds[at] !== fold);
    const trained = trainSessions(training, textLogOdds);
    const harmless = trained.unseen.filter((_, at) => !isBad(training[at] as SessionExample)).map(peakOf);
    const limit = topOf(harmless, 0.05);
    sessions.forEach((session, at) => {
      if (folds[at] !== fold) return;
      const [path] = pathsOf(trained.model, [session], textLogOdds);
      alarmed[at] = peakOf(path as Float64Array) >= limit;
    });
  }
  const shares = (bad: boolean) =>
    leftOut(sessions, alarmed, (session) => (isBad(session) === bad ? session.scenario : null));
  return { badScenarios: shares(true), harmlessScenarios: shares(false) };
}

const settings = ({ seed, trees }: GeneralisationOptions, injections: number): TrainingOptions => ({
  seed,
  trees,
  folds: INNER_FOLDS,
  injections,
  progress: () => {},
});

const logOddsBy = ({ model }: TrainedStatements, sql: string): number =>
  statementLogOdds(model, inputOf(factsOf(sql)));

const limitOf = (training: readonly StatementExample[], { unseen }: TrainedStatements): number =>
  topOf(
    [...unseen].filter((_, at) => training[at]?.bad === false),
    0.01,
  );

/** What a share of them is above. */
const topOf = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => b - a)[Math.floor(share * values.length)] ?? Infinity;

const peakOf = (path: Float64Array): number => path.reduce((most, value) => Math.max(most, value), -Infinity);

/** The smallest share of alarms first. */
function leftOut<Item>(
  items: readonly Item[],
  alarmed: readonly boolean[],
  nameOf: (item: Item) => string | null,
): readonly LeftOut[] {
  const groups = new Map<string, { count: number; alarms: number }>();
  items.forEach((item, at) => {
    const name = nameOf(item);
    if (name === null) return;
    const group = groups.get(name) ?? { count: 0, alarms: 0 };
    groups.set(name, { count: group.count + 1, alarms: group.alarms + (alarmed[at] ? 1 : 0) });
  });
  return [...groups]
    .map(([name, group]) => ({ name, ...group }))
    .sort((a, b) => a.alarms / a.count - b.alarms / b.count || b.count - a.count);
}
