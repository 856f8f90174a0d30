/**
 * The corpus against a fresh PostgreSQL and the proxy: blocked, allowed and false-denied by class.
 *
 *   npm run corpus
 *   npm run corpus -- --only views/          classes or cases whose `class/id` matches
 *   npm run corpus -- --kind attacks         or benign
 *   npm run corpus -- --postgres 15          an installed version instead of the embedded one
 *   npm run corpus -- --wall                 with a database role for each grant
 *   npm run corpus -- --json                 everything, for programs
 *
 * Exits with 1 if anything was not as it should be.
 */
import { parseArgs } from 'node:util';
import { CorpusBench } from './corpus-bench.ts';
import { type ClassReport, reportOf, tableOf } from './corpus-report.ts';
import { corpusClasses, type Kind, runClasses } from './corpus-runner.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    kind: { type: 'string' },
    postgres: { type: 'string' },
    wall: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    lanes: { type: 'string', default: '3' },
  },
});

const KINDS: readonly Kind[] = ['attacks', 'benign'];
const benches = await CorpusBench.startSome(Number(values.lanes), {
  wall: values.wall,
  ...(values.postgres !== undefined && { version: Number(values.postgres) }),
});
const reports: ClassReport[] = [];
for (const kind of KINDS.filter((each) => values.kind === undefined || each === values.kind))
  reports.push(...(await run(kind)));
await Promise.all(benches.map((bench) => bench.stop()));
console.log(values.json ? JSON.stringify(reports, null, 2) : printed(reports));
process.exitCode = reports.every(({ faults }) => faults.length === 0) ? 0 : 1;

async function run(kind: Kind): Promise<readonly ClassReport[]> {
  const classes = corpusClasses(kind, new RegExp(values.only));
  const results = await Promise.all(runClasses(benches, classes));
  return results.filter((each) => each.length > 0).map((each) => reportOf(kind, each));
}

function printed(all: readonly ClassReport[]): string {
  const faults = all.flatMap((report) =>
    report.faults.flatMap(({ id, faults }) => faults.map((fault) => `✘ ${report.class}/${id}: ${fault}`)),
  );
  const tables = KINDS.map((kind) => ({ kind, of: all.filter((report) => report.kind === kind) }))
    .filter(({ of }) => of.length > 0)
    .map(({ kind, of }) => tableOf(kind, of));
  return [...faults, ...tables].join('\n\n');
}
