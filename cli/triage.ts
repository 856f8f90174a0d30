import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { openTriage, SHIPPED_TRIAGE } from '../classifier/triage/model-folder.ts';
import type { TriageRequest } from '../classifier/triage/request.ts';
import type { Triage } from '../classifier/triage/triage.ts';
import { EXIT, ExitError } from './exit.ts';
import { jsonLines, rounded } from './risk-input.ts';
import { triageEvalCommand, triageTrainCommand } from './triage-learning.ts';

interface TriageOptions {
  readonly jsonl?: string | true;
  readonly model?: string;
}

/** A line of the input; all but `text` may be missing. */
interface Line {
  readonly id?: unknown;
  readonly text: string;
  readonly requester?: { readonly role?: string };
  readonly requested?: {
    readonly actions?: readonly string[];
    readonly tables?: readonly string[];
    readonly ttl_min?: number;
  };
  readonly catalog?: readonly string[];
}

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
    .action(triageLines);
}

async function triageLines(options: TriageOptions): Promise<void> {
  const triage = triageOf(options.model ?? SHIPPED_TRIAGE);
  const file = options.jsonl === true ? undefined : options.jsonl;
  for await (const line of jsonLines<Line>(file, wrong)) {
    const { ttlMinutes, riskScore, confidence, ...result } = triage.triage(requestOf(line));
    console.log(
      JSON.stringify({
        ...(line.id !== undefined && { id: line.id }),
        ...result,
        ttl_min: ttlMinutes,
        risk_score: rounded(riskScore),
        confidence: rounded(confidence),
      }),
    );
  }
}

function triageOf(folder: string): Triage {
  if (!existsSync(folder)) throw new ExitError(EXIT.usage, `there is no folder ${folder}`);
  return openTriage(folder);
}

const requestOf = ({ text, requester, requested, catalog }: Line): TriageRequest => ({
  text,
  requester: { role: requester?.role ?? 'unknown' },
  requested: {
    actions: requested?.actions ?? ['*'],
    tables: requested?.tables ?? ['*'],
    ttlMinutes: requested?.ttl_min ?? 60,
  },
  ...(catalog !== undefined && { catalog }),
});

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
