import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { findAlarm, judgedAlarms, labelledLines } from '../server/risk/learning/alarms.ts';
import { judgeAlarm } from '../server/risk/learning/judge-alarm.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, operator, withIssuer } from './issuer.ts';

interface VerdictOptions {
  readonly config?: string;
  readonly true?: true;
  readonly false?: true;
  readonly note?: string;
  readonly json?: true;
}

/** `postern risk verdict`: a reviewer's word on an alarm, which the next model learns from. */
export function verdictCommand(): Command {
  return configured(new Command('verdict'))
    .description('say whether an alarm was true; a false one is usual from now on')
    .argument('<alarm>', 'its name, as in the event risk.flag')
    .addOption(new Option('--true', 'it was one').conflicts('false'))
    .option('--false', 'it was none')
    .option('--note <text>', 'why, for the trail')
    .option('--json', 'for programs')
    .action(judge);
}

/** `postern risk labels`: what reviewers have said, as a training set. */
export function labelsCommand(): Command {
  return configured(new Command('labels'))
    .description(
      'write the alarms that were judged as benign.jsonl and malicious.jsonl, for risk train --data',
    )
    .requiredOption('--out <folder>', 'where they go')
    .option('--json', 'for programs')
    .action(label);
}

const configured = (command: Command): Command =>
  command.option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)');

async function judge(alarm: string, options: VerdictOptions): Promise<void> {
  if (!options.true && !options.false) throw new ExitError(EXIT.usage, 'say --true or --false');
  const config = configOf(options.config);
  const flag = await findAlarm(config.audit.spool, alarm);
  if (flag === null)
    throw new ExitError(EXIT.failed, `the trail in ${config.audit.spool} has no alarm ${alarm}`);
  const verdict = options.true ? 'true' : 'false';
  const given = { flag, verdict, by: operator(), note: options.note ?? null } as const;
  await withIssuer(config, (issuer, record) => judgeAlarm(given, issuer, record));
  if (options.json) return console.log(JSON.stringify({ alarm, verdict }));
  console.log(`alarm ${alarm} of ${flag.principal} on ${flag.database} is recorded as ${verdict}`);
}

async function label({ config, out, json }: { config?: string; out: string; json?: true }): Promise<void> {
  const alarms = await judgedAlarms(configOf(config).audit.spool);
  const lines = labelledLines(alarms);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'benign.jsonl'), lines.benign);
  await writeFile(join(out, 'malicious.jsonl'), lines.malicious);
  const counts = { alarms: alarms.length, true: alarms.filter(({ verdict }) => verdict === 'true').length };
  console.log(json ? JSON.stringify(counts) : `${counts.alarms} judged alarms, ${counts.true} of them true`);
}
