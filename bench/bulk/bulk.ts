import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { cpuTime, memoryMiB } from '../figures/process-usage.ts';
import type { Part } from '../part.ts';
import { chosen, type Plan } from '../plan.ts';
import type { Connection } from '../targets/postern-process.ts';
import { openTargets, rotated, stopTargets, TARGETS, type Target } from '../targets/targets.ts';
import { type BulkSample, type BulkWork, bulkPage } from './bulk-page.ts';
import { RawSession } from './raw-session.ts';

const TARGET_NAMES = ['direct', 'pgbouncer', 'pgpool', 'pipe', 'postern'];
/** A row of about a hundred bytes, as COPY has it. */
const ROW = Buffer.from(`4711\t${'a line of an order, as they are '.repeat(3)}\n`);
const PIECE = Buffer.concat(Array.from({ length: Math.floor(65_536 / ROW.length) }, () => ROW));
const GRANT = [
  ...['--allow', 'select,insert,export:public.*'],
  ...['--rows-per-statement', '1000000000', '--rows', '1000000000000', '--bytes', '1000000000000000'],
];
const MOST_ROUNDS = 3;
/** ms */
const LOOK = 200;
/** MB/s of them all, about, to estimate by; and s until targets are there. */
const [RATES, START] = [{ select: 350, out: 300, in: 190 }, 12];

interface Work {
  readonly name: BulkWork;
  /** Resolves with bytes. */
  run(session: RawSession): Promise<number>;
}

/** Much data through one session: a SELECT of many rows, COPY out and COPY in. */
export const bulk: Part = {
  name: 'bulk',
  title: 'Much data through one session',
  estimate: ({ rounds, rows, megabytes }) => {
    const once = (rows * 150) / 1e6 / RATES.select + megabytes / RATES.out + megabytes / RATES.in;
    return START + once * TARGET_NAMES.length * roundsOf({ rounds });
  },
  run: async function* (plan, say) {
    const names = TARGET_NAMES.filter((name) => plan.targets?.includes(name) ?? true);
    const openers = chosen('--targets', names, Object.entries(TARGETS));
    const server = await OwnPostgres.start({
      version: newestInstalled(),
      settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
    });
    let targets: readonly Target[] = [];
    try {
      const { host, port, user, password } = server;
      const direct = { host, port, user, password, database: 'postgres' };
      await server.query('create unlogged table taken (id integer, note text)');
      await fill(server, direct, plan);
      targets = await openTargets(openers, direct, { grant: GRANT });
      for (const target of targets) await measured(target, worksOf({ ...plan, megabytes: 20 })[1], 0); // warm
      const samples: BulkSample[] = [];
      for (const work of worksOf(plan)) {
        for (let round = 1; round <= roundsOf(plan); round++)
          for (const target of rotated(targets, round)) {
            const sample = await measured(target, work, round);
            await server.query('truncate taken');
            samples.push(sample);
            say(`${work.name} ${round}/${roundsOf(plan)} ${target.name}: ${sample.rate.toFixed(0)} MB/s`);
          }
        yield bulkPage({ ...plan, rounds: roundsOf(plan) }, samples);
      }
    } finally {
      await stopTargets(targets);
      await server.stop();
    }
  },
};

const roundsOf = ({ rounds }: Pick<Plan, 'rounds'>): number => Math.min(rounds, MOST_ROUNDS);
const pieces = (megabytes: number): number => Math.ceil((megabytes * 1e6) / PIECE.length);

function worksOf({ rows, megabytes }: Plan): readonly [Work, Work, Work] {
  return [
    { name: 'select', run: (session) => session.run(`select * from public.bulk limit ${rows}`) },
    { name: 'copy out', run: (session) => session.run('copy public.bulk to stdout') },
    {
      name: 'copy in',
      run: async (session) => {
        await session.copyIn('copy public.taken from stdin', PIECE, pieces(megabytes));
        return pieces(megabytes) * PIECE.length;
      },
    },
  ];
}

/** As many bytes as COPY in brings; one piece at a time, since it is one session's. */
async function fill(server: OwnPostgres, to: Connection, { megabytes }: Plan): Promise<void> {
  await server.query('create unlogged table bulk (id integer, note text)');
  const session = await RawSession.open(to);
  await session.copyIn('copy public.bulk from stdin', PIECE, pieces(megabytes));
  await session.close();
  await server.query('vacuum analyze bulk');
}

async function measured({ name, connection, pid }: Target, work: Work, round: number): Promise<BulkSample> {
  const session = await RawSession.open(connection);
  const cpu = () => (pid === null ? { user: 0, system: 0 } : cpuTime(pid));
  const memory = () => (pid === null ? 0 : memoryMiB(pid));
  const [idle, before] = [memory(), cpu()];
  let most = idle;
  const timer = setInterval(() => {
    most = Math.max(most, memory());
  }, LOOK);
  const since = performance.now();
  const bytes = await work.run(session);
  const seconds = (performance.now() - since) / 1000;
  clearInterval(timer);
  const after = cpu();
  await session.close();
  return {
    ...{ work: work.name, target: name, round, rate: bytes / 1e6 / seconds },
    user: ((after.user - before.user) / bytes) * 1e9,
    system: ((after.system - before.system) / bytes) * 1e9,
    memoryOverIdle: most - idle,
  };
}
