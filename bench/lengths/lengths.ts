import pg from 'pg';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { newestInstalled } from '../../server/embedded/postgres-binaries.ts';
import { timesOf } from '../figures/probe.ts';
import { quantile } from '../figures/statistics.ts';
import type { Part } from '../part.ts';
import { chosen, type Plan } from '../plan.ts';
import { openTargets, rotated, stopTargets, TARGETS, type Target } from '../targets/targets.ts';
import { type LengthSample, lengthsPage } from './lengths-page.ts';

const TARGET_NAMES = ['direct', 'pgbouncer', 'pgpool', 'pipe', 'postern'];
const MOST_ROUNDS = 2;
/** s of one run; the longest take a while each. */
const [SECONDS, LEAST, START, SLOWEST] = [1, 3, 12, 2];
/** Statements that come before, so that code is compiled. */
const WARM = 3;

/** Statements of all lengths, each text new: an INSERT of as many rows as it takes. */
export const lengths: Part = {
  name: 'lengths',
  title: 'Statements by their length',
  estimate: (plan) =>
    START + roundsOf(plan) * TARGET_NAMES.length * (plan.lengths.length * SECONDS + SLOWEST),
  run: async function* (plan, say) {
    const names = TARGET_NAMES.filter((name) => plan.targets?.includes(name) ?? true);
    const openers = chosen('--targets', names, Object.entries(TARGETS));
    const server = await OwnPostgres.start({ version: newestInstalled() });
    let targets: readonly Target[] = [];
    try {
      await server.query('create unlogged table notes (id integer, name text, at timestamptz)');
      const { host, port, user, password } = server;
      targets = await openTargets(openers, { host, port, user, password, database: 'postgres' }, {});
      const samples: LengthSample[] = [];
      for (const bytes of plan.lengths) {
        for (let round = 1; round <= roundsOf(plan); round++)
          for (const target of rotated(targets, round)) {
            const p50 = await medianTime(target, bytes, `${round}`);
            await server.query('truncate notes');
            samples.push({ target: target.name, bytes, round, p50 });
            say(`${bytes} bytes ${round}/${roundsOf(plan)} ${target.name}: ${p50.toFixed(3)} ms`);
          }
        yield lengthsPage(roundsOf(plan), samples);
      }
    } finally {
      await stopTargets(targets);
      await server.stop();
    }
  },
};

const roundsOf = ({ minorRounds }: Plan): number => Math.min(minorRounds, MOST_ROUNDS);

async function medianTime({ name, connection }: Target, bytes: number, label: string): Promise<number> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  const send = (n: number) => client.query(insertOf(bytes, `${name} ${label}.${n}`));
  for (let n = 1; n <= WARM; n++) await send(-n);
  const times = await timesOf(send, SECONDS, LEAST);
  await client.end();
  return quantile(times, 0.5);
}

/** Of about so many bytes; no two alike. */
function insertOf(bytes: number, label: string): string {
  const head = 'insert into notes values ';
  const rows: string[] = [];
  for (let length = head.length; length < bytes || rows.length === 0; length += rows.at(-1)?.length ?? 0)
    rows.push(`(${rows.length}, 'row ${rows.length} of ${label}', now())`);
  return head + rows.join(',');
}
