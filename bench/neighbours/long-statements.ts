/**
 * What clients that send statements of a megabyte do to one that sends short ones: its latency alone and beside them,
 * through Postern and direct, where only the machine is shared. One worker process, so that nobody can get out of the way.
 *
 *   node bench/long-statements.ts [--clients 50] [--seconds 6] [--bytes 1000000]
 *     [--targets direct,postern] [--beside refused,run] [--out DIRECTORY]
 *
 * Twice: with statements that Postern refuses, so that PostgreSQL does not compete for the cores, and with ones that run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { quantile } from '../figures/statistics.ts';
import { machineSetting } from '../setting.ts';
import { askLoopDelay } from '../targets/loop-delay.ts';
import { type Connection, startPostern } from '../targets/postern-process.ts';
import type { LongStatements } from './long-statements-load.ts';
import { type LatencyRow, longStatementsPage } from './long-statements-page.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '6' },
    bytes: { type: 'string', default: '1000000' },
    targets: { type: 'string', default: 'direct,postern' },
    beside: { type: 'string', default: 'refused,run' },
    out: { type: 'string', default: join(import.meta.dirname, '../results/long-statements') },
  },
});
const plan = {
  clients: Number(values.clients),
  seconds: Number(values.seconds),
  bytes: Number(values.bytes),
};
/** `hidden` is in nobody's scope. */
const TABLES = { refused: 'hidden.rows', run: 'public.rows' } as const;
const PROBE = `--import=${join(import.meta.dirname, '../targets/loop-probe.ts')}`;

const setting = machineSetting();
const server = await OwnPostgres.start({ settings: { max_connections: '200' } });
const { host, port, user, password } = server;
const upstream: Connection = { host, port, user, password, database: 'postgres' };
await server.query('create unlogged table rows (id integer, name text, at timestamptz)');
const postern = await startPostern(upstream, { workers: 1, nodeArgs: [PROBE] });
try {
  const rows: LatencyRow[] = [];
  if (asked('targets', 'direct')) rows.push(...(await measured('direct', upstream, null)));
  if (asked('targets', 'postern')) rows.push(...(await measured('postern', postern.connection, postern.pid)));
  const page = longStatementsPage(setting, plan, rows);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'report.md'), page);
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify({ setting, plan, rows }, null, 1)}\n`);
  console.log(page);
} finally {
  await postern.stop();
  await server.stop();
}

function asked(option: 'targets' | 'beside', name: string): boolean {
  return values[option].split(',').includes(name);
}

async function measured(
  target: string,
  connection: Connection,
  pid: number | null,
): Promise<readonly LatencyRow[]> {
  await latencies(connection, 2); // warm
  const row = async (beside: LatencyRow['beside']): Promise<LatencyRow> => {
    if (pid !== null) await askLoopDelay(pid); // counted from now
    const found = await latencies(connection, plan.seconds);
    return {
      target,
      beside,
      statements: 0,
      p50: quantile(found, 0.5),
      p99: quantile(found, 0.99),
      max: Math.max(...found),
      loop: pid === null ? null : await askLoopDelay(pid),
    };
  };
  const rows = [await row('nobody')];
  for (const beside of ['refused', 'run'] as const)
    if (asked('beside', beside))
      rows.push(await amid({ connection, table: TABLES[beside], ...plan }, () => row(beside)));
  await server.query('truncate rows');
  return rows;
}

/** ms for each of the short statements that one client sends, one after another with a pause. */
async function latencies(connection: Connection, duration: number): Promise<readonly number[]> {
  const client = new pg.Client(connection);
  await client.connect();
  const found: number[] = [];
  for (const end = performance.now() + duration * 1000; performance.now() < end; await sleep(2)) {
    const since = performance.now();
    await client.query({ name: 'short', text: 'select $1::integer + 1', values: [found.length] });
    found.push(performance.now() - since);
  }
  await client.end();
  return found;
}

/** `measure` while another process keeps the clients of long statements busy. */
async function amid(load: LongStatements, measure: () => Promise<LatencyRow>): Promise<LatencyRow> {
  const script = join(import.meta.dirname, 'long-statements-load.ts');
  const child = fork(script, [JSON.stringify(load)], { detached: true });
  await once(child, 'message');
  const row = await measure();
  child.send('stop');
  const [statements] = (await once(child, 'message')) as [number];
  child.disconnect();
  return { ...row, statements };
}
