import { Command } from 'commander';
import { logOddsAt } from '../classifier/alert-budget.ts';
import { endingLogOdds } from '../classifier/evaluation/figures.ts';
import type { Scorer } from '../classifier/scorer.ts';
import type { SessionRecord } from '../classifier/session/record.ts';
import { replay } from '../classifier/session/replay.ts';
import { jsonLines, MODEL_OPTION, type ModelOption, rounded, scorerOf } from './risk-input.ts';

interface ReplayOptions extends ModelOption {
  readonly jsonl?: string | true;
  readonly flag: number;
  readonly hold: number;
}

/** `postern risk replay`: one line for each session. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'score sessions: reads lines {"id", "statements": [{"t", "sql", "rows", "ms"}], ...}, prints {"id", "score", "verdict", "at", "reasons"}',
    )
    .option('--jsonl [file]', 'where the lines are; default: standard input')
    .option(...MODEL_OPTION)
    .option('--flag <share>', 'share of harmless sessions that may be flagged', Number, 0.05)
    .option('--hold <share>', 'share of harmless sessions that may be held', Number, 0.01)
    .option('--json', 'lines of JSON, which they are anyway')
    .action(replayAll);
}

async function replayAll(options: ReplayOptions): Promise<void> {
  const scorer = await scorerOf(options);
  const limits = limitsOf(scorer, options);
  const file = options.jsonl === true ? undefined : options.jsonl;
  for await (const session of jsonLines<SessionRecord>(file, lacksStatements)) {
    const { id, score, verdict, at, reasons } = replay(scorer, session, limits);
    console.log(JSON.stringify({ id, score: rounded(score), verdict, at, reasons }));
  }
}

function limitsOf({ files }: Scorer, { flag, hold }: ReplayOptions) {
  const points = files.facts.operatingPoints.sessions;
  return { flag: logOddsAt(points, flag), hold: logOddsAt(points, hold), end: endingLogOdds(points) };
}

function lacksStatements({ statements }: Readonly<Record<string, unknown>>): string | null {
  if (!Array.isArray(statements)) return 'has no list "statements"';
  return statements.every((statement) => typeof statement?.sql === 'string')
    ? null
    : 'has a statement without "sql"';
}
