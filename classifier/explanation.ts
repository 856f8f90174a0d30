/**
 * Reasons for a statement's score. Paths through the trees name the candidates; what a candidate adds is then what the score
 * loses when that feature has its usual value and all else stays: so taking the top reason away always lowers the score.
 */
import { STATEMENT_FEATURE_NAMES, STATEMENT_FEATURES } from './features/statement-features.ts';
import { bagMargin } from './model/linear.ts';
import { type StatementInput, type StatementModel, stacked } from './model/statement-model.ts';
import { treesContributions, treesMargin } from './model/trees.ts';
import { type Reason, reasonOf, topReasons } from './reason.ts';

/** The feature that stands for the bag of tokens. */
export const WORDING = 'wording';
const CANDIDATES = 12;

export function explainStatement(model: StatementModel, input: StatementInput): readonly Reason[] {
  const trees = treesMargin(model.trees, input.row);
  const wording = bagMargin(model.bag, input.bag);
  const logOdds = stacked(model.stack, trees, wording);
  const candidates = candidatesOf(model, input).map((feature) => {
    const name = STATEMENT_FEATURE_NAMES[feature] as (typeof STATEMENT_FEATURE_NAMES)[number];
    const usual = model.usual[feature] as number;
    const without = stacked(
      model.stack,
      treesMargin(model.trees, withUsual(model, input.row, feature)),
      wording,
    );
    const value = input.row[feature] as number;
    return reasonOf(name, STATEMENT_FEATURES[name].sentence, value, usual, logOdds - without);
  });
  const byWording = logOdds - stacked(model.stack, trees, model.usualBag);
  const sentence = 'keywords and punctuation, without names and values, are worded as in attacks';
  return topReasons([...candidates, reasonOf(WORDING, sentence, wording, model.usualBag, byWording)]);
}

/** The row with one feature as it usually is. */
export function withUsual({ usual }: StatementModel, row: Float32Array, feature: number): Float32Array {
  const changed = row.slice();
  changed[feature] = usual[feature] as number;
  return changed;
}

/** Features that differ from what is usual and moved the trees most. */
function candidatesOf(model: StatementModel, { row }: StatementInput): readonly number[] {
  const contributions = treesContributions(model.trees, row);
  return Array.from(contributions, (_, feature) => feature)
    .filter((feature) => row[feature] !== model.usual[feature] && contributions[feature] !== 0)
    .sort((a, b) => Math.abs(contributions[b] as number) - Math.abs(contributions[a] as number))
    .slice(0, CANDIDATES);
}
