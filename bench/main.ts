/**
 * What Postern costs, beside a direct connection, PgBouncer and Pgpool-II: pgbench through each in interleaved rounds on
 * one PostgreSQL of our own. Results go to bench/results/ as Markdown, JSON and SVG.
 *
 *   npm run bench -- [--rounds 5] [--seconds 5] [--only select-prepared-8,...] [--targets direct,pgbouncer,...]
 *
 *   targets.ts, poolers.ts, postern-process.ts, pipe.ts   the ways to the server
 *   workloads.ts, pgbench.ts, measure.ts                  what is run, and how
 *   process-usage.ts, statistics.ts, summary.ts           figures
 *   report.ts, bars.ts                                    pages
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OwnPostgres } from '../server/embedded/postgres.ts';
import { newestInstalled } from '../server/embedded/postgres-binaries.ts';
import { bars } from './plots/bars.ts';
import { measure, type Sample } from './rates/measure.ts';
import { Pgbench } from './rates/pgbench.ts';
import { machineSetting, markdown } from './report.ts';
import { summarise } from './rates/summary.ts';
import { TARGETS, type Target } from './targets/targets.ts';
import { WORKLOADS } from './rates/workloads.ts';

const DATABASE = 'bench';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '10' },
    only: { type: 'string', default: WORKLOADS.map(({ name }) => name).join(',') },
    targets: { type: 'string', default: 'direct,pgbouncer,pgpool,postern' },
    workers: { type: 'string', default: 'auto' },
    fsync: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});

const workloads = chosen(
  '--only',
  values.only,
  WORKLOADS.map((workload) => [workload.name, workload] as const),
);
const openers = chosen('--targets', values.targets, Object.entries(TARGETS));
const plan = { workloads, rounds: Number(values.rounds), seconds: Number(values.seconds) };
const major = newestInstalled();
const setting = { ...machineSetting(), ...plan, scale: Number(values.scale) };

const server = await OwnPostgres.start({
  version: major,
  hba: ['host all all 127.0.0.1/32 trust'],
  settings: {
    shared_buffers: '256MB',
    max_connections: '200',
    max_wal_size: '2GB',
    checkpoint_timeout: '1h',
  },
});
const targets: Target[] = [];
try {
  await server.query(`CREATE DATABASE ${DATABASE}`);
  const { host, port, user, password } = server;
  const direct = { host, port, user, password, database: DATABASE };
  const pgbench = new Pgbench(join('/usr/lib/postgresql', `${major}`, 'bin/pgbench'));
  await pgbench.initialise(direct, setting.scale);
  const workers = values.workers === 'auto' ? 'auto' : Number(values.workers);
  for (const open of openers)
    targets.push(await open(direct, { workers, fsync: values.fsync ? 'commit' : 'never' }));
  const samples = await measure(pgbench, targets, plan, show);
  const [version] = await server.query<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  );
  write({ ...setting, postgres: version?.version ?? '' }, samples);
} finally {
  for (const target of targets) await target.stop();
  await server.stop();
}

function show({ workload, target, round, tps, latency, cpuPerTransaction }: Sample): void {
  const figures = `${Math.round(tps)} tps, p50 ${latency.p50.toFixed(3)} ms, CPU ${cpuPerTransaction.toFixed(0)} us`;
  console.log(`${workload} ${round}/${plan.rounds} ${target}: ${figures}`);
}

function write(full: Parameters<typeof markdown>[0], samples: readonly Sample[]): void {
  const rows = summarise(
    samples,
    targets.map(({ name }) => name),
  );
  const page = markdown(full, workloads, rows);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'report.md'), page);
  writeFileSync(join(values.out, 'rates.svg'), bars(workloads, rows));
  writeFileSync(
    join(values.out, 'results.json'),
    `${JSON.stringify({ setting: full, rows, samples }, null, 1)}\n`,
  );
  console.log(`\n${page}`);
}

/** @throws Error that lists the names there are */
function chosen<T>(option: string, list: string, all: readonly (readonly [string, T])[]): readonly T[] {
  const known = new Map(all);
  return list.split(',').map((name) => {
    const found = known.get(name);
    if (found === undefined) throw new Error(`${option} takes ${[...known.keys()].join(', ')}`);
    return found;
  });
}
