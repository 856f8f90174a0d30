/** MODEL_CARD.md beside a model: for people, from what model.json says. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelFacts, modelId } from './model-files.ts';

export async function writeModelCard(folder: string): Promise<void> {
  const facts = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as ModelFacts;
  await writeFile(join(folder, 'MODEL_CARD.md'), cardOf(facts));
}

export function cardOf(facts: ModelFacts): string {
  const rows = (values: Readonly<Record<string, string | number>>) =>
    Object.entries(values)
      .map(([name, value]) => `| ${name} | ${value} |`)
      .join('\n');
  return `# Model card: risk model ${modelId(facts)}

Scores single SQL statements, and sessions of them, for how much they look like misuse. Features version ${facts.featureVersion}, seed ${facts.seed}.

## Made of

* \`statement.onnx\` (SHA-256 \`${facts.files['statement.onnx']}\`): gradient-boosted trees over parse-tree facts, a linear model over masked wording, stacked and calibrated by logistic regression on folds by group.
* \`session.onnx\` (SHA-256 \`${facts.files['session.onnx']}\`): log-odds of each statement in the light of its session, linear in named features; evidence adds up and leaks (CUSUM).

## Data

| | |
|---|---|
${rows(facts.data)}

The training set that comes with Postern is part of every training. Of other data only weights are kept.

## Figures

On groups that were not trained on: folds by source, tool and author (statements) and by scenario (sessions).

| | |
|---|---|
${rows(facts.figures)}

## Limits

* The share of bad statements and sessions among the training data is far above that of any real traffic: scores rank; thresholds come from an alert budget.
* Sessions of the training data are composed, not recorded. Nobody has public, labelled sessions of real insiders; figures on sessions say how the model does on scenarios of this kind.
* How a statement is written (case, blanks, lengths, quotes, notes of tools) and what its relations and columns are called does not count, but for a few names that mean something everywhere: system catalogs and their secrets, audit trails, ransom notes. What is usual here is the novelty gate's to know.
* Figures on sources, techniques and scenarios that were left out altogether, threshold and calibration with them, are in \`report/generalisation.md\` where there is one: they are the ones to expect of new data.
* Statements whose text alone does not settle anything (a bulk read, a TRUNCATE) are judged by their session and their context.
* The model ranks what guardrails allow. It never allows anything.
`;
}
