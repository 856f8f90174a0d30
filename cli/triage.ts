import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { openTriage, SHIPPED_TRIAGE } from '../classifier/triage/model-folder.ts';
import type { Triage } from '../classifier/triage/triage.ts';
import { answerLine, requestOfLine, type TriageLine } from '../server/triage/triage-line.ts';
import { EXIT, ExitError } from './exit.ts';
import { jsonLines } from './risk-input.ts';
import { triageDriftCommand } from './triage-drift.ts';
import { triageEvalCommand, triageTrainCommand } from './triage-learning.ts';

interface TriageOptions {
  readonly jsonl?: string | true;
  readonly model?: string;
}

type Line = TriageLine & { readonly id?: unknown };

/** `postern triage`: requests for access in people's own words. */
export function command(): Command {
  return new Command('triage')
    .description(
      'what requests for access need and how risky they are: reads lines {"id", "text", "requester": {"role"}, "requested": {"actions", "tables", "ttl_min"}, "catalog"}, prints {"id", "intents", "actions", "scope", "risk", "decision", "reasons", ...}',
    )
    .option('--jsonl [file]', 'where the lines are; default: standard input')
    .option('--model <folder>', 'a model of `postern triage train`; default: the one that comes with Postern')
    .option('--json', 'lines of JSON, which they are anyway')
    .addCommand(triageTrainCommand())
    .addCommand(triageEvalCommand())
    .addCommand(triageDriftCommand())
    .action(triageLines);
}

async function triageLines(options: TriageOptions): Promise<void> {
  const triage = triageOf(options.model ?? SHIPPED_TRIAGE);
  const file = options.jsonl === true ? undefined : options.jsonl;
  for await (const line of jsonLines<Line>(file, wrong)) {
    const opinion = { ...triage.triage(requestOfLine(line)), model: options.model ?? 'builtin' };
    console.log(JSON.stringify({ ...(line.id !== undefined && { id: line.id }), ...answerLine(opinion) }));
  }
}

function triageOf(folder: string): Triage {
  if (!existsSync(folder)) throw new ExitError(EXIT.usage, `there is no folder ${folder}`);
  return openTriage(folder);
}

function wrong({ text, requester, requested, catalog }: Readonly<Record<string, unknown>>): string | null {
  if (typeof text !== 'string') return 'has no text "text"';
  const { role } = fieldsOf(requester);
  if (role !== undefined && typeof role !== 'string') return 'has a "role" that is no text';
  const { actions, tables, ttl_min: minutes } = fieldsOf(requested);
  for (const [name, list] of Object.entries({ actions, tables, catalog }))
    if (list !== undefined && !isTexts(list)) return `has "${name}" that are no list of texts`;
  return minutes === undefined || (typeof minutes === 'number' && minutes > 0)
    ? null
    : 'has a "ttl_min" that is no number above 0';
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
