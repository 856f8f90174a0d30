import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { COMMANDS } from '../../cli/commands.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { runHere } from './run-here.ts';

function run(args: readonly string[], launcher = 'bin/postern') {
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('--version prints the version', (t) => {
  t.deepEqual(run(['--version']), { status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

test('--help names every sub-command', (t) => {
  const { status, stdout } = run(['--help']);
  t.is(status, 0);
  for (const [name, { summary }] of Object.entries(COMMANDS))
    t.regex(stdout, new RegExp(`^  ${name} +${summary}`, 'm'));
});

for (const name of Object.keys(COMMANDS)) {
  test(`${name} has its own --help`, async (t) => {
    const { status, stdout } = await runHere([name, '--help']);
    t.is(status, 0);
    t.true(stdout.startsWith(`Usage: postern ${name}`), stdout);
  });

  test(`${name} refuses an unknown option with exit code 2`, async (t) => {
    const { status, stdout, stderr } = await runHere([name, '--no-such-option']);
    t.is(status, 2);
    t.is(stdout, '');
    t.regex(stderr, /^error: /);
  });
}

for (const args of [[], ['no-such-command'], ['--no-such-option']]) {
  test(`wrong usage ends with exit code 2: postern ${args.join(' ')}`, (t) => {
    const { status, stdout, stderr } = run(args);
    t.is(status, 2);
    t.is(stdout, '');
    t.not(stderr, '');
  });
}

test('the launcher follows symbolic links', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-link-'));
  symlinkSync(join(process.cwd(), 'bin/postern'), join(directory, 'linked'));
  t.is(run(['--version'], join(directory, 'linked')).stdout, `${packageJson.version}\n`);
  rmSync(directory, { recursive: true });
});

test('the launcher says in one line that the dependencies are missing', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-bare-'));
  mkdirSync(join(directory, 'bin'));
  cpSync('bin/postern', join(directory, 'bin/postern'));
  const { status, stderr } = run(['--version'], join(directory, 'bin/postern'));
  t.is(status, 1);
  t.is(stderr, `postern: the dependencies are missing: run 'npm ci' in ${directory}\n`);
  rmSync(directory, { recursive: true });
});
