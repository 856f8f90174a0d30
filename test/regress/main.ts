/**
 * PostgreSQL's own regression SQL, run by psql directly and through a proxy, on two freshly initialised servers; the
 * two outputs of each file are compared byte for byte. Needs Debian's PostgreSQL packages and gcc.
 *
 *   npm run regress                      through Postern
 *   npm run regress -- --through pipe    through a bare TCP pipe: what any proxy can reach at best
 *   npm run regress -- --only a,b,c      these files, after test_setup
 *   npm run regress -- --leave-out       without the statements that no grant allows (SET ROLE ...), on both sides
 *   npm run regress -- --marks 205       exit code 1 if fewer files are identical
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { leaveOutRefused } from './pinned-statements.ts';
import { changedLines, type FileResult, markdownOf, summaryOf } from './report.ts';
import { runFile, schedule } from './run-files.ts';
import { connectionTo, freshServer } from './server.ts';
import { freshBuild, prepareSuite, removeSuite, type Suite } from './suite.ts';
import { openers } from './through.ts';

const { values } = parseArgs({
  options: {
    through: { type: 'string', default: 'postern' },
    only: { type: 'string' },
    'leave-out': { type: 'boolean', default: false },
    marks: { type: 'string', default: '0' },
    cache: { type: 'string', default: join(import.meta.dirname, '../../var/regress') },
  },
});
process.exitCode = await main(values.through, resolve(values.cache), values.only?.split(','));

async function main(through: string, cache: string, only: readonly string[] | undefined): Promise<number> {
  const major = newestInstalled();
  const suite = await prepareSuite(major, cache);
  if (values['leave-out'])
    console.log(`${leaveOutRefused(suite.source)} statements are left out on both sides`);
  const results = join(cache, 'results');
  const names = schedule(suite.source).filter(
    (name) => !only || name === 'test_setup' || only.includes(name),
  );
  try {
    await runAll(suite, 'direct', names, results);
    await runAll(suite, through, names, results);
  } finally {
    removeSuite(suite);
  }
  const compared = names.map((name) => compare(name, join(results, 'direct'), join(results, through)));
  const report = join(results, `${through}.md`);
  writeFileSync(report, markdownOf(`PostgreSQL ${major} regression SQL through ${through}`, compared));
  const different = compared.filter((result) => !result.identical);
  for (const { name, diff } of different) console.log(`${name}: ${changedLines(diff)} lines differ`);
  console.log(`${summaryOf(compared)}; ${report}`);
  return compared.length - different.length >= Number(values.marks) ? 0 : 1;
}

/** Every file on a fresh server; outputs go to `<results>/<through>/<name>.out`. */
async function runAll(
  suite: Suite,
  through: string,
  names: readonly string[],
  results: string,
): Promise<void> {
  const open = openers[through];
  if (open === undefined) throw new Error(`--through takes ${Object.keys(openers).join(', ')}`);
  const directory = join(results, through);
  mkdirSync(directory, { recursive: true });
  freshBuild(suite);
  const server = await freshServer(suite.major);
  try {
    const way = await open(connectionTo(server));
    try {
      for (const [index, name] of names.entries()) {
        const started = performance.now();
        await runFile(suite, way.connection, name, join(directory, `${name}.out`));
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        console.log(`${through} ${index + 1}/${names.length} ${name} ${seconds} s`);
      }
    } finally {
      await way.close();
    }
  } finally {
    await server.stop();
  }
}

function compare(name: string, direct: string, through: string): FileResult {
  const files = [join(direct, `${name}.out`), join(through, `${name}.out`)];
  const { status, stdout } = spawnSync('diff', ['--text', ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  return { name, identical: status === 0, diff: stdout };
}
