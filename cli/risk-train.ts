import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { generalisationOf } from '../classifier/evaluation/generalisation.ts';
import { writeGeneralisation } from '../classifier/evaluation/generalisation-report.ts';
import { measureLatency } from '../classifier/evaluation/latency.ts';
import { writeReport } from '../classifier/evaluation/report.ts';
import { challengerOf } from '../classifier/learning/challenger.ts';
import { jsonlSource } from '../classifier/learning/jsonl-source.ts';
import { ownSource } from '../classifier/learning/own-source.ts';
import { trainInto } from '../classifier/learning/train.ts';
import { ownTrainingSet } from '../classifier/learning/training-set.ts';
import { writeModelCard } from '../classifier/model-card.ts';
import { writeModelFiles } from '../classifier/model-files.ts';
import { openScorer, SHIPPED_MODEL } from '../classifier/scorer.ts';
import { trailLesson } from '../server/risk/learning/trail-lesson.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { scorerOf } from './risk-input.ts';

interface TrainOptions {
  readonly data?: string;
  readonly trail?: true;
  readonly from: string;
  readonly config?: string;
  readonly out: string;
  readonly seed: number;
  readonly trees: number;
  readonly nested?: true;
  readonly json?: boolean;
}

/** `postern risk train`: a model with its card; anew from data, or one that corrects another by reviewers' verdicts. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a model; the same data and seed give the same bytes')
    .option(
      '--data <folder>',
      'benign.jsonl, malicious.jsonl, sessions.jsonl; default: the training set that comes with Postern alone',
    )
    .addOption(
      new Option('--trail', 'correct a model by our own trail and the verdicts in it').conflicts('data'),
    )
    .option('--from <folder>', 'with --trail: the model that is corrected', SHIPPED_MODEL)
    .option('--config <file>', 'with --trail: configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--seed <number>', 'of everything random', Number, 1)
    .option('--trees <number>', 'at most 300; fewer train faster', Number, 200)
    .option(
      '--nested',
      'also train anew without each source, technique and scenario, and report how far scores fall: takes tens of minutes',
    )
    .option('--json', 'for programs')
    .action((options: TrainOptions) => (options.trail ? correct(options) : train(options)));
}

async function train({ data, out, seed, trees, nested, json }: TrainOptions): Promise<void> {
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
    latency: measureLatency(
      await openScorer(out),
      source.statements().map(({ sql }) => sql),
    ),
  });
  if (nested) {
    const settings = { ...options, own: data === undefined ? [] : ownTrainingSet(seed), injections: 8 };
    await writeGeneralisation(`${out}/report`, generalisationOf(source, settings));
  }
  tell(out, trained.facts.figures, json);
}

/** Its figures and thresholds stay those of the model that is corrected: `risk eval --against` compares the two. */
async function correct({ from, config, out, seed, json }: TrainOptions): Promise<void> {
  const champion = (await scorerOf({ model: from })).files;
  const lesson = await trailLesson(configOf(config).audit.spool);
  const { models, facts } = corrected(() => challengerOf(champion, lesson, seed));
  await writeModelFiles(out, models, facts);
  await writeModelCard(out);
  tell(out, { passed: Number(facts.data.passed), judged: lesson.judged.length }, json);
}

function corrected<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw fault instanceof RangeError ? new ExitError(EXIT.failed, fault.message) : fault;
  }
}

function tell(out: string, figures: Readonly<Record<string, number>>, json: boolean | undefined): void {
  if (json) return console.log(JSON.stringify({ out, figures }));
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(32)} ${value}`);
}
