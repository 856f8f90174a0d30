import { Command } from 'commander';
import { logOddsAt } from '../classifier/alert-budget.ts';
import type { ScoreRequest, Scorer } from '../classifier/scorer.ts';
import { jsonLines, MODEL_OPTION, type ModelOption, rounded, scorerOf } from './risk-input.ts';

interface ScoreOptions extends ModelOption {
  readonly jsonl?: string | true;
  readonly flag: number;
  readonly hold: number;
}

/** `postern risk score`: one line for each statement. */
export function scoreCommand(): Command {
  return new Command('score')
    .description(
      'score statements: reads lines {"sql": ..., "context": {...}}, prints {"score", "verdict", "reasons"}',
    )
    .option('--jsonl [file]', 'where the lines are; default: standard input')
    .option(...MODEL_OPTION)
    .option('--flag <share>', 'share of harmless statements that may be flagged', Number, 0.01)
    .option('--hold <share>', 'share of harmless statements that may be held', Number, 0.001)
    .option('--json', 'lines of JSON, which they are anyway')
    .action(score);
}

async function score(options: ScoreOptions): Promise<void> {
  const scorer = await scorerOf(options);
  const verdictOf = verdicts(scorer, options);
  const file = options.jsonl === true ? undefined : options.jsonl;
  for await (const request of jsonLines<ScoreRequest>(file, lacksSql)) {
    const { score, logOdds, reasons } = scorer.score(request);
    console.log(JSON.stringify({ score: rounded(score), verdict: verdictOf(logOdds), reasons }));
  }
}

function lacksSql({ sql, context }: Readonly<Record<string, unknown>>): string | null {
  if (typeof sql !== 'string') return 'has no text "sql"';
  const wrong =
    context !== undefined && (typeof context !== 'object' || context === null || Array.isArray(context));
  return wrong ? 'has a "context" that is not an object' : null;
}

function verdicts(
  { files }: Scorer,
  { flag, hold }: ScoreOptions,
): (logOdds: number) => 'ok' | 'flag' | 'hold' {
  const points = files.facts.operatingPoints.statements;
  const [flagged, held] = [logOddsAt(points, flag), logOddsAt(points, hold)];
  return (logOdds) => (logOdds >= held ? 'hold' : logOdds >= flagged ? 'flag' : 'ok');
}
