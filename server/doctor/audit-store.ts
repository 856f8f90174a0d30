/** The audit store: can it be reached, and may its role do what shipping takes? */
import type { StoreConfig } from '../config-audit.ts';
import { isLoopback } from '../config-fields.ts';
import { upstreamPool } from '../upstream-pool.ts';
import { type Finding, Findings, reason } from './finding.ts';

/** ms */
const TIMEOUT = 10_000;
/** Major version of PostgreSQL. */
const OLDEST = 14;

export async function examineStore(store: StoreConfig): Promise<readonly Finding[]> {
  const findings = new Findings('audit store');
  const pool = upstreamPool(store, { name: 'postern doctor', max: 1, timeout: TIMEOUT });
  pool.on('error', () => {});
  try {
    const { rows } = await pool.query<StoreRow>(STORE, [store.schema]);
    examineRights(findings, store, rows[0] as StoreRow);
  } catch (fault) {
    findings.fail(`can't be reached: ${reason(fault)}; the spool keeps all until it can`);
  } finally {
    await pool.end();
  }
  return findings.list;
}

interface StoreRow {
  readonly version: number;
  readonly user: string;
  readonly tls: boolean;
  /** null: there is no such schema. */
  readonly creates: boolean | null;
  readonly makes_schema: boolean;
  /** null: its tables are not there yet. */
  readonly owns: boolean | null;
}

const STORE = `
  select current_setting('server_version_num')::int4 / 10000 as version, quote_ident(current_user) as user,
         coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as tls,
         (select has_schema_privilege(oid, 'create, usage') from pg_namespace where nspname = $1) as creates,
         has_database_privilege(current_database(), 'create') as makes_schema,
         (select pg_has_role(c.relowner, 'usage') from pg_class c join pg_namespace n on n.oid = relnamespace
          where nspname = $1 and relname = 'event') as owns`;

function examineRights(findings: Findings, { schema, host }: StoreConfig, row: StoreRow): void {
  const { version, user, tls, creates, makes_schema, owns } = row;
  if (version < OLDEST) findings.fail(`PostgreSQL ${version} is not supported; the oldest is ${OLDEST}`);
  if (!tls && !isLoopback(host)) findings.warn('the connection is not encrypted');
  if (creates === null && !makes_schema)
    findings.fail(`there is no schema ${schema}, and ${user} may make none`, [
      `create schema ${schema} authorization ${user};`,
    ]);
  else if (creates === false)
    findings.fail(`${user} may make no partitions in schema ${schema}`, [
      `grant usage, create on schema ${schema} to ${user};`,
    ]);
  else if (owns === false)
    findings.fail(`${user} does not own the tables in schema ${schema}: partitions can't be made or dropped`);
  else findings.ok(`PostgreSQL ${version} as ${user}, schema ${schema}`);
}
