/** Takes the database role of a grant away, for good. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readHeld, revocable } from './grantable.ts';
import { revokeStatements } from './privilege.ts';
import { inTurn, onConnection } from './role-connection.ts';
import type { RoleIdentity } from './role-identity.ts';

/** ms between looks whether the role's sessions have ended, and until we leave it to a later sweep. */
const POLL = 50;
const PATIENCE = 5_000;

/**
 * `gone`: there is no such role (any more). `busy`: sessions of it did not end in time. `foreign`: there is one that we did
 * not make. `owner`: it owns objects, which somebody gave it or it made against its privileges; nobody's data is dropped
 * without being asked. A role that stays can't log in.
 */
export type Retirement = 'dropped' | 'gone' | 'busy' | 'foreign' | 'owner';

/**
 * Closes the role to new sessions at once, ends those it has, and drops it with its privileges. Can be repeated, and
 * interrupted anywhere. INVARIANT: no role is touched whose comment is not our marker for it.
 */
export async function retire(pool: pg.Pool, identity: RoleIdentity, name: string): Promise<Retirement> {
  const role = pg.escapeIdentifier(name);
  const found = await inTurn(pool, async (client): Promise<'ours' | 'gone' | 'foreign'> => {
    const state = await whose(client, identity, name);
    if (state === 'ours') await client.query(`alter role ${role} nologin`);
    return state;
  });
  if (found !== 'ours') return found;
  if (!(await endSessions(pool, name))) return 'busy';
  return inTurn(pool, async (client): Promise<Retirement> => {
    const state = await whose(client, identity, name);
    if (state !== 'ours') return state;
    const { rows } = await client.query(OWNED, [name]);
    if (rows.length > 0) return 'owner';
    await takeBack(client, name);
    await client.query(`drop owned by ${role}`);
    await client.query(`drop role ${role}`);
    return 'dropped';
  });
}

/**
 * DROP OWNED revokes from all columns too, and fails where the service role has no privilege that columns know: on a
 * sequence of which it has USAGE alone, a table of which it has DELETE alone. What is left of privileges it does not touch.
 */
async function takeBack(client: pg.PoolClient, name: string): Promise<void> {
  const { rows } = await client.query('select oid::int8::float8 as oid from pg_roles where rolname = $1', [
    name,
  ]);
  const held = await readHeld(client, (rows[0] as { readonly oid: number }).oid);
  for (const sql of revokeStatements(revocable(held), name)) await client.query(sql);
}

async function whose(
  client: pg.PoolClient,
  identity: RoleIdentity,
  name: string,
): Promise<'ours' | 'gone' | 'foreign'> {
  const { rows } = await client.query(
    `select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = $1`,
    [name],
  );
  const [row] = rows as readonly { readonly comment: string | null }[];
  if (row === undefined) return 'gone';
  return identity.marker(name, row.comment) === null ? 'foreign' : 'ours';
}

/**
 * All but what holds nobody's data: the role's own default privileges, and what a session's end leaves behind until the
 * server cleans up, temporary objects of a backend that crashed.
 */
const OWNED = `
  select from pg_shdepend d
  where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o'
    and d.refobjid = (select oid from pg_roles where rolname = $1)
    and d.classid <> 'pg_default_acl'::regclass
    and not exists (
      select from pg_namespace n
      where n.nspname ~ '^pg_temp_' and d.dbid = (select oid from pg_database where datname = current_database())
        and n.oid = case d.classid
          when 'pg_class'::regclass then (select relnamespace from pg_class c where c.oid = d.objid)
          when 'pg_type'::regclass then (select typnamespace from pg_type t where t.oid = d.objid)
          when 'pg_proc'::regclass then (select pronamespace from pg_proc p where p.oid = d.objid) end)
  limit 1`;

/** False if they are still there after PATIENCE. */
async function endSessions(pool: pg.Pool, name: string): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const ended = await onConnection(pool, async (client) => {
      const { rows } = await client.query(
        `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where usename = $1`,
        [name],
      );
      return rows.length === 0;
    });
    if (ended) return true;
    if (performance.now() > deadline) return false;
    await sleep(POLL);
  }
}
