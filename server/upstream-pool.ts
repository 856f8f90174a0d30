/** Connections of the service role for the proxy's own work; no client's statement ever runs on one. */
import pg from 'pg';
import type { UpstreamTarget } from '../proxy/ports.ts';

export interface PoolOptions {
  /** application_name, for pg_stat_activity. */
  readonly name: string;
  /** Connections at most. */
  readonly max: number;
  /** A query, or an attempt to connect, that takes longer is given up, ms. */
  readonly timeout: number;
  /** An idle connection is closed after this, ms; default: a second. */
  readonly idle?: number;
}

/** ms */
const IDLE = 1_000;

/** The pool's `error` is the caller's to listen to: an idle connection was lost. */
export function upstreamPool(target: UpstreamTarget, options: PoolOptions): pg.Pool {
  const { name, max, timeout, idle = IDLE } = options;
  const pool = new pg.Pool({
    ...connection(target),
    application_name: name,
    max,
    idleTimeoutMillis: idle,
    query_timeout: timeout,
    connectionTimeoutMillis: timeout,
    allowExitOnIdle: true,
  });
  // The pool listens to idle connections only. One in use fails by its query, unless it breaks between two.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** How to connect, for the client library. */
export function connection(target: UpstreamTarget): pg.ClientConfig {
  const { mode, ca, cert, key } = target.tls;
  const verified = mode === 'verify-full' || mode === 'verify-ca' || ca !== undefined;
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    ...(target.password !== null && { password: target.password }),
    ssl: mode !== 'disable' && {
      rejectUnauthorized: verified,
      ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    },
  };
}
