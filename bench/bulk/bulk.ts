/**
 * Much data through one session: a SELECT of many rows, COPY out and COPY in, direct and through the proxies, in
 * interleaved rounds on one PostgreSQL of our own. Rates, the proxy's CPU, and its memory over what it had when idle.
 *
 *   node bench/bulk.ts [--rounds 5] [--rows 1000000] [--megabytes 1000] [--targets direct,pgbouncer,...] [--out DIRECTORY]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { cpuSeconds, memoryMiB } from '../figures/process-usage.ts';
import { machineSetting } from '../setting.ts';
import { TARGETS, type Target } from '../targets/targets.ts';
import { type BulkSample, bulkPage } from './bulk-page.ts';
import { RawSession } from './raw-session.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '1000000' },
    megabytes: { type: 'string', default: '1000' },
    targets: { type: 'string', default: 'direct,pgbouncer,pgpool,pipe,postern' },
    out: { type: 'string', default: join(import.meta.dirname, '../results/bulk') },
  },
});
const plan = {
  rounds: Number(values.rounds),
  rows: Number(values.rows),
  megabytes: Number(values.megabytes),
};
/** A row of about a hundred bytes, as COPY has it. */
const ROW = Buffer.from(`4711\t${'a line of an order, as they are '.repeat(3)}\n`);
const PIECE = Buffer.concat(Array.from({ length: Math.floor(65_536 / ROW.length) }, () => ROW));
const GRANT = [
  ...['--allow', 'select,insert,export:public.*'],
  ...['--rows-per-statement', '1000000000', '--rows', '1000000000000', '--bytes', '1000000000000000'],
];
/** ms */
const LOOK = 200;

interface Work {
  readonly name: BulkSample['work'];
  run(session: RawSession): Promise<number>;
}

const COPIES = Math.ceil((plan.megabytes * 1e6) / PIECE.length);
const WORK: readonly Work[] = [
  { name: 'select', run: (session) => session.run(`select * from public.bulk limit ${plan.rows}`) },
  { name: 'copy out', run: (session) => session.run('copy public.bulk to stdout') },
  {
    name: 'copy in',
    run: async (session) => {
      await session.copyIn('copy public.taken from stdin', PIECE, COPIES);
      return COPIES * PIECE.length;
    },
  },
];

const setting = machineSetting();
const server = await OwnPostgres.start({
  version: newestInstalled(),
  hba: ['host all all 127.0.0.1/32 trust'],
  settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
});
const targets: Target[] = [];
try {
  const { host, port, user, password } = server;
  const direct = { host, port, user, password, database: 'postgres' };
  await server.query('create unlogged table taken (id integer, note text)');
  await fill(direct);
  for (const name of values.targets.split(',')) {
    const open = TARGETS[name];
    if (open === undefined) throw new Error(`--targets takes ${Object.keys(TARGETS).join(', ')}`);
    targets.push(await open(direct, { grant: GRANT }));
  }
  const samples: BulkSample[] = [];
  for (const work of WORK)
    for (let round = 0; round <= plan.rounds; round++)
      for (const target of targets) {
        const sample = await measured(target, work, round);
        await server.query('truncate taken');
        if (round === 0) continue; // warming up
        samples.push(sample);
        console.log(`${work.name} ${round}/${plan.rounds} ${target.name}: ${sample.rate.toFixed(0)} MB/s`);
      }
  const page = bulkPage(setting, plan, samples);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'report.md'), page);
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify({ setting, plan, samples }, null, 1)}\n`);
  console.log(`\n${page}`);
} finally {
  for (const target of targets) await target.stop();
  await server.stop();
}

/** As many bytes as COPY in brings; one piece at a time, since it is one session's. */
async function fill(to: (typeof targets)[number]['connection']): Promise<void> {
  await server.query('create unlogged table bulk (id integer, note text)');
  const session = await RawSession.open(to);
  await session.copyIn('copy public.bulk from stdin', PIECE, COPIES);
  await session.close();
  await server.query('vacuum analyze bulk');
}

async function measured({ name, connection, pid }: Target, work: Work, round: number): Promise<BulkSample> {
  const session = await RawSession.open(connection);
  const idle = pid === null ? 0 : memoryMiB(pid);
  const before = pid === null ? 0 : cpuSeconds(pid);
  let most = idle;
  const timer = setInterval(() => {
    if (pid !== null) most = Math.max(most, memoryMiB(pid));
  }, LOOK);
  const since = performance.now();
  const bytes = await work.run(session);
  const seconds = (performance.now() - since) / 1000;
  clearInterval(timer);
  const used = pid === null ? 0 : cpuSeconds(pid) - before;
  await session.close();
  return {
    work: work.name,
    target: name,
    round,
    rate: bytes / 1e6 / seconds,
    cpuPerGigabyte: (used / bytes) * 1e9,
    memoryOverIdle: most - idle,
  };
}
