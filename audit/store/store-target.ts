/**
 * audit/store: the trail of all nodes in PostgreSQL.
 *
 *   migrate.ts     its schema              shipper.ts       from the spool into it
 *   shipment.ts    one batch, once         store-source.ts  what reviewers ask of it
 *   partitions.ts  by time; retention      verify-store.ts  is it whole?
 *
 * What an event says is in `line` alone, byte for byte as in the spool: the chain is verified over it.
 */
import pg from 'pg';

/** Where the store is. */
export interface StoreTarget {
  readonly connection: pg.ClientConfig;
  /** Of its tables: lower-case letters, digits and underscores. */
  readonly schema: string;
}

/** A connection, or an attempt to get one, that does not answer for so long is given up, ms. */
const CONNECT = 10_000;

/**
 * A connection that sees the store's tables. The caller ends it. A query that takes longer than `timeout`, ms, fails.
 * `options`: as libpq has them. @throws when it can't be had
 */
export async function connectStore(
  target: StoreTarget,
  name: string,
  timeout: number,
  options = '',
): Promise<pg.Client> {
  const plain = settings(target, name, timeout);
  const client = new pg.Client({ ...plain, options: `${plain.options} ${options}` });
  client.on('error', () => {}); // what is asked of it fails
  await client.connect();
  return client;
}

/** Connections that see the store's tables. */
export function storePool(target: StoreTarget, name: string, timeout: number, max: number): pg.Pool {
  const pool = new pg.Pool({ ...settings(target, name, timeout), max, allowExitOnIdle: true });
  pool.on('error', () => {}); // an idle one was lost
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** By which the server learns that a client is lost, within a minute. */
const KEEPALIVE = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

const settings = ({ connection, schema }: StoreTarget, name: string, timeout: number): pg.ClientConfig => ({
  ...connection,
  application_name: name,
  connectionTimeoutMillis: CONNECT,
  query_timeout: timeout,
  keepAlive: true,
  // The spool lets go of what the store has: that has to be on its disk.
  options: `-c search_path=${schema} -c jit=off -c timezone=UTC -c synchronous_commit=on ${KEEPALIVE}`,
});
