/** Trains the statement model, and scores each example by models that have not seen its group. */
import { BAG_SIZE } from '../features/bag.ts';
import { factsOf, STATEMENT_FEATURE_NAMES, STATEMENT_FEATURES } from '../features/statement-features.ts';
import { bagMargin, type Linear } from '../model/linear.ts';
import { inputOf, type StatementInput, type StatementModel, stacked } from '../model/statement-model.ts';
import { joined, type Trees, treesMargin } from '../model/trees.ts';
import { type BoostingOptions, boost } from './boosting.ts';
import type { StatementExample } from './examples.ts';
import { dealt } from './folds.ts';
import { judgement } from './judgement.ts';
import { fitBag, fitStack } from './logistic.ts';
import { Random } from './random.ts';
import { injected, mistyped } from './training-set.ts';

export interface TrainingOptions {
  readonly seed: number;
  readonly folds: number;
  readonly trees: number;
  /** Times that each payload is put into a harmless statement of the training set. */
  readonly injections: number;
  /** Kinds of made examples that are left out. */
  readonly without?: ReadonlySet<string>;
  readonly progress: (message: string) => void;
}

export interface TrainedStatements {
  readonly model: StatementModel;
  /** Log-odds of each example by a model that has not seen its group. */
  readonly unseen: Float64Array;
  readonly folds: Uint8Array;
  /** The models of the folds. */
  readonly foldModels: readonly StatementModel[];
  readonly inputs: readonly StatementInput[];
}

/** What the text alone does not settle teaches little; what looks dangerous and is not teaches much. */
const CONTEXTUAL_WEIGHT = 0.1;
const HARD_WEIGHT = 2;
const OWN_WEIGHT = 2;

type Prepared = StatementExample & { readonly input: StatementInput };

interface Margins {
  readonly trees: Trees;
  readonly bag: Linear;
}

/** `own`: examples that help to train each model and are never scored. */
export function trainStatements(
  examples: readonly StatementExample[],
  own: readonly StatementExample[],
  options: TrainingOptions,
): TrainedStatements {
  const prepared = examples.map(prepare);
  const helpers = own.map(prepare);
  const folds = dealt(prepared, groupOf, ({ bad }) => bad, options.folds);
  const margins = new Array<readonly [number, number]>(prepared.length);
  const foldMargins: Margins[] = [];
  for (let fold = 0; fold < options.folds; fold++) {
    const fitted = fitMargins(trainingFor(prepared, folds, fold), helpers, options, fold);
    foldMargins.push(fitted);
    prepared.forEach(({ input }, index) => {
      if (folds[index] === fold)
        margins[index] = [treesMargin(fitted.trees, input.row), bagMargin(fitted.bag, input.bag)];
    });
    options.progress(`statements: fold ${fold + 1} of ${options.folds}`);
  }
  const stack = calibrate(prepared, margins);
  const all = fitMargins(prepared, helpers, options, options.folds);
  options.progress('statements: all');
  const usual = usualOf(prepared, all.bag);
  return {
    model: { ...all, stack, ...usual },
    unseen: Float64Array.from(margins, ([trees, bag]) => stacked(stack, trees, bag)),
    folds,
    foldModels: foldMargins.map((fitted) => ({ ...fitted, stack, ...usual })),
    inputs: prepared.map(({ input }) => input),
  };
}

const groupOf = ({ source }: StatementExample): string => source;

function prepare(example: StatementExample): Prepared {
  return { ...example, input: inputOf(factsOf(example.sql)) };
}

/** Without attacks on statements of the fold, too. */
function trainingFor(prepared: readonly Prepared[], folds: Uint8Array, fold: number): readonly Prepared[] {
  const sources = new Set(prepared.filter(({ bad }, index) => !bad && folds[index] === fold).map(groupOf));
  return prepared.filter(
    ({ bad, base }, index) => folds[index] !== fold && !(bad && base !== undefined && sources.has(base)),
  );
}

function fitMargins(
  training: readonly Prepared[],
  helpers: readonly Prepared[],
  options: TrainingOptions,
  fold: number,
): Margins {
  const random = new Random(options.seed + 101 * fold);
  const bases = training.filter(({ bad }) => !bad).map(({ sql }) => sql);
  const made = [
    ...injected(bases, random, options.injections),
    ...mistyped(bases, random, Math.ceil(bases.length / 30)),
  ].filter(({ kind }) => !options.without?.has(kind));
  const all = [...training, ...helpers, ...made.map(prepare)];
  const labels = Uint8Array.from(all, ({ bad }) => (bad ? 1 : 0));
  const weights = Float32Array.from(all, weightOf);
  const trends = STATEMENT_FEATURE_NAMES.map((name) => STATEMENT_FEATURES[name].trend);
  const rows = all.map(({ input }) => input.row);
  const judged = judgement({ rows, labels, weights });
  const margins = Float64Array.from(rows, (row) => treesMargin(judged, row));
  const learnt = boost({ rows, labels, weights, margins }, trends, {
    ...BOOSTING,
    trees: options.trees,
    seed: options.seed,
  });
  const trees = joined(judged, learnt, 1);
  const bags = all.map(({ input }) => input.bag);
  return { trees, bag: fitBag(bags, labels, weights, BAG_SIZE, { ...BAG, seed: options.seed }) };
}

const BOOSTING: Omit<BoostingOptions, 'trees' | 'seed'> = {
  depth: 5,
  rate: 0.1,
  ridge: 2,
  leastHessian: 2,
  rowShare: 0.7,
  featureShare: 0.5,
};

const BAG = { rounds: 5, rate: 0.3, ridge: 1e-5 };

function weightOf({ contextual, hard, source }: StatementExample): number {
  if (contextual) return CONTEXTUAL_WEIGHT;
  if (hard) return HARD_WEIGHT;
  return source === 'own' ? OWN_WEIGHT : 1;
}

/** What is settled by context does not calibrate. */
function calibrate(prepared: readonly Prepared[], margins: readonly (readonly [number, number])[]): Linear {
  const settled = prepared.flatMap(({ contextual }, index) => (contextual ? [] : [index]));
  return fitStack(
    settled.map((index) => margins[index] as readonly [number, number]),
    settled.map((index) => (prepared[index]?.bad ? 1 : 0)),
    settled.map(() => 1),
    0,
  );
}

function usualOf(prepared: readonly Prepared[], bag: Linear): Pick<StatementModel, 'usual' | 'usualBag'> {
  const harmless = prepared.filter(({ bad }) => !bad);
  const usual = Float32Array.from(STATEMENT_FEATURE_NAMES, (_, feature) =>
    median(harmless.map(({ input }) => input.row[feature] as number)),
  );
  return { usual, usualBag: median(harmless.map(({ input }) => bagMargin(bag, input.bag))) };
}

export function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}
