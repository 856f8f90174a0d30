import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { SpooledEvent } from '../../audit/events.ts';
import { exportEvents } from '../../audit/export.ts';
import { readSpool, tail } from '../../audit/reader.ts';
import { Spool } from '../../audit/spool.ts';
import { UnreadableLineError } from '../../audit/stream-reader.ts';
import { options, ref, segmentPath, statement, statementEnd, temporary, written } from './support.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const numbers = (events: readonly SpooledEvent[]) =>
  events.map((event) =>
    event.type === 'statement' || event.type === 'statement.end' ? event.statement : event.type,
  );

/** Two streams whose events take turns in time, over several segments. */
async function twoStreams(directory: string, count: number): Promise<void> {
  let now = Date.UTC(2026, 0, 1);
  const clock = () => now;
  const more = { clock, segmentBytes: 1000 };
  const spools = [
    Spool.open(options(directory, more)),
    Spool.open(options(directory, { ...more, stream: 'w2' })),
  ];
  for (let number = 1; number <= count; number += 1) {
    now += 1000;
    spools[number % 2]?.append(statement(number));
    for (const spool of spools) spool.commit();
  }
  for (const spool of spools) await spool.close();
}

test('all streams are merged by time', async (t) => {
  const directory = temporary(t);
  await twoStreams(directory, 30);
  t.deepEqual(
    numbers(await collect(readSpool(directory))),
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  t.is((await collect(readSpool(directory, {}, [{ node: 'n1', stream: 'w2' }]))).length, 15);
});

test('a stream keeps its order when its clock went back', async (t) => {
  const directory = temporary(t);
  const times = [5000, 3000, 4000];
  const spool = Spool.open(options(directory, { clock: () => times.shift() ?? 9000 }));
  for (const number of [1, 2, 3]) spool.append(statement(number));
  await spool.close();
  t.deepEqual(numbers(await collect(readSpool(directory))), [1, 2, 3]);
});

test('filters by type, session, grant, principal, database and time', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory, { clock: () => 1_000_000 }));
  spool.append({ type: 'node.start', version: '1', config: '' });
  spool.append(statement(1));
  spool.append(statementEnd(1));
  spool.append({ type: 'cancel', ...ref, session: 's-2', grant: 'other', principal: 'bob', database: 'hr' });
  await spool.close();
  const read = async (filter: Parameters<typeof readSpool>[1]) =>
    (await collect(readSpool(directory, filter))).map((event) => event.type);
  t.deepEqual(await read({ types: ['statement', 'cancel'] }), ['statement', 'cancel']);
  t.deepEqual(await read({ session: 's-2' }), ['cancel']);
  t.deepEqual(await read({ grant: 'other', principal: 'bob', database: 'hr' }), ['cancel']);
  t.deepEqual(await read({ principal: 'alice' }), ['statement', 'statement.end']);
  t.deepEqual(await read({ principal: 'alice', database: 'hr' }), []);
  t.is((await read({ from: 1_000_000, to: 1_000_001 })).length, 4);
  t.is((await read({ from: 1_000_001 })).length, 0);
  t.is((await read({ to: 1_000_000 })).length, 0);
});

test('tail gives the last events, over streams and as many segments as it takes', async (t) => {
  const directory = temporary(t);
  await twoStreams(directory, 30);
  for (const count of [0, 1, 5, 12, 30, 99]) {
    const expected = Array.from({ length: 30 }, (_, index) => index + 1).slice(Math.max(0, 30 - count));
    t.deepEqual(numbers(await collect(tail(directory, { count }))), expected, `count ${count}`);
  }
});

test('tail follows without a gap or an event twice, into new segments and streams, and not into half a line', async (t) => {
  const directory = temporary(t);
  await written(directory, 3, { segmentBytes: 1000 });
  const stop = new AbortController();
  const seen: SpooledEvent[] = [];
  const done = (async () => {
    for await (const event of tail(directory, { count: 2, follow: stop.signal })) seen.push(event);
  })();
  while (seen.length < 2) await sleep(10);
  const first = Spool.open(options(directory, { segmentBytes: 1000 }));
  for (let number = 4; number <= 20; number += 1) {
    first.append(statement(number));
    first.commit();
    await sleep(15);
  }
  await first.close();
  await written(directory, 1, { stream: 'w2' });
  while (seen.length < 20) await sleep(10);

  const whole = readFileSync(segmentPath(directory, 1, 'w2'));
  const half = Spool.open(options(directory, { stream: 'w2' }));
  half.append(statement(21));
  await half.close();
  const line = readFileSync(segmentPath(directory, 1, 'w2')).subarray(whole.length);
  while (seen.length < 21) await sleep(10);
  appendFileSync(segmentPath(directory, 1, 'w2'), line.subarray(0, 50));
  await sleep(300);
  t.is(seen.length, 21);
  appendFileSync(segmentPath(directory, 1, 'w2'), line.subarray(50));
  while (seen.length < 22) await sleep(10);
  stop.abort();
  await done;
  t.deepEqual(
    numbers(seen).slice(0, 19),
    Array.from({ length: 19 }, (_, index) => index + 2),
  );
  t.deepEqual(numbers(seen).slice(19), [1, 21, 21]);
});

test('a line that is no event is reported by its place, not skipped', async (t) => {
  const directory = temporary(t);
  await written(directory, 3);
  const text = readFileSync(segmentPath(directory), 'utf8').split('\n');
  writeFileSync(segmentPath(directory), text.with(1, '{"seq":2}').join('\n'));
  const error = await t.throwsAsync(() => collect(readSpool(directory)), { instanceOf: UnreadableLineError });
  t.is(error.place, `${segmentPath(directory)}:2`);
});

test('NDJSON export is the spool, line by line', async (t) => {
  const directory = temporary(t);
  await written(directory, 3);
  const text = (await collect(exportEvents(readSpool(directory), 'ndjson'))).join('');
  t.is(text, readFileSync(segmentPath(directory), 'utf8'));
});

test('CSV export quotes as RFC 4180 says and cannot carry a formula', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  for (const sql of [
    'SELECT 1,\n"a"',
    '=HYPERLINK("http://x")',
    '@a',
    '-- note',
    '+1',
    '\tx',
    'SELECT 1;=2',
    'a\n@b',
    '＝1',
    'a - b;',
  ]) {
    spool.append(statement(1, sql));
  }
  spool.append({ type: 'node.stop' });
  await spool.close();
  const rows = (await collect(exportEvents(readSpool(directory), 'csv'))).map((row) =>
    row.replace('\r\n', ''),
  );
  const sql = rows.slice(1, 11).map((row) => /,allow,("(?:[^"]|"")*"|[^,]*),SELECT,/s.exec(row)?.[1]);
  t.deepEqual(sql, [
    '"SELECT 1,\n""a"""',
    '"\'=HYPERLINK(""http://x"")"',
    "'@a",
    "'-- note",
    "'+1",
    "'\tx",
    "SELECT 1;'=2",
    '"a\n\'@b"',
    "'＝1",
    'a - b;',
  ]);
  const columns = rows[0]?.split(',') ?? [];
  t.is(rows[11]?.split(',').length, columns.length);
  t.deepEqual(columns.slice(0, 4), ['at', 'node', 'seq', 'type']);
});
