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
  const reasonFor = (feature: number): Reason => {
    const name = STATEMENT_FEATURE_NAMES[feature] as (typeof STATEMENT_FEATURE_NAMES)[number];
    const usual = model.usual[feature] as number;
    const without = stacked(
      model.stack,
      treesMargin(model.trees, withUsual(model, input.row, feature)),
      wording,
    );
    const value = input.row[feature] as number;
    return reasonOf(name, STATEMENT_FEATURES[name].sentence, value, usual, logOdds - without);
  };
  const [likely, others] = candidatesOf(model, input);
  const candidates = likely.map(reasonFor);
  // Where paths mislead, features that act together among them, every feature is tried.
  if (!candidates.some(({ contribution }) => contribution > 0)) candidates.push(...others.map(reasonFor));
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

/** Features that differ from what is usual: those that moved the trees most, and the rest. */
function candidatesOf(
  model: StatementModel,
  { row }: StatementInput,
): readonly [readonly number[], readonly number[]] {
  const contributions = treesContributions(model.trees, row);
  const all = Array.from(contributions, (_, feature) => feature)
    .filter((feature) => row[feature] !== model.usual[feature] && contributions[feature] !== 0)
    .sort((a, b) => Math.abs(contributions[b] as number) - Math.abs(contributions[a] as number));
  return [all.slice(0, CANDIDATES), all.slice(CANDIDATES)];
}
