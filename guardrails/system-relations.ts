/** Which relations of pg_catalog and information_schema any session may read: reviewed data for PostgreSQL 13-18. */
import { systemRelations } from './data/system-relations.ts';

export type SystemRelationClass = 'open' | 'secret';

/** Where another session comes from. */
const ORIGIN = ['application_name', 'client_addr', 'client_hostname', 'client_port'];
/** What it is doing. */
const DOINGS = [
  'query',
  'query_id',
  'backend_xid',
  'backend_xmin',
  'query_start',
  'state_change',
  'xact_start',
];

/** Of a standby: what PostgreSQL, too, shows to none but who may read all statistics. */
const STANDBY = [
  ...ORIGIN,
  ...['backend_start', 'backend_xmin', 'state', 'sent_lsn', 'write_lsn', 'flush_lsn', 'replay_lsn'],
  ...['write_lag', 'flush_lag', 'replay_lag', 'sync_priority', 'sync_state', 'reply_time'],
];

/**
 * What is secret in a secret relation, where it is less than all of it: a statement that touches none of these columns
 * (pg_dump counting subscriptions, a pool counting connections, pgAdmin asking if its own is encrypted or there are standbys) may read the
 * rest. Keys as `schema.relation`.
 */
export const secretColumns: ReadonlyMap<string, readonly string[]> = new Map([
  ['pg_catalog.pg_authid', ['rolpassword']],
  ['pg_catalog.pg_shadow', ['passwd', 'useconfig']],
  ['pg_catalog.pg_stat_activity', [...ORIGIN, ...DOINGS]],
  ['pg_catalog.pg_stat_gssapi', ['principal']],
  ['pg_catalog.pg_stat_replication', STANDBY],
  ['pg_catalog.pg_stat_ssl', ['client_dn', 'client_serial', 'issuer_dn']],
  ['pg_catalog.pg_subscription', ['subconninfo']],
  ['pg_catalog.pg_user_mapping', ['umoptions']],
  ['pg_catalog.pg_user_mappings', ['umoptions']],
]);

/** Have a row for each session, of which everybody may see the own one. */
export const hasOwnRow: ReadonlySet<string> = new Set(['pg_stat_activity', 'pg_stat_gssapi', 'pg_stat_ssl']);

const classes: ReadonlyMap<string, SystemRelationClass> = new Map(
  [...systemRelationLists()].flatMap(([kind, names]) => names.map((name) => [name, kind] as const)),
);

/** The class of a system relation; undefined: nobody has reviewed that name, so it must be refused. */
export function systemRelation(schema: string, name: string): SystemRelationClass | undefined {
  return classes.get(`${schema}.${name}`);
}

/** The reviewed lists as they stand (`schema.relation`), so that a test can find a name that stands on two of them. */
export function* systemRelationLists(): Iterable<readonly [SystemRelationClass, readonly string[]]> {
  for (const [schema, lists] of Object.entries(systemRelations)) {
    for (const [list, names] of Object.entries(lists)) {
      const qualified = names
        .trim()
        .split(/\s+/)
        .map((name) => `${schema}.${name}`);
      yield [list.startsWith('open') ? 'open' : 'secret', qualified];
    }
  }
}
