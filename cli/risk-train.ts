import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { writeReport } from '../classifier/evaluation/report.ts';
import { jsonlSource } from '../classifier/learning/jsonl-source.ts';
import { ownSource } from '../classifier/learning/own-source.ts';
import { trainInto } from '../classifier/learning/train.ts';
import { writeModelCard } from '../classifier/model-card.ts';
import { EXIT, ExitError } from './exit.ts';

interface TrainOptions {
  readonly data?: string;
  readonly out: string;
  readonly seed: number;
  readonly trees: number;
  readonly json?: boolean;
}

/** `postern risk train`: a model, its card, and a report on groups that it was not trained on. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a model; the same data and seed give the same bytes')
    .option(
      '--data <folder>',
      'benign.jsonl, malicious.jsonl, sessions.jsonl; default: the training set that comes with Postern alone',
    )
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--seed <number>', 'of everything random', Number, 1)
    .option('--trees <number>', 'at most 300; fewer train faster', Number, 200)
    .option('--json', 'for programs')
    .action(train);
}

async function train({ data, out, seed, trees, json }: TrainOptions): Promise<void> {
  if (data !== undefined && !existsSync(data)) throw new ExitError(EXIT.usage, `there is no folder ${data}`);
  if (!Number.isInteger(seed)) throw new ExitError(EXIT.usage, '--seed takes a whole number');
  if (!Number.isInteger(trees) || trees < 1 || trees > 300)
    throw new ExitError(EXIT.usage, '--trees takes 1 to 300');
  const source = data === undefined ? ownSource(seed) : jsonlSource(data);
  const options = {
    seed,
    trees,
    own: data === undefined,
    progress: (message: string) => console.error(message),
  };
  const trained = await trainInto(out, source, options);
  await writeModelCard(out);
  await writeReport(`${out}/report`, {
    title: 'Risk model on groups that it was not trained on',
    notes: ['Folds by source and tool (statements) and by scenario (sessions): no group is on both sides.'],
    statements: trained.statements,
    sessions: trained.sessions,
    latency: null,
  });
  const { figures } = trained.facts;
  if (json) return console.log(JSON.stringify({ out, figures }));
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(32)} ${value}`);
}
