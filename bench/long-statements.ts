/**
 * What clients that send statements of a megabyte do to one that sends short ones: its latency alone and beside them,
 * through Postern and direct, where only the machine is shared. One worker process, so that nobody can get out of the way.
 *
 *   node bench/long-statements.ts [--clients 50] [--seconds 10] [--bytes 1000000] [--refused]
 *
 * `--refused`: the long statements are out of scope, so that PostgreSQL does not compete for the cores.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { OwnPostgres } from '../server/embedded/postgres.ts';
import { type Connection, startPostern } from './postern-process.ts';
import { quantile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    bytes: { type: 'string', default: '1000000' },
    refused: { type: 'boolean', default: false },
    load: { type: 'string' },
  },
});
/** ms, between the first long statements and the measurement. */
const SETTLE = 2_000;
const [clients, seconds, bytes] = [Number(values.clients), Number(values.seconds), Number(values.bytes)];

async function main(): Promise<void> {
  const server = await OwnPostgres.start({ settings: { max_connections: '200' } });
  const { port, password } = server;
  const upstream: Connection = { host: server.host, port, user: server.user, password, database: 'postgres' };
  await server.query('create unlogged table rows (id integer, name text, at timestamptz)');
  const postern = await startPostern(upstream, { workers: 1 });
  try {
    for (const [name, connection] of Object.entries({ direct: upstream, postern: postern.connection })) {
      await latencies(connection, 2); // warm
      const quiet = await latencies(connection, seconds);
      const { result, statements } = await beside(connection, () => latencies(connection, seconds));
      console.log(`${name} alone: ${words(quiet)}`);
      console.log(
        `${name} beside ${clients} clients (${statements} statements of ${bytes} bytes): ${words(result)}`,
      );
      console.log(`${name} p99: ${(quantile(result, 0.99) / quantile(quiet, 0.99)).toFixed(2)} times`);
      await server.query('truncate rows');
    }
  } finally {
    await postern.stop();
    await server.stop();
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
  return found.toSorted((a, b) => a - b);
}

/** `measure` while another process keeps the clients of long statements busy. */
async function beside<T>(connection: Connection, measure: () => Promise<T>) {
  const args = ['--load', JSON.stringify(connection), '--clients', `${clients}`, '--bytes', `${bytes}`];
  if (values.refused) args.push('--refused');
  const child = fork(import.meta.filename, args);
  await once(child, 'message');
  const result = await measure();
  child.send('stop');
  const [statements] = (await once(child, 'message')) as [number];
  child.disconnect();
  return { result, statements };
}

/** No text twice: every one of them has to be parsed. Other clients are elsewhere, so these come last for a core. */
async function load(connection: Connection): Promise<void> {
  setPriority(constants.priority.PRIORITY_LOW);
  let running = true;
  let sent = 0;
  process.once('message', () => {
    running = false;
  });
  const connected = Array.from({ length: clients }, async () => {
    const client = new pg.Client(connection);
    await client.connect();
    return client;
  });
  const one = async (client: pg.Client, number: number) => {
    for (let turn = 0; running; turn++) {
      await client
        .query(insertOf(`${number}.${turn}`))
        .catch((error: Error) => values.refused || console.error(error.message));
      sent++;
    }
    await client.end();
  };
  const all = (await Promise.all(connected)).map(one);
  await sleep(SETTLE);
  process.send?.('started');
  await Promise.all(all);
  process.send?.(sent);
}

function insertOf(label: string): string {
  const row = (id: number) => `(${id}, 'row ${id} of ${label}', now())`;
  const rows = Array.from({ length: Math.ceil(bytes / row(10_000).length) }, (_, id) => row(id));
  return `insert into ${values.refused ? 'hidden.rows' : 'rows'} (id, name, at) values ${rows.join(',')}`;
}

const words = (sorted: readonly number[]): string =>
  `p50 ${quantile(sorted, 0.5).toFixed(2)} ms, p99 ${quantile(sorted, 0.99).toFixed(2)} ms, max ${(sorted.at(-1) ?? 0).toFixed(1)} ms`;

if (values.load === undefined) await main();
else await load(JSON.parse(values.load) as Connection);
