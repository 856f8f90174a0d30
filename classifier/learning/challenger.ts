/**
 * A challenger: the champion with trees added that correct it, learnt from what a database has seen since. What the champion
 * was trained on is not needed again, and what it knows is kept.
 */
import { factsOf, STATEMENT_FEATURE_NAMES, STATEMENT_FEATURES } from '../features/statement-features.ts';
import { chanceOf, inputOf, type StatementModel, statementLogOdds } from '../model/statement-model.ts';
import { joined } from '../model/trees.ts';
import type { ModelFacts, ModelFiles } from '../model-files.ts';
import { type BoostingOptions, boost } from './boosting.ts';
import type { StatementExample } from './examples.ts';
import { isHeldBack } from './held-back.ts';
import { ownTrainingSet } from './training-set.ts';

/** What a database has to teach. */
export interface Lesson {
  /** Statements that passed without an alarm. */
  readonly passed: readonly StatementExample[];
  /** Statements of alarms that reviewers have judged. */
  readonly judged: readonly StatementExample[];
}

const CORRECTION: Omit<BoostingOptions, 'seed'> = {
  trees: 30,
  depth: 4,
  rate: 0.2,
  ridge: 1,
  leastHessian: 0.1,
  rowShare: 1,
  featureShare: 1,
};

/** A reviewer's word counts as much as so many statements that nobody has looked at. */
const JUDGED_WEIGHT = 25;
const CONTEXTUAL_WEIGHT = 0.1;
/** Of a trail no more is taken: evenly, over all of it. */
const MOST_PASSED = 5_000;
/** A challenger of a challenger, and so on: the files stay small. */
const MOST_TREES = 600;

export interface Challenger {
  readonly models: Pick<ModelFiles, 'statement' | 'session'>;
  readonly facts: Omit<ModelFacts, 'files' | 'featureVersion'>;
}

/** The same champion, lesson and seed give the same challenger. */
export function challengerOf(champion: ModelFiles, { passed, judged }: Lesson, seed: number): Challenger {
  if (judged.length === 0) throw new RangeError('no alarm has been judged: there is nothing to learn');
  if (champion.statement.trees.roots.length + CORRECTION.trees > MOST_TREES)
    throw new RangeError('the model has been corrected often enough: train one anew with --data');
  const some = evenly(
    passed.filter((example) => !isHeldBack(example)),
    MOST_PASSED,
  );
  const known = ownTrainingSet(seed).filter((example) => !isHeldBack(example));
  const statement = corrected(champion.statement, known, some, judged, seed);
  const { files: _, featureVersion: __, ...facts } = champion.facts;
  return {
    models: { statement, session: champion.session },
    facts: {
      ...facts,
      seed,
      data: {
        ...facts.data,
        correctionOf: champion.id,
        passed: some.length,
        judgedTrue: judged.filter(({ bad }) => bad).length,
        judgedFalse: judged.filter(({ bad }) => !bad).length,
      },
    },
  };
}

function corrected(
  champion: StatementModel,
  known: readonly StatementExample[],
  passed: readonly StatementExample[],
  judged: readonly StatementExample[],
  seed: number,
): StatementModel {
  const inputs = [...known, ...passed, ...judged].map(({ sql }) => inputOf(factsOf(sql)));
  const margins = Float64Array.from(inputs, (input) => statementLogOdds(champion, input));
  // What is known stays as the champion has it: its own word is what is to be learnt there.
  const labels = Float64Array.from([...known, ...passed, ...judged], ({ bad }, at) =>
    at < known.length ? chanceOf(margins[at] as number) : Number(bad),
  );
  const examples = {
    rows: inputs.map(({ row }) => row),
    labels,
    margins,
    weights: Float32Array.from(inputs, (_, at) => weightOf(judged[at - known.length - passed.length])),
  };
  const trends = STATEMENT_FEATURE_NAMES.map((name) => STATEMENT_FEATURES[name].trend);
  const correction = boost(examples, trends, { ...CORRECTION, seed });
  return {
    ...champion,
    trees: joined(champion.trees, correction, 1 / Math.max(0.1, champion.stack.weights[0] as number)),
  };
}

function weightOf(judged: StatementExample | undefined): number {
  if (judged === undefined) return 1;
  return judged.contextual ? CONTEXTUAL_WEIGHT : JUDGED_WEIGHT;
}

function evenly<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return Array.from(
    { length: Math.min(items.length, most) },
    (_, at) => items[Math.floor(at * step)] as Item,
  );
}
