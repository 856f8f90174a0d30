import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { genesis } from '../../audit/chain.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import { exportEvents } from '../../audit/export.ts';
import { readSpool } from '../../audit/reader.ts';
import { verify } from '../../audit/verify.ts';
import { verifyExport } from '../../audit/verify-export.ts';
import { sealed } from './lines.ts';
import { eventsOf, segmentPath, streamPath, temporary, written } from './support.ts';

/** Rewrites the lines of the first segment. */
function edit(directory: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(segmentPath(directory), 'utf8').trimEnd().split('\n');
  writeFileSync(segmentPath(directory), `${change(lines).join('\n')}\n`);
}

test('one changed byte anywhere is found, and the event named', async (t) => {
  const directory = temporary(t);
  await written(directory, 4);
  const path = segmentPath(directory);
  const bytes = readFileSync(path);
  const lineOf = (offset: number) => bytes.subarray(0, offset).toString('latin1').split('\n').length;
  for (let offset = 0; offset < bytes.length - 1; offset += 1) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = Buffer.from(bytes);
      changed[offset] = (bytes[offset] ?? 0) ^ flip;
      writeFileSync(path, changed);
      const report = await verify(directory);
      t.false(report.ok, `byte ${offset}`);
      t.is(report.streams[0]?.firstBreak?.place, `${path}:${lineOf(offset)}`, `byte ${offset} xor ${flip}`);
    }
  }
});

test('a newline that is gone from the end is a torn tail, not a break', async (t) => {
  const directory = temporary(t);
  await written(directory, 2);
  const bytes = readFileSync(segmentPath(directory));
  writeFileSync(segmentPath(directory), bytes.subarray(0, -1));
  t.like((await verify(directory)).streams[0], { breaks: 0, events: 1 });
  t.true(((await verify(directory)).streams[0]?.tornBytes ?? 0) > 300);
});

const faults: readonly [
  string,
  (lines: string[]) => string[],
  { seq: number | null; fault: string; breaks: number },
][] = [
  ['removed', (l) => l.toSpliced(2, 1), { seq: 4, fault: 'gap in seq', breaks: 1 }],
  ['removed at the start', (l) => l.slice(2), { seq: 3, fault: 'gap in seq', breaks: 1 }],
  ['repeated', (l) => l.toSpliced(2, 0, l[1] ?? ''), { seq: 2, fault: 'reordered', breaks: 1 }],
  ['swapped', (l) => l.with(2, l[3] ?? '').with(3, l[2] ?? ''), { seq: 4, fault: 'reordered', breaks: 3 }],
  ['blanked', (l) => l.with(2, ''), { seq: null, fault: 'unparseable', breaks: 1 }],
  [
    'replaced by other JSON',
    (l) => l.with(2, '{"seq":3,"hash":"x"}'),
    { seq: 3, fault: 'unparseable', breaks: 1 },
  ],
  ['spelled otherwise', (l) => l.with(2, `${l[2]} `), { seq: 3, fault: 'unparseable', breaks: 1 }],
  ['ended by CR LF', (l) => l.with(2, `${l[2]}\r`), { seq: 3, fault: 'unparseable', breaks: 1 }],
];
for (const [name, change, expected] of faults) {
  test(`a line ${name} is found`, async (t) => {
    const directory = temporary(t);
    await written(directory, 6);
    edit(directory, change);
    const [stream] = (await verify(directory)).streams;
    t.like({ ...stream?.firstBreak, breaks: stream?.breaks }, expected);
  });
}

test('a line sealed anew does not follow into the next one', async (t) => {
  const directory = temporary(t);
  await written(directory, 4);
  const [first] = eventsOf(directory);
  const forged = sealed(
    { seq: 1, hash: first?.hash ?? '' },
    '"at":"2026-11-22T00:00:00.000Z","node":"n1","type":"node.stop"',
  );
  edit(directory, (lines) => lines.with(1, forged.line.toString()));
  t.like((await verify(directory)).streams[0]?.firstBreak, { seq: 3, fault: 'prev mismatch' });
});

test('a sealed line that is no event is found', async (t) => {
  const directory = temporary(t);
  mkdirSync(streamPath(directory), { recursive: true });
  writeFileSync(segmentPath(directory), `${sealed(genesis('n1', 'w1'), '"not json').line}\n`);
  t.like((await verify(directory)).streams[0]?.firstBreak, { seq: 1, fault: 'unparseable' });
});

test('a stream cannot pass for another, nor lose a segment', async (t) => {
  const directory = temporary(t);
  await written(directory, 8, { segmentBytes: 1000 });
  rmSync(segmentPath(directory, 2));
  t.like((await verify(directory)).streams[0]?.firstBreak, {
    place: `${segmentPath(directory, 3)}:1`,
    fault: 'gap in seq',
  });
  renameSync(streamPath(directory), streamPath(directory, 'w2'));
  t.like((await verify(directory)).streams[0]?.firstBreak, { seq: 1, fault: 'prev mismatch' });
});

test('old segments may be gone when that is said', async (t) => {
  const directory = temporary(t);
  await written(directory, 8, { segmentBytes: 1000 });
  rmSync(segmentPath(directory, 1));
  t.false((await verify(directory)).ok);
  t.true((await verify(directory, { pruned: true })).ok);
});

test('a segment, a stream and a spool can each be looked at', async (t) => {
  const directory = temporary(t);
  await written(directory, 8, { segmentBytes: 1000 });
  await written(directory, 3, { stream: 'w2' });
  t.like(await verify(directory), { ok: true, events: 11 });
  t.like(await verify(streamPath(directory)), { ok: true, events: 8 });
  const one = await verify(segmentPath(directory, 2));
  t.true(one.ok && one.events > 1 && one.events < 8);
  await t.throwsAsync(() => verify(join(directory, 'nowhere')), { code: 'ENOENT' });
  await t.throwsAsync(() => verify(temporary(t)), { message: /no audit streams/ });
});

test('heads noted earlier show a stream that was cut off, rewritten or removed', async (t) => {
  const directory = temporary(t);
  await written(directory, 4);
  await written(directory, 2, { stream: 'w2' });
  const noted = await verify(directory);
  const anchors = new Map(
    noted.streams.flatMap((stream) => (stream.head === null ? [] : [[stream.name, stream.head]])),
  );
  await written(directory, 2);
  t.true((await verify(directory, { anchors })).ok);

  const whole = readFileSync(segmentPath(directory), 'utf8');
  writeFileSync(segmentPath(directory), whole.split('\n').slice(0, 3).join('\n').concat('\n'));
  t.true((await verify(directory)).ok);
  t.like((await verify(directory, { anchors })).streams[0]?.firstBreak, { seq: 4, fault: 'cut off' });

  rmSync(streamPath(directory), { recursive: true });
  await written(directory, 6, { clock: () => 0 });
  t.true((await verify(directory)).ok);
  t.like((await verify(directory, { anchors })).streams[0]?.firstBreak, { seq: 4, fault: 'rewritten' });

  rmSync(streamPath(directory, 'w2'), { recursive: true });
  const gone = (await verify(directory, { anchors })).streams.find((stream) => stream.name === 'n1/w2');
  t.like(gone?.firstBreak, { fault: 'cut off' });
});

test('events keep the members they were appended with', async (t) => {
  const directory = temporary(t);
  await written(directory, 1);
  const [event] = eventsOf(directory) as Extract<SpooledEvent, { type: 'statement' }>[];
  t.like(event, { type: 'statement', principal: 'alice', sql: 'SELECT 1', sqlstate: null });
});

test('an export of a whole trail is checked by itself', async (t) => {
  const directory = temporary(t);
  await written(directory, 6);
  await written(directory, 4, { stream: 'w2' });
  const file = join(directory, 'export.ndjson');
  let whole = '';
  for await (const line of exportEvents(readSpool(directory), 'ndjson')) whole += line;
  const lines = whole.trimEnd().split('\n');
  const breaksOf = async (text: string) => {
    writeFileSync(file, text);
    return (await verifyExport(file)).flatMap(({ firstBreak }) => firstBreak?.fault ?? []);
  };
  t.deepEqual(await breaksOf(whole), []);
  t.is((await verifyExport(file)).length, 2);
  const third = lines.findIndex((line) => line.includes('"seq":3,'));
  t.true((await breaksOf(`${lines.toSpliced(third, 1).join('\n')}\n`)).includes('gap in seq'));
  t.true((await breaksOf(whole.replace('SELECT 3"', 'SELECT 9"'))).includes('bad hash'));
  const twice = lines.toSpliced(third, 0, lines[third] ?? '').join('\n');
  t.true((await breaksOf(`${twice}\n`)).length > 0);
  t.true((await breaksOf(whole.slice(0, -20))).includes('torn line'));
});
