/** The triage model: for each question a linear model over concepts and wording, with shares that add up to 1. */
import { scaleOf } from '../model/linear.ts';
import { FEATURES, type TriageInput, WORDING_SIZE } from './features.ts';
import { DECISIONS, INTENTS, RISKS } from './request.ts';

/** The questions, with their answers in order. */
export const HEADS = { intent: INTENTS, risk: RISKS, decision: DECISIONS } as const;
export type Head = keyof typeof HEADS;
export const HEAD_NAMES = Object.keys(HEADS) as Head[];

/** Weights by input, then by answer. */
export interface HeadWeights {
  readonly concepts: Float32Array;
  readonly wording: Float32Array;
  readonly bias: Float32Array;
}

export type TriageModel = Readonly<Record<Head, HeadWeights>>;

/** How much the wording counts beside the concepts, which carry over to other wordings. */
export const WORDING_SHARE = 0.5;

export const wordingScale = (bag: Uint16Array): number => Math.fround(WORDING_SHARE * scaleOf(bag));

export type Answers = Readonly<Record<Head, Float64Array>>;

/** Shares of the answers to each question. */
export function answersOf(model: TriageModel, input: TriageInput): Answers {
  return {
    intent: sharesOf(model.intent, input),
    risk: sharesOf(model.risk, input),
    decision: sharesOf(model.decision, input),
  };
}

function sharesOf(weights: HeadWeights, { row, bag }: TriageInput): Float64Array {
  const count = weights.bias.length;
  const margins = Float64Array.from(weights.bias);
  for (let feature = 0; feature < FEATURES.length; feature++)
    if (row[feature] !== 0) addRow(margins, weights.concepts, feature * count, row[feature] as number);
  const scale = wordingScale(bag);
  for (const place of bag) addRow(margins, weights.wording, place * count, scale);
  return softmax(margins);
}

export function addRow(sums: Float64Array, weights: ArrayLike<number>, from: number, times: number): void {
  for (let answer = 0; answer < sums.length; answer++)
    sums[answer] = (sums[answer] as number) + times * (weights[from + answer] as number);
}

export function softmax(margins: Float64Array): Float64Array {
  const most = Math.max(...margins);
  const powers = margins.map((margin) => Math.exp(margin - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

export const emptyHead = (
  head: Head,
): { concepts: Float64Array; wording: Float64Array; bias: Float64Array } => ({
  concepts: new Float64Array(FEATURES.length * HEADS[head].length),
  wording: new Float64Array(WORDING_SIZE * HEADS[head].length),
  bias: new Float64Array(HEADS[head].length),
});
