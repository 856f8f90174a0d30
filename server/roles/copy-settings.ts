/** A session under a role of its grant's own is set up like one under the service role: timeouts and all. */
import pg, { type PoolClient } from 'pg';

/** What a role may not be told by way of its settings: who it is. */
const IDENTITY: ReadonlySet<string> = new Set(['role', 'session_authorization']);
/** insufficient_privilege, and parameters that are not there any more */
const WITHHELD: ReadonlySet<string> = new Set(['42501', '42704', '22023']);

/**
 * Gives `role` the settings that ALTER ROLE ... SET has for the service role. In a transaction of the service role, whose
 * own settings it leaves as they were. Resolves with the names of those that only a superuser could copy.
 */
export async function copySettings(client: PoolClient, role: string): Promise<readonly string[]> {
  const { rows } = await client.query(SETTINGS);
  const settings = rows as readonly { readonly name: string; readonly value: string }[];
  const withheld: string[] = [];
  for (const { name, value } of settings) {
    if (!IDENTITY.has(name) && !(await copy(client, role, name, value))) withheld.push(name);
  }
  return withheld;
}

/** Settings for the role in this database come after those for it in all, and so win. */
const SETTINGS = `
  select split_part(entry, '=', 1) as name, substr(entry, strpos(entry, '=') + 1) as value
  from pg_db_role_setting s, unnest(s.setconfig) entry
  where s.setrole = (select oid from pg_roles where rolname = current_user)
    and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  order by s.setdatabase = 0 desc`;

/** FROM CURRENT takes a list apart as the server does; the value is set for that, and put back. */
async function copy(client: PoolClient, role: string, name: string, value: string): Promise<boolean> {
  await client.query('savepoint setting');
  try {
    const { rows } = await client.query(
      'select current_setting($1, true) as before, current_database() as database, set_config($1, $2, true)',
      [name, value],
    );
    const { before, database } = rows[0] as { readonly before: string | null; readonly database: string };
    const setting = name.split('.').map(pg.escapeIdentifier).join('.');
    const [who, where] = [role, database].map(pg.escapeIdentifier);
    await client.query(`alter role ${who} in database ${where} set ${setting} from current`);
    await client.query('select pg_catalog.set_config($1, $2, true)', [name, before ?? '']);
    return true;
  } catch (fault) {
    await client.query('rollback to savepoint setting');
    if (fault instanceof pg.DatabaseError && WITHHELD.has(fault.code ?? '')) return false;
    throw fault;
  }
}
