import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CheckpointKey } from '../../audit/checkpoint.ts';
import { addCheckpoint, checkpointLines, replaceCheckpoints } from '../../audit/checkpoint-files.ts';
import { Checkpointer } from '../../audit/checkpointer.ts';
import { CheckpointCompaction } from '../../audit/compact-checkpoints.ts';
import { verify } from '../../audit/verify.ts';
import { eventsOf, segmentPath, streamPath, temporary, written } from './support.ts';

const STREAM = { node: 'n1', stream: 'w1' };
const SMALL = { segmentBytes: 3_000 };

/** A stream of some segments, signed after each few events. */
async function signed(t: ExecutionContext) {
  const spool = temporary(t);
  const key = new CheckpointKey(CheckpointKey.generate());
  const more = async (events = 3) => {
    await written(spool, events, SMALL);
    await new Checkpointer({ spool, node: 'n1', key, every: 1_000_000 }).close();
  };
  for (let round = 0; round < 12; round += 1) await more();
  const compact = (few = 100) =>
    new CheckpointCompaction({ spool, publicKey: key.publicKey, few }).compact(STREAM);
  const fault = async () => {
    const { streams } = await verify(spool, { keys: [key.publicKey] });
    return streams[0]?.firstBreak?.fault ?? null;
  };
  return { spool, key, more, compact, fault, lines: () => checkpointLines(spool, STREAM) };
}

test('of what is signed the last head stays, and proves as much', async (t) => {
  const { spool, more, compact, fault, lines } = await signed(t);
  t.is(lines().length, 12);
  t.is(await compact(1_000_000), 0, 'a few are left alone');
  const last = lines().at(-1) ?? '';
  t.is(await compact(), 11);
  t.deepEqual(lines(), [last]);
  t.is(await fault(), null);
  for (let round = 0; round < 4; round += 1) await more();
  t.is(await compact(), 4);
  t.is(await fault(), null);

  const path = segmentPath(spool, 1);
  const whole = readFileSync(path, 'utf8');
  rmSync(path);
  t.is(await fault(), 'gap in seq');
  writeFileSync(path, whole);
  const segments = eventsOf(spool).length;
  rmSync(streamPath(spool), { recursive: true });
  await written(spool, segments, { ...SMALL, clock: () => 0 });
  writeFileSync(join(streamPath(spool), 'checkpoints.ndjson'), `${last}\n`);
  t.is(await fault(), 'rewritten');
});

test('where the chain does not lead from one head to the next, all that was signed stays', async (t) => {
  const { spool, more, compact, fault, lines } = await signed(t);
  const segment = segmentPath(spool, 3);
  const whole = readFileSync(segment, 'utf8');
  writeFileSync(segment, whole.replace('SELECT 2"', 'SELECT 9"'));
  t.is(await compact(), 0);
  t.is(lines().length, 12);
  writeFileSync(segment, whole);
  t.is(await compact(), 11);

  // Its end is cut off, and it goes on.
  await more();
  const [tail, before] = [join(streamPath(spool), 'checkpoints.ndjson'), lines().length];
  for (let number = 20; number > 1; number -= 1) rmSync(segmentPath(spool, number), { force: true });
  await more(60);
  t.is(await compact(), 0);
  t.is(lines().length, before + 1);
  t.is(await fault(), 'rewritten');
  appendFileSync(tail, 'what is this?\n');
  t.is(await compact(), 0);
  t.is(await fault(), 'bad checkpoint');
});

test('what was pruned stays signed for, and heads before that go', async (t) => {
  const { spool, key, compact, fault, lines } = await signed(t);
  const third = JSON.parse(readFileSync(segmentPath(spool, 3), 'utf8').split('\n')[0] ?? '') as {
    seq: number;
    prev: string;
  };
  const claim = { kind: 'pruned', stream: 'n1/w1', seq: third.seq - 1, hash: third.prev } as const;
  addCheckpoint(spool, STREAM, key.sign(claim, new Date()));
  for (const number of [1, 2]) rmSync(segmentPath(spool, number));
  t.is(await fault(), null);
  const many = lines().length;
  t.is(await compact(), many - 2);
  t.is(await fault(), null);
  t.deepEqual(
    lines().map((line) => (JSON.parse(line) as { kind: string }).kind),
    ['pruned', 'head'],
  );
});

test('what another process signs meanwhile stays', async (t) => {
  const { spool, key, lines } = await signed(t);
  const read = lines();
  const line = key.sign({ kind: 'head', stream: 'n1/w1', seq: 9, hash: '0'.repeat(64) }, new Date());
  addCheckpoint(spool, STREAM, line);
  replaceCheckpoints(spool, STREAM, read, read.slice(-1));
  t.deepEqual(lines(), [...read.slice(-1), line]);
});
