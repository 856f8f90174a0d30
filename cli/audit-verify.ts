import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { spoolPublicKey } from '../audit/checkpoint-files.ts';
import { verifyTrail } from '../audit/store/verify-trail.ts';
import { type SpoolReport, verify } from '../audit/verify.ts';
import { verifyExport } from '../audit/verify-export.ts';
import { anchorsOf, progressOn, verdictOf } from './audit-report.ts';
import { located, type Where, type WhereOptions, whereOf } from './audit-where.ts';
import { EXIT } from './exit.ts';

interface Options extends WhereOptions {
  readonly export?: string;
  readonly key?: readonly string[];
  readonly since?: string;
  readonly pruned?: true;
  readonly json?: true;
}

export function verifyCommand(): Command {
  return located(new Command('verify'))
    .description('check the hash chains in spool and store, of all nodes; exit code 1 if one is broken')
    .argument('[path]', "one stream's directory or one segment file, instead of the whole spool")
    .addOption(
      new Option('--export <file>', 'the output of audit export, by itself').conflicts(['spool', 'store']),
    )
    .option('--key <file...>', "all public keys (PEM) of checkpoints, instead of the configuration's")
    .option('--since <file>', 'output of an earlier verify --json: what it saw must still be there')
    .option('--pruned', 'old segments have been removed by hand, and nobody has signed for it')
    .option('--json', 'print the report as JSON')
    .action(async (path: string | undefined, options: Options) => {
      const report = await reportOn(path, options);
      console.log(options.json ? JSON.stringify(report, null, 2) : verdictOf(report));
      if (!report.ok) process.exitCode = EXIT.failed;
    });
}

async function reportOn(path: string | undefined, options: Options): Promise<SpoolReport> {
  const { since, pruned } = options;
  const anchors = since === undefined ? undefined : anchorsOf(readFileSync(since, 'utf8'));
  if (options.export !== undefined) return summed(await verifyExport(options.export));
  const where = await whereOf(options);
  const keys = keysOf(options, where);
  const allKeys = options.key !== undefined;
  const progress = progressOn(process.stderr);
  if (path === undefined && !pruned)
    return verifyTrail({ ...where, keys, allKeys, progress, ...(anchors && { anchors }) });
  return verify(path ?? where.spool ?? '', { keys, ...(anchors && { anchors }), ...(pruned && { pruned }) });
}

/** Those that are named, else the configuration's, else the spool's own. */
function keysOf({ key }: Options, { spool, audit }: Where): readonly string[] {
  if (key !== undefined) return key.map((file) => readFileSync(file, 'utf8'));
  const others = audit?.checkpointKeys ?? [];
  if (audit?.checkpointKey) return [audit.checkpointKey, ...others];
  const own = spool === null ? null : spoolPublicKey(spool);
  return own === null ? others : [own, ...others];
}

const summed = (streams: SpoolReport['streams']): SpoolReport => ({
  ok: streams.every(({ breaks }) => breaks === 0),
  events: streams.reduce((sum, { events }) => sum + events, 0),
  streams,
});
