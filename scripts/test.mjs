/**
 * `npm test`: type check, lint, and every test (or the test files named on the command line), with one closing line:
 *
 *   N passed, N failed
 */
import { spawn } from 'node:child_process';

const files = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };

if (files.length === 0) {
  await check('type check', 'tsc', ['--noEmit']);
  await check('lint', 'biome', [
    'ci',
    '--error-on-warnings',
    `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
    '.',
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

async function runTests() {
  const { code, output } = await execute('ava', files);
  const total = (pattern) =>
    [...output.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0);
  counts.passed += total(/^\s*(\d+) tests? passed$/gm);
  const failed = total(
    /^\s*(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?)$/gm,
  );
  counts.failed += code === 0 ? 0 : Math.max(failed, 1); // a file that cannot be loaded, a timeout
}

/** Runs a command of the dependencies with its output shown and kept. */
function execute(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
