import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnPostgres } from '../../server/embedded/postgres.ts';
import { quantile } from '../figures/statistics.ts';
import type { Part } from '../part.ts';
import type { Plan } from '../plan.ts';
import { askLoopDelay } from '../targets/loop-delay.ts';
import { type Connection, startPostern } from '../targets/postern-process.ts';
import { amid, type Load } from './load.ts';
import { type LatencyRow, LONG_BYTES, type Neighbour, neighboursPage } from './neighbours-page.ts';

const READERS = 4;
const ROUNDS = 3;
const PROBE = `--import=${join(import.meta.dirname, '../targets/loop-probe.ts')}`;
const GRANT = [
  ...['--allow', 'select,insert:public.*', '--connections', '100'],
  ...['--rows-per-statement', '1000000000', '--rows', '1000000000000', '--bytes', '1000000000000000'],
];
/** s, before each measurement with neighbours, and until servers are there. */
const [SETTLE, START] = [5, 8];
const WARM_UP = 2;
const NEIGHBOURS = ['nobody', 'refused', 'run', 'read', 'reads'] as const;

/** What neighbours do to a client of short statements, through Postern and direct, where only the machine is shared. */
export const neighbours: Part = {
  name: 'neighbours',
  title: 'Short statements beside neighbours',
  estimate: (plan) => START + 2 * WARM_UP + roundsOf(plan) * 2 * NEIGHBOURS.length * (plan.beside + SETTLE),
  run: async function* (plan, say) {
    const server = await OwnPostgres.start({ settings: { max_connections: '200' } });
    const { host, port, user, password } = server;
    const upstream: Connection = { host, port, user, password, database: 'postgres' };
    await server.query(`create unlogged table rows (id integer, name text, at timestamptz);
      create unlogged table many as select id, repeat('a line of an order, ', 4) as note from generate_series(1, ${plan.rows}) id`);
    const postern = await startPostern(upstream, { workers: 1, nodeArgs: [PROBE], grant: GRANT });
    try {
      const targets = [
        { name: 'direct', connection: upstream, pid: null },
        { name: 'postern', connection: postern.connection, pid: postern.pid },
      ];
      const rows: LatencyRow[] = [];
      for (const { connection } of targets) await latencies(connection, WARM_UP);
      for (let round = 1; round <= roundsOf(plan); round++) {
        for (const beside of NEIGHBOURS)
          for (const target of targets) {
            const row = await measured(target, beside, round, plan);
            rows.push(row);
            say(`${round}/${roundsOf(plan)} ${target.name} beside ${beside}: p99 ${row.p99.toFixed(2)} ms`);
            await server.query('truncate rows');
          }
        yield neighboursPage(plan, READERS, rows);
      }
    } finally {
      await postern.stop();
      await server.stop();
    }
  },
};

const roundsOf = ({ rounds }: Plan): number => Math.min(rounds, ROUNDS);

interface Short {
  readonly name: string;
  readonly connection: Connection;
  readonly pid: number | null;
}

async function measured(
  { name, connection, pid }: Short,
  beside: Neighbour,
  round: number,
  plan: Plan,
): Promise<LatencyRow> {
  const measure = async () => {
    if (pid !== null) await askLoopDelay(pid); // counted from now
    const found = await latencies(connection, plan.beside);
    return { found, loop: pid === null ? null : await askLoopDelay(pid) };
  };
  const load = loadOf(beside, connection, plan);
  const [{ found, loop }, statements] = load === null ? [await measure(), 0] : await amid(load, measure);
  const [p50, p99] = [quantile(found, 0.5), quantile(found, 0.99)];
  return { target: name, beside, round, statements, p50, p99, max: Math.max(...found), loop };
}

/** `hidden` is in nobody's scope. */
function loadOf(beside: Neighbour, connection: Connection, { longClients }: Plan): Load | null {
  const long = { kind: 'long', connection, clients: longClients, bytes: LONG_BYTES } as const;
  switch (beside) {
    case 'nobody':
      return null;
    case 'refused':
      return { ...long, table: 'hidden.rows' };
    case 'run':
      return { ...long, table: 'public.rows' };
    case 'read':
    case 'reads':
      return {
        ...{ kind: 'reads', connection, sql: 'select * from public.many' },
        clients: beside === 'read' ? 1 : READERS,
      };
  }
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
