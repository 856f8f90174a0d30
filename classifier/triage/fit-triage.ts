/** Multinomial logistic regression by AdaGrad (Duchi et al. 2011), for each question by itself. */
import { Random } from '../learning/random.ts';
import type { TriageExample } from './examples.ts';
import { FEATURES, inputOf, type TriageInput } from './features.ts';
import { groundsOf } from './grounds.ts';
import { readingOf } from './reading.ts';
import { INTENTS, type Intent } from './request.ts';
import {
  addRow,
  emptyHead,
  HEADS,
  type Head,
  type HeadWeights,
  softmax,
  type TriageModel,
  wordingScale,
} from './triage-model.ts';

export interface FitOptions {
  readonly seed: number;
  readonly rounds: number;
  /** What is corrected; without it, a model is trained anew. */
  readonly from?: TriageModel;
}

export const FIT: FitOptions = { seed: 1, rounds: 25 };

const RATE = 0.1;
/** Of the wording's weights, and of those of the concepts, per example. */
const RIDGE = { wording: 3e-3, concepts: 5e-4 };
/** The first intent of two. */
const FIRST = 0.7;

interface Lesson {
  readonly input: TriageInput;
  readonly targets: Readonly<Record<Head, Float64Array>>;
  readonly weight: number;
}

export function fitTriage(examples: readonly TriageExample[], options: FitOptions = FIT): TriageModel {
  const lessons = lessonsOf(examples);
  return {
    intent: fitHead('intent', lessons, options),
    risk: fitHead('risk', lessons, options),
    decision: fitHead('decision', lessons, options),
  };
}

/** A template's many requests count as a few. */
function lessonsOf(examples: readonly TriageExample[]): readonly Lesson[] {
  const sizes = new Map<string, number>();
  for (const { group } of examples) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return examples.map((example) => {
    const reading = readingOf(example.request);
    const [first, ...others] = example.intents.map((intent) => HEADS.intent.indexOf(intent)) as [
      number,
      ...number[],
    ];
    const intent = new Float64Array(HEADS.intent.length);
    intent[first] = others.length > 0 ? FIRST : 1;
    for (const other of others) intent[other] = (1 - FIRST) / others.length;
    return {
      input: inputOf(reading, groundsOf(reading)),
      targets: {
        intent,
        risk: only(HEADS.risk.length, HEADS.risk.indexOf(example.risk)),
        decision: only(HEADS.decision.length, HEADS.decision.indexOf(example.decision)),
      },
      weight: 1 / Math.sqrt(sizes.get(example.group) as number),
    };
  });
}

function only(count: number, place: number): Float64Array {
  const targets = new Float64Array(count);
  targets[place] = 1;
  return targets;
}

/** What a concept stands for, before anything is learnt. */
const STANDS_FOR: readonly (readonly [string, Intent])[] = [
  ...INTENTS.map((intent) => [`purpose: ${intent}`, intent] as const),
  ['manner: curiosity', 'curiosity'],
  ['manner: ignoreInstructions', 'prompt_injection'],
  ['manner: addressesApprover', 'prompt_injection'],
  ['manner: followsForeignText', 'prompt_injection'],
  ['manner: skipsApproval', 'social_engineering'],
  ['manner: claimsIdentity', 'social_engineering'],
  ['manner: verbalApproval', 'social_engineering'],
  ['manner: authority', 'social_engineering'],
  ['manner: superuser', 'access_admin'],
  ['manner: auditOff', 'access_admin'],
  ['manner: wallsDown', 'access_admin'],
  ['circumstance: vague', 'unknown'],
];
const START = 1.5;

function startFromConcepts(weights: Float64Array): void {
  for (const [feature, intent] of STANDS_FOR) {
    const place = FEATURES.indexOf(feature);
    if (place >= 0) weights[place * INTENTS.length + INTENTS.indexOf(intent)] = START;
  }
}

function newHead(head: Head): Weights {
  const weights = emptyHead(head);
  if (head === 'intent') startFromConcepts(weights.concepts);
  return weights;
}

type Weights = ReturnType<typeof emptyHead>;

const copied = ({ concepts, wording, bias }: HeadWeights): Weights => ({
  concepts: Float64Array.from(concepts),
  wording: Float64Array.from(wording),
  bias: Float64Array.from(bias),
});

function fitHead(head: Head, lessons: readonly Lesson[], { seed, rounds, from }: FitOptions): HeadWeights {
  const weights = from === undefined ? newHead(head) : copied(from[head]);
  const squares = emptyHead(head);
  const count = weights.bias.length;
  const random = new Random(seed);
  const step = (
    part: keyof typeof weights,
    from: number,
    errors: Float64Array,
    times: number,
    ridge: number,
  ) => {
    for (let answer = 0; answer < count; answer++) {
      const at = from + answer;
      const gradient = times * (errors[answer] as number) + ridge * (weights[part][at] as number);
      squares[part][at] = (squares[part][at] as number) + gradient * gradient;
      weights[part][at] =
        (weights[part][at] as number) - (RATE * gradient) / Math.sqrt(1e-8 + (squares[part][at] as number));
    }
  };
  for (let round = 0; round < rounds; round++)
    for (const { input, targets, weight } of random.shuffled(lessons)) {
      const { row, bag } = input;
      const scale = wordingScale(bag);
      const margins = Float64Array.from(weights.bias);
      for (let feature = 0; feature < row.length; feature++)
        if (row[feature] !== 0) addRow(margins, weights.concepts, feature * count, row[feature] as number);
      for (const place of bag) addRow(margins, weights.wording, place * count, scale);
      const errors = softmax(margins).map(
        (share, answer) => weight * (share - (targets[head][answer] as number)),
      );
      for (let feature = 0; feature < row.length; feature++)
        if (row[feature] !== 0)
          step('concepts', feature * count, errors, row[feature] as number, RIDGE.concepts);
      for (const place of bag) step('wording', place * count, errors, scale, RIDGE.wording);
      step('bias', 0, errors, 1, 0);
    }
  return {
    concepts: Float32Array.from(weights.concepts),
    wording: Float32Array.from(weights.wording),
    bias: Float32Array.from(weights.bias),
  };
}
