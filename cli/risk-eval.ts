import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { evaluate } from '../classifier/evaluation/evaluate.ts';
import { writeReport } from '../classifier/evaluation/report.ts';
import { jsonlSource } from '../classifier/learning/jsonl-source.ts';
import { EXIT, ExitError } from './exit.ts';
import { MODEL_OPTION, type ModelOption, scorerOf } from './risk-input.ts';

interface EvalOptions extends ModelOption {
  readonly data: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `postern risk eval`: how a model does on labelled data that it should not have seen. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('measure a model on labelled data; writes report.md, report.json and curves as SVG')
    .requiredOption('--data <folder>', 'benign.jsonl, malicious.jsonl, sessions.jsonl')
    .requiredOption('--out <folder>', 'where the report goes')
    .option(...MODEL_OPTION)
    .option('--json', 'for programs')
    .action(measure);
}

async function measure(options: EvalOptions): Promise<void> {
  if (!existsSync(options.data)) throw new ExitError(EXIT.usage, `there is no folder ${options.data}`);
  const scorer = await scorerOf(options);
  const report = evaluate(scorer, jsonlSource(options.data), (message) => console.error(message));
  if (report.statements === null && report.sessions === null)
    throw new ExitError(EXIT.usage, `${options.data} has no labelled statements and no sessions`);
  const files = await writeReport(options.out, report);
  for (const note of report.notes) console.error(note);
  if (options.json) console.log(JSON.stringify({ files }));
  else for (const file of files) console.log(file);
}
