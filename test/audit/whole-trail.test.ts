/** What is read of the trail where spool and store have parts of it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Fault } from '../../audit/chain-follower.ts';
import { CheckpointKey } from '../../audit/checkpoint.ts';
import { Checkpointer } from '../../audit/checkpointer.ts';
import type { AuditEvent, SpooledEvent } from '../../audit/events.ts';
import { readSpool } from '../../audit/reader.ts';
import { listSegments } from '../../audit/segments.ts';
import { Spool } from '../../audit/spool.ts';
import { CheckpointShipping } from '../../audit/store/checkpoint-shipping.ts';
import { tailTrail } from '../../audit/store/tail-trail.ts';
import { verifyTrail } from '../../audit/store/verify-trail.ts';
import { readTrail } from '../../audit/store/whole-trail.ts';
import { verifyExport } from '../../audit/verify-export.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { ShippedNote, shippedOf } from '../../server/store/shipped-note.ts';
import { spoolLag } from '../../server/store/spool-lag.ts';
import { TrailCheck } from '../../server/trail-check.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { sealed } from './lines.ts';
import { StoreBench } from './store-bench.ts';
import { options, ref, segmentPath, statement, streamPath } from './support.ts';

let postgres: OwnPostgres;
test.before(async () => {
  postgres = await startPostgres();
});
test.after.always(() => postgres?.stop());

const SMALL = { segmentBytes: 4_000 };
const BEGIN = Date.UTC(2026, 0, 31, 23, 59);

/** Events of two nodes, that take turns, and what of them this node's spool has still. */
interface Parted {
  readonly bench: StoreBench;
  /** As written, of each stream in its order. */
  readonly all: readonly SpooledEvent[];
}

const collected = async (events: AsyncIterable<SpooledEvent>): Promise<SpooledEvent[]> => {
  const all: SpooledEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};

async function add(
  directory: string,
  node: string,
  stream: string,
  from: number,
  events: readonly AuditEvent[],
): Promise<void> {
  let now = from;
  const spool = Spool.open(options(directory, { ...SMALL, node, stream, clock: () => now }));
  for (const event of events) {
    spool.append(event);
    await spool.commit();
    now += 1_000;
  }
  await spool.close();
}

const statements = (from: number, to: number, principal = 'alice'): readonly AuditEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ ...statement(from + i), principal }) as AuditEvent);

/** The store has 60 events of this node's w1, whose spool was pruned, and all of another node's; the spool has 15 more. */
async function parted(t: ExecutionContext): Promise<Parted> {
  const bench = new StoreBench(t, postgres);
  const other = mkdtempSync(join(bench.spool, '..', 'postern-other-'));
  t.teardown(() => rmSync(other, { recursive: true, force: true }));
  await add(bench.spool, 'n1', 'w1', BEGIN, statements(1, 60));
  await add(bench.spool, 'n1', 'cli', BEGIN + 20_000, [{ type: 'node.stop' }]);
  await add(other, 'n2', 'w1', BEGIN + 500, statements(1, 30, 'bob'));
  await add(other, 'n2', 'w1', BEGIN + 10_500, statements(31, 40, 'bob')); // its clock was set back
  const before = [...(await collected(readSpool(bench.spool))), ...(await collected(readSpool(other)))];
  await bench.shipAll();
  await bench.shipAll({ spool: other });
  const segments = listSegments(streamPath(bench.spool));
  for (const segment of segments.slice(0, -1)) rmSync(segmentPath(bench.spool, segment));
  await add(bench.spool, 'n1', 'w1', BEGIN + 60_000, statements(61, 70));
  await add(bench.spool, 'n1', 'w2', BEGIN + 65_000, [
    statement(1, 'x'.repeat(200_000)),
    ...statements(2, 5),
  ]);
  const known = new Set(before.map(({ hash }) => hash));
  const after = (await collected(readSpool(bench.spool))).filter(({ hash }) => !known.has(hash));
  return { bench, all: [...before, ...after] };
}

const hashes = (events: readonly SpooledEvent[]) => events.map(({ hash }) => hash);

test('an export has each event once, of all nodes, in order: from the store, and behind it from the spool', async (t) => {
  const { bench, all } = await parted(t);
  const places = { spool: bench.spool, store: bench.target };
  const found = await collected(readTrail(places));
  t.is(found.length, 60 + 1 + 40 + 15);
  t.deepEqual(hashes(found).toSorted(), hashes(all).toSorted());
  const times = found.filter(({ node }) => node === 'n1').map(({ at }) => at);
  t.deepEqual(times, times.toSorted());
  t.true(found.some((event) => event.type === 'statement' && event.sql.length === 200_000));
  // That each follows from the one before it in its stream, whatever the clock of that did.
  const file = join(bench.spool, 'export.ndjson');
  writeFileSync(file, found.map((event) => `${JSON.stringify(event)}\n`).join(''));
  t.deepEqual(
    (await verifyExport(file)).flatMap(({ firstBreak }) => firstBreak ?? []),
    [],
  );

  const count = async (filter: Parameters<typeof readTrail>[1]) =>
    (await collected(readTrail(places, filter))).length;
  t.is(await count({ principal: 'bob' }), 40);
  t.is(await count({ principal: 'nobody' }), 0);
  t.is(await count({ types: ['node.stop'] }), 1);
  t.is(await count({ from: BEGIN + 60_000, database: 'shop' }), 15);
  t.is(await count({ to: BEGIN + 2_000, grant: ref.grant, session: ref.session }), 4);
  t.is((await collected(readTrail({ spool: null, store: bench.target }))).length, 101);
  t.is((await collected(readTrail({ spool: bench.spool, store: null }, { principal: 'bob' }))).length, 0);

  // Shipped once more, or cut off in the spool: neither twice nor missing.
  await bench.shipAll();
  t.deepEqual(hashes(await collected(readTrail(places))).toSorted(), hashes(found).toSorted());
  const last = segmentPath(bench.spool, 1, 'w2');
  writeFileSync(last, `${readFileSync(last, 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
  await add(bench.spool, 'n1', 'w2', BEGIN + 80_000, statements(4, 6));
  t.is((await collected(readTrail(places))).length, found.length + 3);
});

test('a tail is the end of what store and spool have together, and follows both', async (t) => {
  const { bench, all } = await parted(t);
  const places = { spool: bench.spool, store: bench.target };
  const byTime = all.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  for (const count of [0, 1, 12, 40, 200]) {
    const expected = hashes(byTime.slice(Math.max(0, byTime.length - count)));
    const found = hashes(await collected(tailTrail(places, { count })));
    t.deepEqual(found.toSorted(), expected.toSorted(), `count ${count}`);
  }
  const filter = { principal: 'bob' };
  t.is((await collected(tailTrail(places, { count: 3, filter }))).length, 3);

  const stop = new AbortController();
  const seen: SpooledEvent[] = [];
  const done = (async () => {
    for await (const event of tailTrail(places, { count: 2, follow: stop.signal })) seen.push(event);
  })();
  while (seen.length < 2) await sleep(10);
  const other = mkdtempSync(join(bench.spool, '..', 'postern-third-'));
  t.teardown(() => rmSync(other, { recursive: true, force: true }));
  await add(other, 'n3', 'w1', BEGIN, statements(1, 4, 'carol'));
  const shipper = bench.shipper(); // ships meanwhile what is followed here
  await bench.shipAll({ spool: other });
  await add(bench.spool, 'n1', 'w1', BEGIN + 90_000, statements(71, 80));
  await add(bench.spool, 'n1', 'w3', BEGIN + 90_000, statements(1, 3));
  while (seen.length < 2 + 4 + 10 + 3) await sleep(10);
  await shipper.caughtUp();
  await sleep(1_200); // it looks at the store once more
  stop.abort();
  await done;
  t.is(seen.length, 2 + 4 + 10 + 3);
  t.is(new Set(hashes(seen)).size, seen.length);
});

test('postern audit reads both, and says what to do where the store is out of reach', async (t) => {
  const { bench, all } = await parted(t);
  const main = join(import.meta.dirname, '../../cli/main.ts');
  const postern = (...args: string[]) =>
    promisify(execFile)(process.execPath, [main, 'audit', ...args], { maxBuffer: 1e8 });
  const { connectionString = '' } = bench.target.connection;
  const store = ['--spool', bench.spool, '--store', connectionString, '--schema', bench.target.schema];
  const lines = (await postern('export', ...store)).stdout.trimEnd().split('\n');
  t.is(lines.length, all.length);
  t.is((await postern('tail', ...store, '-n', '70', '--json')).stdout.trimEnd().split('\n').length, 70);
  const nowhere = ['--spool', bench.spool, '--store', 'postgresql://postgres@127.0.0.1:1/postgres'];
  for (const command of ['export', 'tail'])
    await t.throwsAsync(() => postern(command, ...nowhere), {
      message: /store can't be reached.*--spool DIR reads/,
    });
});

/** Two nodes, each with a key of its own, and one store. */
async function signed(t: ExecutionContext) {
  const bench = new StoreBench(t, postgres);
  const other = mkdtempSync(join(bench.spool, '..', 'postern-other-'));
  t.teardown(() => rmSync(other, { recursive: true, force: true }));
  const otherKey = new CheckpointKey(CheckpointKey.generate());
  await add(bench.spool, 'n1', 'w1', BEGIN, statements(1, 8));
  await add(other, 'n2', 'w1', BEGIN, statements(1, 9, 'bob'));
  const nodes = [
    { spool: bench.spool, node: 'n1', key: bench.key },
    { spool: other, node: 'n2', key: otherKey },
  ];
  for (const { spool, node, key } of nodes) {
    await new Checkpointer({ spool, node, key, every: 1_000_000 }).close();
    const checkpoints = new CheckpointShipping(spool);
    await bench.shipAll({
      spool,
      chores: async (client, streams) => {
        for (const stream of streams) await checkpoints.ship(client, stream);
      },
    });
  }
  return { bench, otherKey };
}

const shown = ({ streams }: Awaited<ReturnType<typeof verifyTrail>>) =>
  streams.map(({ name, signed, unknownKeys, firstBreak }) => [
    name,
    signed?.seq ?? null,
    unknownKeys.length,
    firstBreak?.fault ?? null,
  ]);

test('a check says of each stream who has signed it, and of whose signatures nobody knows', async (t) => {
  const { bench, otherKey } = await signed(t);
  const places = { spool: bench.spool, store: bench.target };
  const counts = { expected: 0, checked: 0 };
  const progress = {
    expect: (events: number) => {
      counts.expected += events;
    },
    checked: (events: number) => {
      counts.checked += events;
    },
  };
  const one = await verifyTrail({ ...places, keys: bench.keys, progress });
  t.true(one.ok);
  t.deepEqual(counts, { expected: 8 + 8 + 9, checked: 8 + 8 + 9 });
  t.deepEqual(shown(one), [
    ['n1/w1', 8, 0, null],
    ['store:n1/w1', 8, 0, null],
    ['store:n2/w1', null, 1, null],
  ]);
  const keys = [...bench.keys, otherKey.publicKey];
  t.deepEqual(shown(await verifyTrail({ ...places, keys, allKeys: true })).at(-1), [
    ...['store:n2/w1', 9, 0, null],
  ]);
  const all = await verifyTrail({ ...places, keys: bench.keys, allKeys: true });
  t.deepEqual(shown(all).at(-1), ['store:n2/w1', null, 1, 'bad checkpoint']);

  // Who has the store writes another past, whole in itself, and signs it.
  const forger = new CheckpointKey(CheckpointKey.generate());
  for (const [node, before] of [
    ['n1', 'bad checkpoint'],
    ['n2', null],
  ] as const) {
    const [last] = await bench.query<{ id: number; seq: number; hash: string }>(
      `select id, seq::int4, hash from stream where node = '${node}'`,
    );
    const line = forger.sign(
      { kind: 'head', stream: `${node}/w1`, seq: last?.seq ?? 0, hash: last?.hash ?? '' },
      new Date(),
    );
    await bench.query(`update checkpoint set line = '${line}' where stream = ${last?.id}`);
    const named = async (known: readonly string[]) =>
      shown(await verifyTrail({ ...places, keys: known })).find(([name]) => name === `store:${node}/w1`);
    t.deepEqual(await named(bench.keys), [`store:${node}/w1`, null, 1, before]);
  }
});

test('a node checks its spool and the store of all nodes, and tells how that goes', async (t) => {
  const { bench } = await signed(t);
  const server = { host: '127.0.0.1', port: postgres.port, user: 'postgres', password: postgres.password };
  const check = new TrailCheck({
    spool: bench.spool,
    store: { ...server, database: 'postgres', tls: { mode: 'disable' }, schema: bench.target.schema },
    keys: bench.keys,
    ended: async () => {},
  });
  t.teardown(() => check.close());
  const outcome = async () => {
    t.true(check.start('audrey'));
    t.false(check.start('eve'));
    while (check.state.kind === 'running') await sleep(10);
    return check.state;
  };
  t.like(await outcome(), { kind: 'done', ok: true, events: 8 + 8 + 9, by: 'audrey' });
  await bench.query(`update event set line = replace(line, 'SELECT 5', 'SELECT 7') where line like '%"n2"%'`);
  const found = await outcome();
  t.like(found, { kind: 'done', ok: false });
  const broken = found.kind === 'done' ? found.streams.flatMap(({ firstBreak }) => firstBreak ?? []) : [];
  t.like(broken, [{ place: 'store:n2/w1 event 5', fault: 'bad hash', seq: 5 }]);
});

test('what waits in the spool is known also after a start while the store is out of reach', async (t) => {
  const bench = new StoreBench(t, postgres);
  await add(bench.spool, 'n1', 'w1', BEGIN, statements(1, 20));
  const lag = () => spoolLag(bench.spool, new ShippedNote(bench.spool).read());
  t.deepEqual(await lag(), { events: 20, since: BEGIN }, 'nothing is known of the store');
  await bench.shipAll({
    chores: async (_, streams) =>
      new ShippedNote(bench.spool).write(new Map(streams.map(({ stored }) => shippedOf(stored)))),
  });
  t.deepEqual(await lag(), { events: 0, since: null });
  await add(bench.spool, 'n1', 'w1', BEGIN + 30_000, statements(21, 23));
  await add(bench.spool, 'n1', 'w2', BEGIN + 20_000, statements(1, 2));
  t.deepEqual(await lag(), { events: 5, since: BEGIN + 20_000 });
  rmSync(streamPath(bench.spool), { recursive: true });
  await add(bench.spool, 'n1', 'w1', BEGIN, statements(1, 4));
  t.deepEqual(await lag(), { events: 6, since: BEGIN }, 'it has begun anew');
  writeFileSync(join(bench.spool, 'shipped.json'), '{');
  t.is((await lag()).events, 6);
});

/** Appends a line that is sealed as the chain wants it, whatever it says. */
function forge(bench: StoreBench, fields: string | Buffer): void {
  const path = segmentPath(bench.spool, listSegments(streamPath(bench.spool)).at(-1));
  const { seq, hash } = JSON.parse(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '');
  appendFileSync(path, Buffer.concat([sealed({ seq, hash }, fields).line, Buffer.from('\n')]));
}

test('lines that somebody has forged do not hold up the others, nor pass for what they are not', async (t) => {
  const bench = new StoreBench(t, postgres);
  const places = { spool: bench.spool, store: bench.target };
  const at = '"at":"2026-02-01T00:00:00.000Z"';
  const session = `"session":"s-2","grant":"g","principal":"p","database":"d","client":"c"`;
  const forged: readonly (readonly [string | Buffer, Fault])[] = [
    [`"at":"yesterday","node":"n1","type":"node.stop"`, 'unparseable'],
    [`"at":"2026-02-31T00:00:00.000Z","node":"n1","type":"node.stop"`, 'unparseable'],
    [`"at":"+010000-01-01T00:00:00.000Z","node":"n1","type":"node.stop"`, 'unparseable'],
    [`${at},"node":"n1","type":"session.start","session":"s-3"`, 'unparseable'],
    [
      `${at},"node":"n1","type":"statement",${session},"statement":99999999999,"needs":[],"decision":"allow"`,
      'unparseable',
    ],
    [
      `${at},"node":"n1","type":"statement",${session},"statement":1,"needs":7,"decision":"allow"`,
      'unparseable',
    ],
    [`${at},"node":"n1","type":"cancel","session":"${randomBytes(6_000).toString('hex')}"`, 'unparseable'],
    [`${at},"node":"n1","type":"node.stop","seq":4711`, 'unparseable'],
    [`${at},"node":"n1","type":"node.stop","prev":"${'0'.repeat(64)}"`, 'unparseable'],
    [
      Buffer.concat([Buffer.from(`${at},"node":"n1","type":"node.stop","x":"`), Buffer.of(0xff, 0x22)]),
      'unparseable',
    ],
    [`${at},"node":"n2","type":"node.stop"`, 'other node'],
    [`${at},"node":"n1\\u0000","type":"node.stop"`, 'other node'],
  ];
  await add(bench.spool, 'n1', 'w1', BEGIN, statements(1, 3));
  for (const [index, [fields]] of forged.entries()) {
    forge(bench, fields);
    await add(bench.spool, 'n1', 'w1', BEGIN + index * 1_000, statements(10 * index, 10 * index + 3));
  }
  await bench.shipAll({ onFault: (_, error) => t.fail(error.message) });
  const stored = await bench.stored();
  t.is(stored.filter((line) => line.includes('"sql":"SELECT')).length, 3 + 4 * forged.length);
  t.is(stored.length, 3 + 4 * forged.length + 2, 'those of another node are in the store as they stand');
  const { streams } = await verifyTrail({ ...places, keys: [] });
  t.deepEqual(
    streams.map(({ name, firstBreak }) => [name, firstBreak?.fault, firstBreak?.seq]),
    [
      ['n1/w1', 'unparseable', 4 + 7 * 5],
      ['store:n1/w1', 'unparseable', 4],
    ],
  );
  t.is(streams[0]?.breaks, 5);
  const faults = await bench.query<{ fault: string }>('select fault from fault order by id');
  t.deepEqual(
    faults.map(({ fault }) => fault),
    forged.map(([, fault]) => fault),
  );
});

test('NUL, half a surrogate and megabytes come through as they stand', async (t) => {
  const bench = new StoreBench(t, postgres);
  const odd = {
    ...statement(1, `SELECT '\0'`),
    database: 'sh\0op',
    parameters: ['a\0b', '\ud800'],
  } as AuditEvent;
  const start = { type: 'session.start', ...ref, principal: 'a\0lice', application: 'p\0', backendPid: 1 };
  await add(bench.spool, 'n1', 'w1', BEGIN, [
    { ...start, tls: true, protocol: '3.0' } as AuditEvent,
    odd,
    statement(2, 'x'.repeat(6_000_000)),
    statement(3),
  ]);
  await bench.shipAll();
  t.deepEqual(await bench.stored(), await bench.spooled());
  t.true((await verifyTrail({ spool: bench.spool, store: bench.target, keys: [] })).ok);
});
