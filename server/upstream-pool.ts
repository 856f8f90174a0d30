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
}

/** An idle connection is closed after this, ms. */
const IDLE = 1_000;

export function upstreamPool(target: UpstreamTarget, options: PoolOptions): pg.Pool {
  return new pg.Pool({
    ...connection(target),
    application_name: options.name,
    max: options.max,
    idleTimeoutMillis: IDLE,
    query_timeout: options.timeout,
    connectionTimeoutMillis: options.timeout,
    allowExitOnIdle: true,
  });
}

function connection(target: UpstreamTarget): pg.PoolConfig {
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
