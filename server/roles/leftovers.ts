/** Roles that were left behind: by a crash, or by a grant that ended while no node was running. */
import type pg from 'pg';
import { onConnection } from './role-connection.ts';
import { ROLE_PREFIX, type RoleIdentity } from './role-identity.ts';

export interface Leftover {
  readonly role: string;
  readonly grant: string;
  readonly cause: 'expired' | 'revoked';
}

/** What has become of a grant. */
export interface GrantFate {
  /** It was known, and has been revoked. */
  readonly isRevoked: (grant: string) => Promise<boolean>;
  readonly isActive: (grant: string) => Promise<boolean>;
}

/**
 * Roles of ours in this database (or in one that was dropped) whose time is over by the server's clock, unless their grant
 * has more by now, and those whose grant is revoked. A grant of which nothing is known keeps its role until its time is over.
 */
export async function findLeftovers(
  pool: pg.Pool,
  identity: RoleIdentity,
  { isRevoked, isActive }: GrantFate,
): Promise<readonly Leftover[]> {
  const rows = await onConnection(pool, async (client) => (await client.query(ROLES)).rows as readonly Row[]);
  const leftovers: Leftover[] = [];
  for (const { role, comment, now, databases, here } of rows) {
    const marker = identity.marker(role, comment);
    if (marker === null || (marker.database !== here && databases.includes(marker.database))) continue;
    if (Date.parse(marker.until) <= now) {
      const lives = await isActive(marker.grant).catch(() => false);
      if (!lives) leftovers.push({ role, grant: marker.grant, cause: 'expired' });
    } else if (await isRevoked(marker.grant)) leftovers.push({ role, grant: marker.grant, cause: 'revoked' });
  }
  return leftovers;
}

interface Row {
  readonly role: string;
  readonly comment: string | null;
  /** Unix ms. */
  readonly now: number;
  /** OIDs of all databases, and of this one. */
  readonly databases: readonly number[];
  readonly here: number;
}

const ROLES = `
  select r.rolname as role, pg_catalog.shobj_description(r.oid, 'pg_authid') as comment,
         extract(epoch from pg_catalog.clock_timestamp())::pg_catalog.float8 * 1000 as now,
         array(select oid::pg_catalog.int8::pg_catalog.float8 from pg_catalog.pg_database) as databases,
         (select oid::pg_catalog.int8::pg_catalog.float8 from pg_catalog.pg_database
          where datname = pg_catalog.current_database()) as here
  from pg_catalog.pg_roles r where pg_catalog.starts_with(r.rolname, '${ROLE_PREFIX}')`;
