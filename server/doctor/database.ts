/** One database: can it be reached, as what, and with which rights. */
import pg from 'pg';
import { isLoopback } from '../config-fields.ts';
import type { DatabaseTarget } from '../config-upstream.ts';
import { upstreamPool } from '../upstream-pool.ts';
import { examineClock } from './clock.ts';
import { type Finding, Findings, reason } from './finding.ts';
import { examineRights } from './rights.ts';
import { examineSecondWall } from './second-wall.ts';

/** ms */
const TIMEOUT = 10_000;
const OLDEST = 13;
const NEWEST = 18;

export async function examineDatabase(
  name: string,
  target: DatabaseTarget,
  signingKey: string,
): Promise<readonly Finding[]> {
  const findings = new Findings(`database ${name}`);
  const pool = upstreamPool(target, { name: 'postern doctor', max: 2, timeout: TIMEOUT });
  pool.on('error', () => {});
  try {
    const version = await examineServer(findings, target, pool);
    await examineRights(findings, pool, { version, shared: target.roles !== 'ephemeral' });
    if (target.roles !== 'service') await examineSecondWall(findings, pool, { target, version, signingKey });
  } catch (fault) {
    findings.fail(`${fault instanceof pg.DatabaseError ? 'refuses' : "can't be reached"}: ${reason(fault)}`);
  } finally {
    await pool.end();
  }
  return findings.list;
}

/** Resolves with the major version. */
async function examineServer(
  findings: Findings,
  { host, tls }: DatabaseTarget,
  pool: pg.Pool,
): Promise<number> {
  const { rows } = await pool.query(SERVER);
  const [server] = rows as [{ version: string; number: number; user: string; tls: string | null }];
  await examineClock(findings, async () => {
    const { rows } = await pool.query(`select extract(epoch from clock_timestamp())::float8 * 1000 as now`);
    return (rows[0] as { now: number }).now;
  });
  const major = Math.floor(server.number / 10_000);
  findings.ok(`PostgreSQL ${server.version} as ${server.user}, ${server.tls ?? 'without TLS'}`);
  if (server.tls === null && !isLoopback(host)) findings.warn('the connection is not encrypted');
  else if (server.tls !== null && tls.mode === 'require' && tls.ca === undefined)
    findings.warn('the certificate of the server is not verified', ['set tls.mode to verify-full']);
  if (major < OLDEST) findings.fail(`PostgreSQL ${major} is not supported; the oldest is ${OLDEST}`);
  if (major > NEWEST) findings.warn(`PostgreSQL ${major} is not known yet; what it brought is refused`);
  return major;
}

const SERVER = `
  select current_setting('server_version') as version, current_setting('server_version_num')::int4 as number,
         current_user::text as user, (select s.version from pg_stat_ssl s where s.pid = pg_backend_pid() and s.ssl) as tls`;
