import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { median } from '../figures/statistics.ts';
import type { Part } from '../part.ts';
import type { Plan } from '../plan.ts';
import { measure, type Sample } from '../rates/measure.ts';
import { initialised } from '../rates/pgbench.ts';
import type { Workload } from '../rates/workloads.ts';
import { type Connection, type PosternOptions, startPostern } from '../targets/postern-process.ts';
import { stopTargets, type Target } from '../targets/targets.ts';
import { disksPage } from './disks-page.ts';

/** In memory. */
const FAST = '/dev/shm';
const SLOW = `--import=${join(import.meta.dirname, 'slow-disk.ts')}`;
const SYNCS = 50;
/** s until servers are there; and what a run takes besides its time. */
const [START, BETWEEN] = [16, 0.3];

const select = (clients: number): Workload => ({
  ...{
    name: `select-${clients}`,
    title: `SELECT, prepared, ${clients} ${clients === 1 ? 'client' : 'clients'}`,
    clients,
  },
  ...{ args: ['-S', '-M', 'prepared'], statements: 1, marked: false },
});
const WORKLOADS: readonly Workload[] = [
  ...[select(1), select(8), select(64)],
  {
    ...{ name: 'tpcb-8', title: 'TPC-B, prepared, 8 clients', clients: 8 },
    ...{ args: ['-M', 'prepared'], statements: 7, marked: false },
  },
];
const DISKS = ['no sync', 'in memory', 'this disk', 'slow disk'] as const;
export type Disk = (typeof DISKS)[number];

/** The trail on disks of several speeds: `audit.fsync: commit` waits for the disk, once for all that ask meanwhile. */
export const disks: Part = {
  name: 'disks',
  title: 'The trail on a fast and a slow disk',
  estimate: (plan) =>
    START +
    WORKLOADS.length *
      DISKS.length *
      (plan.warmUp + BETWEEN + plan.minorRounds * (plan.minorSeconds + BETWEEN)),
  run: async function* (plan, say) {
    const spools = [mkdtempSync(join(FAST, 'postern-bench-')), mkdtempSync(join(tmpdir(), 'postern-bench-'))];
    const server = await OwnPostgres.start({
      version: newestInstalled(),
      settings: { shared_buffers: '256MB', max_connections: '400', max_wal_size: '2GB' },
    });
    let targets: readonly Target[] = [];
    try {
      const sync = syncTime(spools[1] as string);
      const { pgbench, connection } = await initialised(server, plan.scale);
      targets = await onDisks(connection, spools[0] as string);
      const samples: Sample[] = [];
      for (const workload of WORKLOADS) {
        samples.push(...(await measure(pgbench, targets, workload, minor(plan), say)));
        yield disksPage(WORKLOADS, samples, sync, plan);
      }
    } finally {
      await stopTargets(targets);
      await server.stop();
      for (const spool of spools) rmSync(spool, { recursive: true, force: true });
    }
  },
};

const minor = (plan: Plan): Plan => ({ ...plan, rounds: plan.minorRounds, seconds: plan.minorSeconds });

async function onDisks(connection: Connection, memory: string): Promise<readonly Target[]> {
  const options: Readonly<Record<Disk, PosternOptions>> = {
    'no sync': { fsync: 'never' },
    'in memory': { fsync: 'commit', spool: memory },
    'this disk': { fsync: 'commit' },
    'slow disk': { fsync: 'commit', nodeArgs: [SLOW] },
  };
  const targets: Target[] = [];
  for (const name of DISKS) targets.push({ name, ...(await startPostern(connection, options[name])) });
  return targets;
}

/** ms of fdatasync after a few hundred bytes, the median. */
function syncTime(directory: string): number {
  const fd = openSync(join(directory, 'probe'), 'w');
  const line = Buffer.alloc(500, 'x');
  const times = Array.from({ length: SYNCS }, () => {
    writeSync(fd, line);
    const since = performance.now();
    fdatasyncSync(fd);
    return performance.now() - since;
  });
  closeSync(fd);
  return median(times);
}
