import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { quantile } from '../figures/statistics.ts';
import { withUsage } from '../figures/used.ts';
import type { Part } from '../part.ts';
import { chosen, type Plan } from '../plan.ts';
import { openTargets, rotated, stopTargets, TARGETS, type Target } from '../targets/targets.ts';
import type { OrmLoad, OrmTimes } from './load-process.ts';
import { type OrmSample, ormPage } from './orm-page.ts';
import { generatePrismaClient } from './prisma-client.ts';
import { ORMS, type Orm, TABLES } from './work.ts';

const TARGET_NAMES = ['direct', 'pgbouncer', 'pgpool', 'postern', 'postern-model'];
const CONNECTIONS = 4;
const ROUNDS = 2;
/** Whoever takes longer hangs. */
const LONGEST_MS = 120_000;
/** s of a run, besides its time, and until servers are there. */
const [BETWEEN, START] = [2, 20];

/** Prisma and TypeORM, each in a process of its own with a pool of connections. */
export const orm: Part = {
  name: 'orm',
  title: 'Traffic of ORMs',
  estimate: (plan) =>
    START + ORMS.length * roundsOf(plan) * TARGET_NAMES.length * (plan.warmUp + plan.seconds + BETWEEN),
  run: async function* (plan, say) {
    const names = TARGET_NAMES.filter((name) => plan.targets?.includes(name) ?? true);
    const openers = chosen('--targets', names, Object.entries(TARGETS));
    const generated = await generatePrismaClient();
    const server = await OwnPostgres.start({ version: newestInstalled() });
    let targets: readonly Target[] = [];
    try {
      await server.query(TABLES);
      const { host, port, user, password } = server;
      targets = await openTargets(openers, { host, port, user, password, database: 'postgres' }, {});
      const samples: OrmSample[] = [];
      for (const kind of ORMS) {
        for (let round = 1; round <= roundsOf(plan); round++)
          for (const target of rotated(targets, round)) {
            const sample = await measured(target, kind, round, generated.module, plan);
            samples.push(sample);
            say(`${kind} ${round}/${roundsOf(plan)} ${target.name}: p50 ${sample.p50.toFixed(2)} ms`);
          }
        yield ormPage({ rounds: roundsOf(plan), seconds: plan.seconds, connections: CONNECTIONS }, samples);
      }
    } finally {
      await stopTargets(targets);
      await server.stop();
      rmSync(generated.directory, { recursive: true });
    }
  },
};

const roundsOf = ({ rounds }: Plan): number => Math.min(rounds, ROUNDS);

async function measured(
  { name, connection, pid }: Target,
  kind: Orm,
  round: number,
  client: string,
  { seconds, warmUp }: Plan,
): Promise<OrmSample> {
  const { host, port, user, password, database } = connection;
  const url = `postgresql://${user}:${password}@${host}:${port}/${database}`;
  const load: OrmLoad = { orm: kind, url, client, connections: CONNECTIONS, seconds, warmUp };
  const {
    times,
    user: own,
    system,
  } = await withUsage(pid, async () => {
    const script = join(import.meta.dirname, 'load-process.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(load)], {
      maxBuffer: 2 ** 26,
      timeout: LONGEST_MS,
    });
    const { times, all } = JSON.parse(stdout) as OrmTimes;
    return { times, operations: all };
  });
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((each) => quantile(times, each)) as [number, number, number];
  return {
    orm: kind,
    target: name,
    round,
    perSecond: times.length / seconds,
    p50,
    p95,
    p99,
    user: own,
    system,
  };
}
