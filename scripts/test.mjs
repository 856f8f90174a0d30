/**
 * `npm test`: type check, lint, and every test (or the test files named on the command line), with one closing line:
 *
 *   N passed, N failed
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { endStuck } from './stuck.mjs';
import { makeTestDirectory } from './test-directory.mjs';

const directory = makeTestDirectory();
const ENVIRONMENT = {
  /** Compiled modules are kept, as bin/postern does: there is a process for each test file. */
  NODE_COMPILE_CACHE: resolve('node_modules/.cache/postern'),
  ...process.env,
  TMPDIR: directory,
  /** For what all PostgreSQL servers of the run begin with. */
  POSTERN_TEST_CLUSTERS: directory,
};
/** ms without a word after which tests are stuck. No test of the usual number of rounds takes half of it. */
const STUCK = Number(process.env.STUCK ?? 360_000 * Number(process.env.THOROUGH ?? 1));
const LONGEST_TIMER = 2 ** 31 - 1;
const files = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };

if (files.length === 0) {
  const colors = `--colors=${process.stdout.isTTY ? 'force' : 'off'}`;
  await Promise.all([
    check('type check', 'tsc', ['--noEmit']),
    check('type check of the console', 'tsc', ['--noEmit', '-p', 'review/console']),
    check('lint', 'biome', ['ci', '--error-on-warnings', colors, '.']),
  ]);
}
await runTests();
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Counts as one test. */
async function check(name, command, args) {
  const { code } = await execute(command, args);
  console.log(`  ${code === 0 ? '✔' : '✘ [fail]:'} ${name}`);
  counts[code === 0 ? 'passed' : 'failed'] += 1;
}

/** Ava tells how many tests passed only if none failed, so the ticks are counted. */
async function runTests() {
  const { code, output } = await execute('ava', files, { stuckAfter: STUCK });
  const failures =
    /^ *(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending)/gm;
  const failed = [...output.matchAll(failures)].reduce((sum, [, number]) => sum + Number(number), 0);
  counts.passed += output.match(/^ {2}✔ /gm)?.length ?? 0;
  counts.failed += code === 0 ? 0 : Math.max(failed, 1); // a file that cannot be loaded, say
}

/** Runs a command of the dependencies with its output shown and kept. */
async function execute(command, args, { stuckAfter = LONGEST_TIMER } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: ENVIRONMENT });
  const watch = setTimeout(
    async () => {
      for (const told of await endStuck(child.pid, directory)) console.log(`  ✘ [fail]: is stuck: ${told}`);
      watch.refresh();
    },
    Math.min(stuckAfter, LONGEST_TIMER),
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    watch.refresh();
    output += text;
    process.stdout.write(text);
  });
  const ended = once(child.stdout, 'end');
  const [code] = await once(child, 'exit');
  clearTimeout(watch);
  // What a killed test has left running may hold the pipe open.
  await Promise.race([ended, sleep(1000, null, { ref: false })]);
  child.stdout.destroy();
  return { code, output: stripVTControlCharacters(output) };
}
