import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { AuditEvent } from '../../audit/events.ts';
import { listSegments } from '../../audit/segments.ts';
import { EVENT_TYPES } from '../../audit/serialize.ts';
import { Spool } from '../../audit/spool.ts';
import { verify } from '../../audit/verify.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import {
  eventsOf,
  options,
  segmentPath,
  statement,
  statementEnd,
  streamPath,
  temporary,
  written,
} from './support.ts';

test('is the audit trail that the proxy asks for', async (t) => {
  const trail: AuditTrail = Spool.open(options(temporary(t)));
  trail.append(statement(1));
  t.true(trail.writable);
  t.is(trail.commit(), true);
});

test('a line carries its number, time, node, the hash before it and its own', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory, { clock: () => Date.UTC(2026, 10, 22, 9, 30, 0, 7) }));
  spool.append(statement(1, "SELECT 'naïve', \"\u{1F512}\", '\ud800'"));
  spool.append(statementEnd(1));
  spool.commit();
  const lines = readFileSync(segmentPath(directory), 'utf8').trimEnd().split('\n');
  let prev = createHash('sha256').update('postern audit n1/w1').digest('hex');
  for (const [index, line] of lines.entries()) {
    const event = JSON.parse(line);
    const body = line.slice(0, line.lastIndexOf(',"hash":'));
    t.like(event, { seq: index + 1, at: '2026-11-22T09:30:00.007Z', node: 'n1', prev });
    t.is(event.hash, createHash('sha256').update(body).digest('hex'));
    prev = event.hash;
  }
  t.is(lines.length, 2);
  await spool.close();
});

test('the chain goes on across restarts', async (t) => {
  const directory = temporary(t);
  for (let run = 0; run < 3; run += 1) await written(directory, 5);
  t.deepEqual(
    eventsOf(directory).map((event) => event.seq),
    Array.from({ length: 15 }, (_, index) => index + 1),
  );
  t.like(await verify(directory), { ok: true, events: 15 });
});

test('much that is pending is written in pieces', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory, { segmentBytes: 1 }));
  for (let n = 1; n <= 3; n += 1) spool.append(statement(n, 'x'.repeat(5 * 1024 * 1024)));
  t.true(spool.commit());
  await spool.close();
  t.is(listSegments(streamPath(directory)).length, 2);
  t.like(await verify(directory), { ok: true, events: 3 });
});

test('segments rotate by size, and the chain crosses them', async (t) => {
  const directory = temporary(t);
  await written(directory, 40, { segmentBytes: 2000 });
  await written(directory, 40, { segmentBytes: 2000 });
  const segments = listSegments(streamPath(directory));
  t.true(segments.length > 10);
  for (const number of segments) t.true(statSync(segmentPath(directory, number)).size < 2500);
  t.like(await verify(directory), { ok: true, events: 80 });
});

test('events that nobody commits reach the file soon', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  spool.append(statementEnd(1));
  t.is(eventsOf(directory).length, 0);
  while (eventsOf(directory).length === 0) await sleep(5);
  t.is(eventsOf(directory)[0]?.type, 'statement.end');
  await spool.close();
});

test('close writes what is left and gives the stream free', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  spool.append(statement(1));
  await spool.close();
  t.is(eventsOf(directory).length, 1);
  t.false(existsSync(join(streamPath(directory), 'lock')));
  t.is(spool.commit(), false);
  t.false(spool.writable);
});

test('with fsync a commit resolves after it is on disk, many at once', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory, { fsync: 'commit', segmentBytes: 3000 }));
  const commits: (boolean | Promise<boolean>)[] = [];
  for (let number = 1; number <= 50; number += 1) {
    spool.append(statement(number));
    commits.push(spool.commit());
    if (number % 10 === 0) await sleep(1);
  }
  t.true(commits.every((commit) => commit instanceof Promise));
  t.deepEqual(new Set(await Promise.all(commits)), new Set([true]));
  await spool.close();
  t.like(await verify(directory), { ok: true, events: 50 });
});

test('one stream has one writer', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  t.throws(() => Spool.open(options(directory)), { message: new RegExp(`open in process ${process.pid} `) });
  const other = Spool.open(options(directory, { stream: 'w2' }));
  await other.close();
  await spool.close();
  const again = Spool.open(options(directory));
  await again.close();
});

test('locks of processes that are gone are taken over', async (t) => {
  const directory = temporary(t);
  mkdirSync(streamPath(directory), { recursive: true });
  const lock = join(streamPath(directory), 'lock');
  const stale = ['', 'garbage', '-1 0 0', '2147483646 100 boot', `${process.pid} 1 of-an-earlier-boot`];
  for (const holder of stale) {
    writeFileSync(lock, holder);
    const spool = Spool.open(options(directory));
    await spool.close();
  }
  t.false(existsSync(lock));
});

test('names cannot leave the spool', (t) => {
  const directory = temporary(t);
  for (const stream of ['..', '.', '', 'a/b', '../x', 'w\n1', '-']) {
    t.throws(() => Spool.open(options(directory, { stream })), { instanceOf: RangeError }, stream);
    t.throws(() => Spool.open(options(directory, { node: stream })), { instanceOf: RangeError }, stream);
  }
});

test('only events of the union, and none that brings its own place in the chain', (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  for (const type of ['', 'other', 'toString', '__proto__', undefined]) {
    t.throws(() => spool.append({ type } as unknown as AuditEvent), { instanceOf: TypeError });
  }
  for (const name of ['seq', 'prev', 'at', 'node', 'hash']) {
    t.throws(() => spool.append({ type: 'node.stop', [name]: 'forged' } as unknown as AuditEvent), {
      instanceOf: TypeError,
    });
  }
  t.is(EVENT_TYPES.length, new Set(EVENT_TYPES).size);
  t.is(spool.stats.events, 0);
  spool.append({ ...statement(1), seq: 7, prev: 'forged' } as unknown as AuditEvent); // written from members that it may have
  spool.commit();
  t.like(eventsOf(directory), [{ seq: 1, type: 'statement' }]);
});

test('tokens are masked wherever they stand, names that look alike are not', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  const token = 'pst_0123456789ABCDEFGHIJKLMNOPQR';
  const other = 'pst_0123456789ABCDEFGHIJKLMNOPQS';
  spool.append(statement(1, `SELECT '${token}', "\n${token}", '${other}' FROM pst_orders`));
  spool.append({
    ...(statement(2) as Extract<AuditEvent, { type: 'statement' }>),
    parameters: [token, null],
  });
  spool.append({
    type: 'protocol.violation',
    session: null,
    grant: null,
    client: '',
    message: `user ${token}`,
  });
  await spool.close();
  const text = readFileSync(segmentPath(directory), 'utf8');
  t.false(text.includes('0123456789ABCDEF'));
  t.is(text.match(/pst_\*\*\*[0-9a-f]{8}/g)?.length, 5);
  t.is(new Set(text.match(/pst_\*\*\*[0-9a-f]{8}/g)).size, 2);
  t.true(text.includes('FROM pst_orders'));
  t.true((await verify(directory)).ok);
});

test('files and directories are for their owner only', async (t) => {
  const directory = temporary(t);
  await written(directory, 1);
  t.is(statSync(segmentPath(directory)).mode & 0o777, 0o600);
  t.is(statSync(streamPath(directory)).mode & 0o777, 0o700);
});

test('a removed directory refuses commits until it is there again, and verify sees what is gone', async (t) => {
  const directory = temporary(t);
  const faults: string[] = [];
  const spool = Spool.open(options(directory, { onFault: (error) => faults.push(error.message) }));
  spool.append(statement(1));
  t.is(spool.commit(), true);
  rmSync(streamPath(directory), { recursive: true });
  await sleep(2);
  spool.append(statement(2));
  t.is(spool.commit(), false);
  t.false(spool.writable);
  t.is(spool.commit(), false);
  t.regex(faults[0] ?? '', /ENOENT/);
  mkdirSync(streamPath(directory), { recursive: true });
  while (!spool.writable) await sleep(20);
  spool.append(statement(3));
  t.is(spool.commit(), true);
  await spool.close();
  t.deepEqual(
    eventsOf(directory).map((event) => event.seq),
    [2, 3],
  );
  const report = await verify(directory);
  t.like(report.streams[0]?.firstBreak, { seq: 2, fault: 'gap in seq' });
});

test('a segment that someone else cut, wrote to or removed is left, not written behind', async (t) => {
  const directory = temporary(t);
  const spool = Spool.open(options(directory));
  spool.append(statement(1));
  spool.commit();
  writeFileSync(segmentPath(directory), 'half a li', { flag: 'a' });
  await sleep(20);
  spool.append(statement(2));
  t.is(spool.commit(), true);
  rmSync(segmentPath(directory, 2));
  await sleep(20);
  spool.append(statement(3));
  t.is(spool.commit(), true);
  await spool.close();
  t.deepEqual(listSegments(streamPath(directory)), [1, 3]);
  const report = await verify(directory);
  t.is(report.streams[0]?.events, 2);
  t.like(report.streams[0]?.firstBreak, { place: `${segmentPath(directory)}:2`, fault: 'torn line' });
});
