import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Spool } from '../../audit/spool.ts';
import { verify } from '../../audit/verify.ts';
import { eventsOf, options, temporary } from './support.ts';

const WRITER = `${import.meta.dirname}/writer-process.ts`;

interface Writer {
  readonly process: ChildProcess;
  /** Lines it has printed. */
  readonly printed: string[];
}

function start(t: ExecutionContext, args: readonly string[], limit = 'unlimited'): Writer {
  // Without the signal a write past the limit fails with EFBIG, in the middle of a line.
  const script = `trap '' XFSZ; ulimit -Sf ${limit}; exec "$@"`;
  const child = spawn('bash', ['-c', script, 'writer', process.execPath, WRITER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const printed: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => printed.push(line));
  return { process: child, printed };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

const numbers = (lines: readonly string[], word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));

const recorded = (directory: string) =>
  new Set(eventsOf(directory).flatMap((event) => (event.type === 'statement' ? [event.statement] : [])));

test('kill -9 under load, 20 times: every committed event is in the spool', async (t) => {
  const directory = temporary(t);
  const kept: number[] = [];
  for (let round = 1; round <= 20; round += 1) {
    const writer = start(t, [directory, String(round * 1_000_000)]);
    await until(() => writer.printed.length > 0);
    await sleep(Math.random() * 60);
    writer.process.kill('SIGKILL');
    await once(writer.process, 'close');
    kept.push(...numbers(writer.printed, 'kept'));
  }
  const spool = Spool.open(options(directory));
  await spool.close();
  const there = recorded(directory);
  t.true(kept.length > 200);
  t.deepEqual(
    kept.filter((number) => !there.has(number)),
    [],
  );
  t.true((await verify(directory)).ok);
});

test('no room for more: commits fail, no line is left in halves, and all goes on once there is room', async (t) => {
  const directory = temporary(t);
  const writer = start(t, [directory, '1', '10'], '16');
  await until(() => writer.printed.at(-1)?.startsWith('lost') === true);
  const report = await verify(directory);
  t.like(report, { ok: true });
  t.is(report.streams[0]?.tornBytes, 0);
  execFileSync('prlimit', ['--pid', String(writer.process.pid), '--fsize=unlimited']);
  await until(() => writer.printed.at(-1)?.startsWith('kept') === true);
  writer.process.kill('SIGKILL');
  await once(writer.process, 'close');
  const there = recorded(directory);
  const lost = numbers(writer.printed, 'lost');
  t.true(lost.length > 0);
  for (const number of [...numbers(writer.printed, 'kept'), ...lost])
    t.true(there.has(number), String(number));
  t.true((await verify(directory)).ok);
});
