/**
 * What Postern costs, beside a direct connection, PgBouncer, Pgpool-II and a bare pipe, on servers of our own. Every part
 * leaves a page, its figures as JSON and plots under bench/results/; docs/benchmark.md tells how it is done.
 *
 *   npm run bench -- [--quick] [--only rates,bulk,...] [--targets direct,pgbouncer,...] [--workloads select-prepared-8,...]
 *                    [--rounds N] [--out DIRECTORY]
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
import { parseArgs } from 'node:util';
import { PARTS } from './parts.ts';
import { chosen, FULL, type Plan, QUICK } from './plan.ts';
import { Progress } from './progress.ts';
import { Results } from './results.ts';
import { machineSetting } from './setting.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    targets: { type: 'string' },
    workloads: { type: 'string' },
    rounds: { type: 'string' },
    out: { type: 'string' },
  },
});

const list = (text: string | undefined) => text?.split(',') ?? null;
const parts = chosen(
  '--only',
  list(values.only),
  PARTS.map((part) => [part.name, part] as const),
);
const plan = planned();
// Figures of a quick run say nothing, so they don't take the place of others.
const kept = values.quick
  ? mkdtempSync(join(tmpdir(), 'postern-bench-'))
  : join(import.meta.dirname, 'results');
const results = new Results(values.out ?? kept, values.quick);
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
  const base = values.quick ? QUICK : FULL;
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  return {
    ...base,
    ...(rounds !== null && { rounds, minorRounds: rounds }),
    ...(values.targets !== undefined && { targets: list(values.targets) }),
    ...(values.workloads !== undefined && { workloads: list(values.workloads) }),
  };
}
