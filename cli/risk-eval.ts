import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { compare } from '../classifier/evaluation/comparison.ts';
import { evaluate } from '../classifier/evaluation/evaluate.ts';
import { writeReport } from '../classifier/evaluation/report.ts';
import { jsonlSource } from '../classifier/learning/jsonl-source.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf } from './issuer.ts';
import { MODEL_OPTION, type ModelOption, scorerOf } from './risk-input.ts';
import { comparisonLines, trialOf } from './risk-trial.ts';

interface EvalOptions extends ModelOption {
  readonly data?: string;
  readonly out?: string;
  readonly against?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `postern risk eval`: how a model does on labelled data that it should not have seen, or beside another. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('measure a model on labelled data: report.md, report.json and curves as SVG; or compare two')
    .option('--data <folder>', 'benign.jsonl, malicious.jsonl, sessions.jsonl')
    .option('--out <folder>', 'where the report goes')
    .option(...MODEL_OPTION)
    .option(
      '--against <folder>',
      'compare with this model, on --data or on what no challenger learns from, and on the verdicts; exit code 1: the model is worse',
    )
    .option('--config <file>', 'with --against: whose trail has the verdicts')
    .option('--json', 'for programs')
    .action((options: EvalOptions) => (options.against === undefined ? measure(options) : oppose(options)));
}

async function measure(options: EvalOptions): Promise<void> {
  const { data, out } = options;
  if (data === undefined || out === undefined)
    throw new ExitError(EXIT.usage, 'name --data and --out, or another model with --against');
  if (!existsSync(data)) throw new ExitError(EXIT.usage, `there is no folder ${data}`);
  const scorer = await scorerOf(options);
  const report = evaluate(scorer, jsonlSource(data), (message) => console.error(message));
  if (report.statements === null && report.sessions === null)
    throw new ExitError(EXIT.usage, `${data} has no labelled statements and no sessions`);
  const files = await writeReport(out, report);
  for (const note of report.notes) console.error(note);
  if (options.json) console.log(JSON.stringify({ files }));
  else for (const file of files) console.log(file);
}

async function oppose({ model, against, data, config, json }: EvalOptions): Promise<void> {
  const [champion, challenger] = await Promise.all([scorerOf({ model: against ?? '' }), scorerOf({ model })]);
  const trail = config === undefined && process.env.POSTERN_CONFIG === undefined ? null : configOf(config);
  const comparison = compare(champion, challenger, await trialOf(trail, data, challenger));
  console.log(json ? JSON.stringify(comparison) : comparisonLines(comparison).join('\n'));
  if (comparison.worse.length > 0) process.exitCode = EXIT.failed;
}
