/**
 * What Postern costs, beside a direct connection, PgBouncer, Pgpool-II and a bare pipe, on servers of our own. Every part
 * leaves a page, its figures as JSON and plots under bench/results/; docs/benchmark.md tells how it is done.
 *
 *   npm run bench -- [--quick] [--only rates,bulk,...], and more that --help tells
 *
 *   plan.ts, part.ts, parts.ts                    how much is measured, and what there is to measure
 *   targets/                                      the ways to the server
 *   rates/ lengths/ orm/ disks/ bulk/ sessions/ neighbours/ model/ catalog/ growth/   the parts
 *   figures/, table.ts, plots/                    what is made of samples
 *   results.ts, front-page.ts, progress.ts        pages, and the wait for them
 *   decisions/ risk/ store/ flame/                measured by commands of their own
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Part } from './part.ts';
import { PARTS } from './parts.ts';
import { chosen, FULL, type Plan, QUICK } from './plan.ts';
import { Progress } from './progress.ts';
import { Results } from './results.ts';
import { machineSetting } from './setting.ts';

interface Options {
  readonly quick?: true;
  readonly only?: readonly Part[];
  readonly targets?: readonly string[];
  readonly workloads?: readonly string[];
  readonly rounds?: number;
  readonly out?: string;
}

const values = new Command('npm run bench --')
  .description(
    'Measure Postern beside direct connections, PgBouncer and Pgpool-II; all of it takes some 40 minutes.',
  )
  .addOption(new Option('--only <parts>', PARTS.map(({ name }) => name).join(',')).argParser(partsNamed))
  .addOption(new Option('--targets <names>', 'of rates: direct,pipe,pgbouncer,...').argParser(list))
  .addOption(new Option('--workloads <names>', 'of rates: select-prepared-8,...').argParser(list))
  .addOption(new Option('--rounds <number>', 'of each measurement').argParser(positive))
  .option('--out <directory>', 'where pages, figures and plots go (default: bench/results)')
  .option('--quick', 'as little as it takes to see that all of it works; the figures are of no use')
  .parse()
  .opts<Options>();

const parts = values.only ?? PARTS;
const plan = planned();
// Figures of a quick run say nothing, so they don't take the place of others.
const kept = values.quick
  ? mkdtempSync(join(tmpdir(), 'postern-bench-'))
  : join(import.meta.dirname, 'results');
const results = new Results(values.out ?? kept, values.quick === true);
const progress = new Progress(
  parts.map((part) => part.estimate(plan)),
  console.log,
);

for (const part of parts) {
  const setting = machineSetting();
  progress.begin(part.title);
  try {
    for await (const page of part.run(plan, (line) => progress.say(line))) results.write(part, setting, page);
  } catch (error) {
    console.error(`${part.title}: ${error instanceof Error ? error.stack : error}`);
    process.exitCode = 1;
  }
  progress.end();
}
console.log(`\n${results.marks()}\n\n${results.directory}/report.md`);

function planned(): Plan {
  const { quick, rounds, targets, workloads } = values;
  return {
    ...(quick ? QUICK : FULL),
    ...(rounds !== undefined && { rounds, minorRounds: rounds }),
    ...(targets !== undefined && { targets }),
    ...(workloads !== undefined && { workloads }),
  };
}

function partsNamed(text: string): readonly Part[] {
  const known = PARTS.map((part) => [part.name, part] as const);
  try {
    return chosen('--only', list(text), known);
  } catch (fault) {
    throw new InvalidArgumentError((fault as Error).message);
  }
}

function list(text: string): readonly string[] {
  return text.split(',');
}

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('it is a number of 1 or more.');
  return Number(text);
}
