import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { Spool } from '../../audit/spool.ts';
import { options, ref, segmentPath, statement, statementEnd, temporary, written } from '../audit/support.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const run = promisify(execFile);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function postern(...args: string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(process.execPath, [MAIN, 'audit', ...args])) };
  } catch (error) {
    return error as Outcome;
  }
}

test('tail joins a statement with its end, one line each, and lets nothing drive the terminal', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory, { clock: () => Date.UTC(2026, 10, 22, 9, 30) }));
  spool.append({
    type: 'session.start',
    ...ref,
    application: 'psql',
    backendPid: 7,
    tls: true,
    protocol: '3.0',
  });
  spool.append(statement(1, 'SELECT *\n  FROM orders'));
  spool.append(statementEnd(1));
  spool.append({
    ...statement(2, 'DELETE\u001b[2J FROM \u202eorders'),
    decision: 'deny',
    sqlstate: '42501',
  } as never);
  spool.append(statement(3, 'SELECT pg_sleep(99)'));
  await spool.close();
  const { code, stdout } = await postern('tail', '--spool', directory);
  t.is(code, 0);
  t.deepEqual(stdout.trimEnd().split('\n'), [
    '2026-11-22 09:30:00.000 alice@shop       login     127.0.0.1:50000 psql',
    '2026-11-22 09:30:00.000 alice@shop       allow     SELECT * FROM orders  -> 1 row, 0.4 ms',
    '2026-11-22 09:30:00.000 alice@shop       deny      DELETE\\u{1b}[2J FROM \\u{202e}orders  42501',
    '2026-11-22 09:30:00.000 alice@shop       allow     SELECT pg_sleep(99)  running',
  ]);
});

test('tail --json gives the lines as they stand, filtered', async (t) => {
  const directory = temporary(t);
  await written(directory, 5);
  const lines = readFileSync(segmentPath(directory), 'utf8').trimEnd().split('\n');
  const all = await postern(
    'tail',
    '--spool',
    directory,
    '--json',
    '-n',
    '2',
    '--type',
    'statement',
    '--grant',
    ref.grant,
  );
  t.deepEqual(all.stdout.trimEnd().split('\n'), lines.slice(-2));
  t.is((await postern('tail', '--spool', directory, '--json', '--session', 'none')).stdout, '');
});

test('tail -f goes on until interrupted', async (t) => {
  const directory = temporary(t);
  await written(directory, 1);
  const child = spawn(process.execPath, [MAIN, 'audit', 'tail', '-f', '--json', '--spool', directory]);
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  while (!output.includes('"seq":1,')) await sleep(20);
  await written(directory, 1);
  while (!output.includes('"seq":2,')) await sleep(20);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.is(code, 0);
});

test('verify exits 0 for a whole trail and 1 for a broken one, and names the place', async (t) => {
  const directory = temporary(t);
  await written(directory, 5);
  const whole = await postern('verify', '--spool', directory, '--json');
  t.is(whole.code, 0);
  t.like(JSON.parse(whole.stdout), { ok: true, events: 5 });
  const noted = join(directory, 'noted.json');
  writeFileSync(noted, whole.stdout);

  const path = segmentPath(directory);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.split('\n').slice(0, 4).join('\n').concat('\n'));
  t.is((await postern('verify', '--spool', directory)).code, 0);
  const cut = await postern('verify', '--spool', directory, '--since', noted);
  t.is(cut.code, 1);
  t.regex(cut.stdout, /cut off, ends at event 4, once had 5/);

  writeFileSync(path, text.replace('SELECT 2', 'SELECT 7'));
  const broken = await postern('verify', '--spool', directory);
  t.is(broken.code, 1);
  t.true(broken.stdout.includes(`broken at ${path}:2 (event 2): bad hash`));
  t.regex(broken.stdout, /BROKEN/);
});

test('export writes a new file and never over another', async (t) => {
  const directory = temporary(t);
  await written(directory, 3);
  const out = join(directory, 'out.csv');
  t.is((await postern('export', '--spool', directory, '--format', 'csv', '--out', out)).code, 0);
  t.is(readFileSync(out, 'utf8').trimEnd().split('\r\n').length, 4);
  t.is((await postern('export', '--spool', directory, '--out', out)).code, 1);
  t.true(existsSync(out));
  t.is((await postern('export', '--spool', directory, '--to', '2000-01-01')).stdout, '');
});

test('wrong command lines exit 2', async (t) => {
  const directory = temporary(t);
  const wrong = [
    ['tail'],
    ['export', '--spool', directory, '--format', 'xml'],
    ['export', '--spool', directory, '--from', 'yesterday'],
    ['tail', '--spool', directory, '--type', 'nonsense'],
    ['tail', '--spool', directory, '-n', '-1'],
  ];
  for (const args of wrong) t.is((await postern(...args)).code, 2, args.join(' '));
  t.is((await postern('verify', '--spool', join(directory, 'nowhere'))).code, 1);
});
