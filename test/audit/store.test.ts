/** From the spool into the store: once, whole, and so that changes show. */
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { addCheckpoint } from '../../audit/checkpoint-files.ts';
import { Checkpointer } from '../../audit/checkpointer.ts';
import { CheckpointCompaction } from '../../audit/compact-checkpoints.ts';
import { CheckpointShipping } from '../../audit/store/checkpoint-shipping.ts';
import { prune } from '../../audit/store/prune.ts';
import { retire } from '../../audit/store/retention.ts';
import type { ShipperOptions } from '../../audit/store/shipper.ts';
import { connectStore } from '../../audit/store/store-target.ts';
import { verifyStore } from '../../audit/store/verify-store.ts';
import { verifyTrail } from '../../audit/store/verify-trail.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { StoreBench } from './store-bench.ts';
import { segmentPath, streamPath, written } from './support.ts';

let postgres: OwnPostgres;
test.before(async () => {
  postgres = await startPostgres();
});
test.after.always(() => postgres?.stop());

const SMALL = { segmentBytes: 4_000 };

const sign = (bench: StoreBench) =>
  new Checkpointer({ spool: bench.spool, node: 'n1', key: bench.key, every: 1_000_000 }).close();

/** Ships checkpoints, too. */
const withCheckpoints = (bench: StoreBench): Pick<ShipperOptions, 'chores'> => {
  const checkpoints = new CheckpointShipping(bench.spool);
  return {
    chores: async (client, streams) => {
      for (const stream of streams) await checkpoints.ship(client, stream);
    },
  };
};

const firstBreaks = (report: Awaited<ReturnType<typeof verifyTrail>>) =>
  report.streams.flatMap(({ name, firstBreak }) =>
    firstBreak === null ? [] : [{ name, fault: firstBreak.fault, seq: firstBreak.seq }],
  );

test('what is in the spool is in the store, byte for byte and once, by one shipper or three', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 150, SMALL);
  await written(bench.spool, 40, { stream: 'w2' });
  const shippers = [bench.shipper(), bench.shipper(), bench.shipper()];
  await Promise.all(shippers.map((shipper) => shipper.caughtUp()));
  t.deepEqual(await bench.stored(), await bench.spooled());
  await written(bench.spool, 100, SMALL);
  await Promise.all(shippers.map((shipper) => shipper.caughtUp()));
  await Promise.all(shippers.map((shipper) => shipper.stop(10_000)));
  t.deepEqual(await bench.stored(), await bench.spooled());
  t.is(
    shippers.reduce((sum, { state }) => sum + state.shipped, 0),
    290,
  );
  await bench.shipAll();
  t.is((await bench.stored()).length, 290);
  t.true((await verifyTrail({ spool: bench.spool, store: bench.target, keys: [] })).ok);
});

const faults: readonly [string, string, { fault: string; seq: number }][] = [
  [
    'changed',
    `update event set line = replace(line, 'SELECT 5"', 'SELECT 7"') where seq = 5`,
    { fault: 'bad hash', seq: 5 },
  ],
  ['removed', 'delete from event where seq = 5', { fault: 'gap in seq', seq: 6 }],
  ['cut off', 'delete from event where seq > 7', { fault: 'cut off', seq: 12 }],
  [
    'cut off, and what tells of it with it',
    `delete from event where seq > 7; delete from checkpoint where seq > 7;
     update stream set seq = 7, hash = (select substr(line, length(line) - 65, 64) from event where seq = 7)`,
    { fault: 'cut off', seq: 12 },
  ],
  [
    'swapped',
    `update event set seq = -seq where seq in (5, 6); update event set seq = case seq when -5 then 6 else 5 end where seq < 0`,
    { fault: 'reordered', seq: 6 },
  ],
  ['there twice', 'insert into event select * from event where seq = 3', { fault: 'reordered', seq: 3 }],
  [
    'moved to another time and number',
    `update event set seq = 40, at = at + interval '1 day' where seq = 4`,
    { fault: 'reordered', seq: 5 },
  ],
  [
    'without their stream',
    'alter table stream drop constraint stream_pkey cascade; delete from stream',
    { fault: 'gap in seq', seq: -1 },
  ],
];
for (const [name, sql, expected] of faults) {
  test(`events of the store that are ${name} are found`, async (t) => {
    const bench = new StoreBench(t, postgres);
    await written(bench.spool, 12);
    await sign(bench);
    await bench.shipAll(withCheckpoints(bench));
    const check = async () =>
      (await verifyTrail({ spool: bench.spool, store: bench.target, keys: bench.keys })).streams;
    t.true((await check()).every(({ breaks }) => breaks === 0));
    const noted = (await verifyStore(bench.target)).report.streams.map(
      ({ name, head }) => [name, head] as const,
    );
    await bench.query(sql);
    const anchors = new Map(noted.flatMap(([name, head]) => (head === null ? [] : [[name, head] as const])));
    const { report } = await verifyStore(bench.target, { keys: bench.keys, anchors });
    const [found] = report.streams.flatMap(({ firstBreak }) => firstBreak ?? []);
    t.false(report.ok);
    t.deepEqual({ fault: found?.fault, seq: found?.seq ?? -1 }, expected);
  });
}

test('what is changed in the spool after it was shipped is found by what is signed, and by the store', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 8);
  await sign(bench);
  await bench.shipAll();
  const segment = segmentPath(bench.spool);
  const checkpoints = join(streamPath(bench.spool), 'checkpoints.ndjson');
  const [whole, signed] = [readFileSync(segment, 'utf8'), readFileSync(checkpoints, 'utf8')];
  const cut = `${whole.split('\n').slice(0, 5).join('\n')}\n`;
  const verifyBoth = (store: boolean) =>
    verifyTrail({ spool: bench.spool, store: store ? bench.target : null, keys: bench.keys });

  writeFileSync(segment, cut);
  t.deepEqual(firstBreaks(await verifyBoth(false)), [{ name: 'n1/w1', fault: 'cut off', seq: 8 }]);
  rmSync(checkpoints);
  t.true((await verifyBoth(false)).ok, 'nothing else tells of it here');
  t.deepEqual(firstBreaks(await verifyBoth(true)), [{ name: 'n1/w1', fault: 'cut off', seq: 8 }]);

  // Another chain, whole in itself.
  rmSync(segment);
  await written(bench.spool, 8, { clock: () => 0 });
  writeFileSync(checkpoints, signed);
  t.deepEqual(firstBreaks(await verifyBoth(false)), [{ name: 'n1/w1', fault: 'rewritten', seq: 8 }]);
  t.deepEqual(firstBreaks(await verifyBoth(true)), [{ name: 'n1/w1', fault: 'rewritten', seq: 8 }]);

  // An old segment once more; and a signature of something else.
  writeFileSync(segment, whole);
  copyFileSync(segment, segmentPath(bench.spool, 2));
  t.deepEqual(firstBreaks(await verifyBoth(false)), [{ name: 'n1/w1', fault: 'reordered', seq: 1 }]);
  rmSync(segmentPath(bench.spool, 2));
  appendFileSync(checkpoints, signed.replace('"seq":8', '"seq":7'));
  t.deepEqual(firstBreaks(await verifyBoth(false)), [{ name: 'n1/w1', fault: 'bad checkpoint', seq: null }]);

  // All of it gone but what is signed.
  rmSync(segment);
  writeFileSync(checkpoints, signed);
  await written(bench.spool, 1, { stream: 'w2' });
  t.deepEqual(firstBreaks(await verifyBoth(false)), [{ name: 'n1/w1', fault: 'cut off', seq: 8 }]);
});

test('a stream that begins anew, or was cut, is shipped once more from there, and what the store had stays', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 6);
  await bench.shipAll();
  const before = await bench.stored();
  const segment = segmentPath(bench.spool);
  writeFileSync(segment, `${readFileSync(segment, 'utf8').split('\n').slice(0, 4).join('\n')}\n`);
  await written(bench.spool, 5);
  await bench.shipAll();
  await bench.shipAll();
  const after = await bench.stored();
  t.is(after.length, 6 + 5);
  t.true(before.every((line) => after.includes(line)));
  t.true((await bench.spooled()).every((line) => after.includes(line)));
  const { report } = await verifyStore(bench.target);
  t.deepEqual(firstBreaks(report), [{ name: 'store:n1/w1#2', fault: 'rewritten', seq: 5 }]);

  rmSync(streamPath(bench.spool), { recursive: true });
  await written(bench.spool, 2);
  await bench.shipAll();
  t.is((await bench.stored()).length, 6 + 5 + 2);
});

test('a damaged line is told of, its segment stays, and what is behind it is shipped', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 30, SMALL);
  const segment = segmentPath(bench.spool);
  writeFileSync(segment, readFileSync(segment, 'utf8').replace('SELECT 2"', 'SELECT 9"'));
  await bench.shipAll();
  t.is((await bench.stored()).length, 29);
  const { report } = await verifyStore(bench.target);
  t.like(report.streams[0]?.firstBreak, { fault: 'bad hash', seq: 2 });
  await pruneAll(bench);
  t.true(readdirSync(streamPath(bench.spool)).includes('000000001.ndjson'));
});

test('heads go on being shipped when they were compacted in the spool, and go with what they are about', async (t) => {
  const bench = new StoreBench(t, postgres);
  const chores = withCheckpoints(bench);
  const shipper = bench.shipper(chores);
  const heads = async () =>
    (await bench.query<{ seq: number }>('select seq::int4 from checkpoint order by seq')).map(
      ({ seq }) => seq,
    );
  const add = async () => {
    await written(bench.spool, 3, { clock: () => Date.parse('2026-01-31') });
    await sign(bench);
    await shipper.caughtUp();
  };
  for (let round = 0; round < 3; round += 1) await add();
  t.deepEqual(await heads(), [3, 6, 9]);
  const [publicKey = ''] = bench.keys;
  await new CheckpointCompaction({ spool: bench.spool, publicKey, few: 1 }).compact({
    node: 'n1',
    stream: 'w1',
  });
  await add();
  t.deepEqual(await heads(), [3, 6, 9, 12]);
  t.deepEqual(
    firstBreaks(await verifyTrail({ spool: bench.spool, store: bench.target, keys: bench.keys })),
    [],
  );
  const client = await connectStore(bench.target, 'test', 10_000);
  t.teardown(() => client.end());
  await retire(client, bench.key, { retention: 0, now: Date.parse('2026-02-01') });
  t.deepEqual(await heads(), []);
  t.deepEqual(firstBreaks((await verifyStore(bench.target, { keys: bench.keys })).report), []);
});

async function pruneAll(bench: StoreBench): Promise<number> {
  let gone = 0;
  const before = Date.now() + 10_000;
  await bench.shipAll({
    chores: async (client, streams) => {
      for (const stream of streams)
        gone += await prune(client, stream, { spool: bench.spool, key: bench.key, before });
    },
  });
  return gone;
}

test('a pruned stream is whole, goes on, and is not without its signature', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 60, SMALL);
  const segments = () => readdirSync(streamPath(bench.spool)).filter((name) => /^\d/.test(name));
  const before = segments();
  t.true(before.length > 3);
  t.is(await pruneAll(bench), before.length - 1);
  t.deepEqual(segments(), before.slice(-1));
  await written(bench.spool, 20, SMALL);
  await bench.shipAll();
  const whole = { spool: bench.spool, store: bench.target, keys: bench.keys };
  t.deepEqual(firstBreaks(await verifyTrail(whole)), []);
  t.deepEqual(firstBreaks(await verifyTrail({ ...whole, store: null })), []);
  t.is((await bench.stored()).length, 80);

  const forged = new StoreBench(t, postgres).key;
  const claim = { kind: 'pruned', stream: 'n1/w1', seq: 70, hash: '0'.repeat(64) } as const;
  addCheckpoint(bench.spool, { node: 'n1', stream: 'w1' }, forged.sign(claim, new Date()));
  t.is(firstBreaks(await verifyTrail({ ...whole, store: null }))[0]?.fault, 'bad checkpoint');
  rmSync(join(streamPath(bench.spool), 'checkpoints.ndjson'));
  t.is(firstBreaks(await verifyTrail({ ...whole, store: null }))[0]?.fault, 'gap in seq');
});

test('segments that are young stay', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 60, SMALL);
  utimesSync(segmentPath(bench.spool), 1, 1);
  let gone = 0;
  await bench.shipAll({
    chores: async (client, streams) => {
      for (const stream of streams)
        gone += await prune(client, stream, { spool: bench.spool, key: bench.key, before: 100_000 });
    },
  });
  t.is(gone, 1);
});

test('months whose time is over go, and what is left still proves to follow from them', async (t) => {
  const bench = new StoreBench(t, postgres);
  const months = ['2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01'].map((day) => Date.parse(day));
  for (const [index, month] of months.entries())
    await written(bench.spool, 3, { clock: () => month + index });
  // A clock that was set back: events of an old month behind those of a newer.
  await written(bench.spool, 2, { clock: () => Date.parse('2026-02-27') });
  await written(bench.spool, 2, { clock: () => Date.parse('2026-03-02') });
  await bench.shipAll();
  const client = await connectStore(bench.target, 'test', 10_000);
  t.teardown(() => client.end());
  t.deepEqual(await retire(client, bench.key, { retention: 0, now: Date.parse('2026-02-28') }), [
    'event_2026_01',
  ]);
  t.deepEqual(await retire(client, bench.key, { retention: 0, now: Date.parse('2026-03-01') }), [
    'event_2026_02',
  ]);
  t.is((await bench.stored()).length, 5);
  const check = async () => firstBreaks((await verifyStore(bench.target, { keys: bench.keys })).report);
  t.deepEqual(await check(), []);
  await bench.query(`update retired set line = replace(line, '"after":12', '"after":11')`);
  t.is((await check())[0]?.fault, 'bad checkpoint');
  await bench.query('delete from retired');
  t.deepEqual(await check(), [{ name: 'store:n1/w1', fault: 'gap in seq', seq: 10 }]);
});

test('a clock that is years off drops nothing, and loses nothing', async (t) => {
  const bench = new StoreBench(t, postgres);
  const [now, day] = [Date.now(), 86_400_000];
  for (const time of [now, 0, now + 9_999 * day, now - 40 * day, now])
    await written(bench.spool, 2, { clock: () => time });
  await bench.shipAll({ span: 'day' });
  const client = await connectStore(bench.target, 'test', 10_000);
  t.teardown(() => client.end());
  const left = async (retention: number, at: number) => {
    await retire(client, bench.key, { retention, now: at });
    return (await bench.stored()).length;
  };
  t.is(await left(30 * day, now + 9_999 * day), 10, 'what is old has come today');
  await bench.query(`update received set at = at - interval '31 days'`);
  t.is(await left(30 * day, 0), 10);
  t.is(await left(30 * day, now + 9_999 * day), 6);
  t.deepEqual(firstBreaks((await verifyStore(bench.target, { keys: bench.keys })).report), []);
  await written(bench.spool, 2, { clock: () => 0 });
  await bench.shipAll({ span: 'day' });
  t.is(await left(30 * day, now), 8);
});

test('partitions are of days where the trail is kept for a short time', async (t) => {
  const bench = new StoreBench(t, postgres);
  await written(bench.spool, 2, { clock: () => Date.parse('2026-02-28T23:59:59.999Z') });
  await written(bench.spool, 2, { clock: () => Date.parse('2026-03-01') });
  await bench.shipAll({ span: 'day' });
  const names = await bench.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'event'::regclass order by 1`,
  );
  t.deepEqual(
    names.map(({ name }) => name),
    ['event_2026_02_28', 'event_2026_03_01'],
  );
});
