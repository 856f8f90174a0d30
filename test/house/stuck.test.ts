/** A run that is stuck ends, and says where. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { endStuck, reporting } from '../../scripts/stuck.mjs';

/** Starts one that runs `code`, and ends when that does. */
const RUNNER = `
  const { spawn } = require('node:child_process');
  const [code, ...options] = process.argv.slice(1);
  const child = spawn(process.execPath, [...options, '-e', code], { stdio: ['ignore', 1, 'ignore'] });
  child.on('exit', (_, signal) => process.exit(signal === 'SIGKILL' ? 7 : 1));
`;

async function started(
  t: ExecutionContext,
  code: string,
): Promise<{ runner: ChildProcess; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-stuck-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const runner = spawn(process.execPath, ['-e', RUNNER, `console.log(1); ${code}`, ...reporting(directory)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(runner.stdout!, 'data');
  return { runner, directory };
}

for (const [code, expected] of [
  [
    "process.title = 'the test'; require('node:net').createServer().listen(0)",
    /^the test: kept by .*tcp \d+/s,
  ],
  ['for (;;);', /: its loop stands still$/],
] as const)
  test(`${code}: is told of and ended`, async (t) => {
    const { runner, directory } = await started(t, code);
    const exited = once(runner, 'exit');
    const [told, ...others] = await endStuck(runner.pid!, directory);
    t.regex(told ?? '', expected);
    t.deepEqual(others, []);
    t.deepEqual(await exited, [7, null]);
  });

test('a runner that waits for nobody is ended itself', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-stuck-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const runner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const exited = once(runner, 'exit');
  t.is((await endStuck(runner.pid!, directory)).length, 1);
  t.deepEqual(await exited, [null, 'SIGKILL']);
});
