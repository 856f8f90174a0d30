import { appendFileSync, cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { Spool } from '../../audit/spool.ts';
import { verify } from '../../audit/verify.ts';
import { eventsOf, options, segmentPath, statement, temporary, written } from './support.ts';

async function reopen(directory: string): Promise<void> {
  const spool = Spool.open(options(directory));
  spool.append(statement(99));
  await spool.close();
}

test('a tail torn at any byte of the last line is cut off, recorded, and the chain goes on', async (t) => {
  const original = temporary(t);
  await written(original, 3);
  const bytes = readFileSync(segmentPath(original));
  const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  const directory = temporary(t);
  cpSync(original, directory, { recursive: true });
  for (let end = lastLine; end <= bytes.length; end += 1) {
    writeFileSync(segmentPath(directory), bytes.subarray(0, end));
    await reopen(directory);
    const whole = end >= bytes.length - 1;
    const recovered = end > lastLine && !whole;
    const events = eventsOf(directory);
    t.is(events.length, (whole ? 3 : 2) + (recovered ? 1 : 0) + 1, `cut at ${end}`);
    const note = events.find((event) => event.type === 'spool.recovered');
    if (recovered) t.like(note, { seq: 3, droppedBytes: end - lastLine, broken: null });
    else t.is(note, undefined);
    t.true((await verify(directory)).ok, `cut at ${end}`);
  }
});

test('whatever follows the last newline, the chain is whole after the next start', async (t) => {
  const directory = temporary(t);
  await written(directory, 2);
  const bytes = readFileSync(segmentPath(directory));
  const tail = fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((array) => array.map((b) => (b === 10 ? 0 : b)));
  await fc.assert(
    fc.asyncProperty(tail, async (garbage) => {
      writeFileSync(segmentPath(directory), Buffer.concat([bytes, garbage]));
      await reopen(directory);
      const report = await verify(directory);
      t.is(report.events, 4);
      t.true(report.ok);
    }),
    { numRuns: 50 },
  );
});

test('an empty or wholly torn last segment goes on from the one before', async (t) => {
  const directory = temporary(t);
  await written(directory, 4, { segmentBytes: 300 });
  for (const size of [0, 10]) {
    truncateSync(segmentPath(directory, 4), size);
    await reopen(directory);
    t.true((await verify(directory)).ok);
  }
});

test('a chain broken in the middle is left as it is, and goes on in a new segment that says so', async (t) => {
  const directory = temporary(t);
  await written(directory, 5);
  const bytes = readFileSync(segmentPath(directory));
  bytes[bytes.indexOf('SELECT 3') + 7] = 0x39;
  writeFileSync(segmentPath(directory), bytes);
  await reopen(directory);
  t.deepEqual(readFileSync(segmentPath(directory)), bytes);
  t.like(eventsOf(directory)[5], {
    seq: 6,
    type: 'spool.recovered',
    droppedBytes: 0,
    broken: '000000001.ndjson:3',
  });
  const report = await verify(directory);
  t.false(report.ok);
  t.like(report.streams[0], { breaks: 1, events: 6 });
  t.like(report.streams[0]?.firstBreak, { seq: 3, fault: 'bad hash', place: `${segmentPath(directory)}:3` });
});

test('a broken segment with a torn tail loses no byte', async (t) => {
  const directory = temporary(t);
  await written(directory, 3);
  appendFileSync(segmentPath(directory), '{"forged":true}\n{"prev":"half');
  const before = readFileSync(segmentPath(directory));
  await reopen(directory);
  t.deepEqual(readFileSync(segmentPath(directory)), before);
  t.is((await verify(directory)).streams[0]?.breaks, 2);
});
