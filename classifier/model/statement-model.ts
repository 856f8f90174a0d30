/** The statement model: trees over features, a linear model over wording, and a stack that calibrates both. */
import { bagOf } from '../features/bag.ts';
import type { FeatureTexts } from '../features/feature.ts';
import { rowOf, STATEMENT_FEATURES, type StatementFacts } from '../features/statement-features.ts';
import { bagMargin, type Linear } from './linear.ts';
import { type Trees, treesMargin } from './trees.ts';

export interface StatementModel {
  readonly trees: Trees;
  readonly bag: Linear;
  /** Weights of the margins of trees and bag. */
  readonly stack: Linear;
  /** What is usual of harmless statements: their median, feature by feature, and the median of the bag's margin. */
  readonly usual: Float32Array;
  readonly usualBag: number;
}

/** What the model sees of a text. */
export interface StatementInput {
  readonly row: Float32Array;
  readonly bag: Uint16Array;
}

export const STATEMENT_TEXTS: FeatureTexts = STATEMENT_FEATURES;

export const inputOf = (facts: StatementFacts): StatementInput => ({
  row: rowOf(facts),
  bag: bagOf(facts.tokens, facts.names),
});

/** Calibrated log-odds, at the share of bad statements of the training set. */
export function statementLogOdds(model: StatementModel, { row, bag }: StatementInput): number {
  return stacked(model.stack, treesMargin(model.trees, row), bagMargin(model.bag, bag));
}

export function stacked({ weights, bias }: Linear, trees: number, bag: number): number {
  return bias + (weights[0] as number) * trees + (weights[1] as number) * bag;
}

export const chanceOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));
