import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ExportFormat, exportEvents } from '../audit/export.ts';
import type { EventFilter } from '../audit/filter.ts';
import { EVENT_TYPES } from '../audit/serialize.ts';
import { readTrail } from '../audit/store/whole-trail.ts';
import { checkpointKey } from '../server/store/checkpoint-key.ts';
import { runTail, type TailOptions } from './audit-tail.ts';
import { verifyCommand } from './audit-verify.ts';
import { located, type WhereOptions, whereOf } from './audit-where.ts';

interface ExportOptions extends WhereOptions {
  readonly format: ExportFormat;
  readonly from?: number;
  readonly to?: number;
  readonly principal?: string;
  readonly database?: string;
  readonly out?: string;
}

export function command(): Command {
  return new Command('audit')
    .addCommand(tailCommand())
    .addCommand(verifyCommand())
    .addCommand(keyCommand())
    .addCommand(exportCommand());
}

function tailCommand(): Command {
  return located(new Command('tail'))
    .description('the latest events: of all nodes where there is a store, and of this spool up to the last')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <count>', 'how many to begin with', count, 20)
    .option('--grant <id>', 'of this grant')
    .option('--session <id>', 'of this session')
    .addOption(new Option('--type <type...>', 'of these types').choices(EVENT_TYPES))
    .option('--json', 'as they stand in the trail, one a line')
    .action(async (options: WhereOptions & TailOptions) => runTail(await whereOf(options), options));
}

function keyCommand(): Command {
  return new Command('key')
    .description(
      'the public key that the ends of the trail are signed by: keep it elsewhere, for audit verify --key',
    )
    .option('--config <file>', 'configuration file (default: $POSTERN_CONFIG, or ./postern.yaml)')
    .action(async ({ config }: { readonly config?: string }) => {
      const { configOf } = await import('./issuer.ts');
      console.log(checkpointKey(configOf(config).audit).publicKey.trimEnd());
    });
}

function exportCommand(): Command {
  return located(new Command('export'))
    .description('events in the order of time: what the store has of all nodes, and what only this spool has')
    .addOption(new Option('--format <format>', 'form').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--from <time>', 'not before this time (ISO 8601)', time)
    .option('--to <time>', 'before this time (ISO 8601)', time)
    .option('--principal <name>', 'of this principal')
    .option('--database <name>', 'on this database')
    .option('--out <file>', 'to a new file instead of standard output')
    .action((options: ExportOptions) => runExport(options));
}

async function runExport(options: ExportOptions): Promise<void> {
  const { format, out, from, to, principal, database } = options;
  const filter: EventFilter = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(principal && { principal }),
    ...(database && { database }),
  };
  const text = exportEvents(readTrail(await whereOf(options), filter), format);
  if (out === undefined) await pipeline(text, process.stdout, { end: false });
  else await pipeline(text, createWriteStream(out, { flags: 'wx', mode: 0o600 }));
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}

function time(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('a time such as 2026-11-22 or 2026-11-22T09:30:00Z is needed');
  return ms;
}
