/** What `roles: ephemeral` needs and the service role lacks: tried out, and told as the SQL that gives it. */
import pg from 'pg';
import { parseGrant } from '../../access/grant.ts';
import { newGrantId } from '../../access/token.ts';
import { connectUpstream } from '../../proxy/upstream/connect.ts';
import type { DatabaseTarget } from '../config-upstream.ts';
import { provision } from '../roles/provision.ts';
import { retire } from '../roles/retire.ts';
import { RoleIdentity } from '../roles/role-identity.ts';
import { type Findings, reason } from './finding.ts';

export interface SecondWallParts {
  readonly target: DatabaseTarget;
  readonly version: number;
  readonly signingKey: string;
}

/** ms */
const TIMEOUT = 10_000;

export async function examineSecondWall(
  findings: Findings,
  pool: pg.Pool,
  parts: SecondWallParts,
): Promise<void> {
  if (await mayMakeRoles(findings, pool, parts.version)) await tryRole(findings, pool, parts);
  for (const sql of [UNSHARED_SCHEMAS, UNSHARED_RELATIONS, UNSHARED_ROUTINES]) {
    const { rows } = await pool.query(sql);
    for (const { what, remedy } of rows as { what: string; remedy: string }[]) findings.warn(what, [remedy]);
  }
  const defaults = (await pool.query(DEFAULTS)).rows as { what: string; remedy: string }[];
  for (const { what, remedy } of defaults) findings.warn(what, [remedy]);
  for (const { what } of (await pool.query(POLICIES)).rows as { what: string }[])
    findings.warn(what, ['make the policy one for PUBLIC']);
}

async function mayMakeRoles(findings: Findings, pool: pg.Pool, version: number): Promise<boolean> {
  const { rows } = await pool.query(
    'select rolname::text as name, rolsuper or rolcreaterole as creates, rolsuper or rolinherit as inherits from pg_roles where rolname = current_user',
  );
  const { name, creates, inherits } = rows[0] as { name: string; creates: boolean; inherits: boolean };
  const who = pg.escapeIdentifier(name);
  if (!creates) findings.fail('the service role may not make roles', [`ALTER ROLE ${who} CREATEROLE;`]);
  const needsInherit = version < 16 && !inherits;
  if (needsInherit)
    findings.fail('the service role may not drop the roles it makes', [`ALTER ROLE ${who} INHERIT;`]);
  return creates && !needsInherit;
}

/** Makes a role without privileges for a grant that never was, logs in as it, and drops it. */
async function tryRole(
  findings: Findings,
  pool: pg.Pool,
  { target, signingKey }: SecondWallParts,
): Promise<void> {
  const identity = new RoleIdentity(signingKey);
  const grant = trialGrant(target.database);
  const user = identity.name(grant.id);
  const { withheld } = await provision(pool, identity, grant, []);
  try {
    await logIn({ ...target, user, password: identity.password(grant) });
    findings.ok('a role was made, used and dropped for a trial');
  } catch (fault) {
    findings.fail(`a role of a grant can't log in: ${reason(fault)}`, [
      `GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(target.database)} TO ${pg.escapeIdentifier(target.user)} WITH GRANT OPTION;`,
      `in pg_hba.conf: host ${target.database} all <address of the proxy> scram-sha-256`,
    ]);
  } finally {
    await retire(pool, identity, user);
  }
  if (withheld.length > 0)
    findings.warn(
      `only a superuser could copy these settings of the service role: ${withheld.join(', ')}`,
      withheld.map((name) => `ALTER DATABASE ${pg.escapeIdentifier(target.database)} SET ${name} = ...;`),
    );
}

async function logIn(target: DatabaseTarget): Promise<void> {
  const { socket } = await connectUpstream(target, {
    parameters: new Map([['application_name', 'postern doctor']]),
    timeoutMs: TIMEOUT,
    keepAliveMs: null,
  });
  socket.destroy();
}

const trialGrant = (database: string) =>
  parseGrant({
    id: newGrantId(),
    principal: { id: 'postern doctor' },
    database,
    scope: [{ actions: ['select'], on: ['nothing.nothing'] }],
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 6 * TIMEOUT).toISOString(),
  });

const SERVICE = `(select quote_ident(current_user))`;

const UNSHARED_SCHEMAS = `
  select format('the use of schema %I can not be passed on', nspname) as what,
         format('GRANT USAGE ON SCHEMA %I TO %s WITH GRANT OPTION;', nspname, ${SERVICE}) as remedy
  from pg_namespace n
  where nspname <> 'information_schema' and nspname !~ '^pg_' and has_schema_privilege(oid, 'USAGE')
    and not has_schema_privilege(oid, 'USAGE WITH GRANT OPTION')
    and not exists (select from aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
                    where grantee = 0 and privilege_type = 'USAGE')`;

/** What the service role may do itself, but not pass on; relations with the same of it together. */
const UNSHARED_RELATIONS = `
  with held as (
    select nspname, relname, relkind = 'S' as sequence, string_agg(p, ', ' order by p) as privileges
    from pg_class c join pg_namespace n on n.oid = relnamespace,
         unnest(case relkind when 'S' then array['SELECT', 'UPDATE', 'USAGE']
                else array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] end) p
    where c.oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'f', 'S') and relpersistence <> 't'
      and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
      and case relkind when 'S' then has_sequence_privilege(c.oid, p) and not has_sequence_privilege(c.oid, p || ' WITH GRANT OPTION')
          else has_table_privilege(c.oid, p) and not has_table_privilege(c.oid, p || ' WITH GRANT OPTION') end
    group by nspname, relname, relkind)
  select format('%s on %s relation%s of schema %I can not be passed on', privileges, count(*),
                case when count(*) > 1 then 's' end, nspname) as what,
         format('GRANT %s ON %s%s TO %s WITH GRANT OPTION;', privileges, case when sequence then 'SEQUENCE ' end,
                string_agg(format('%I.%I', nspname, relname), ', ' order by relname), ${SERVICE}) as remedy
  from held group by nspname, sequence, privileges order by nspname, sequence`;

const UNSHARED_ROUTINES = `
  select format('EXECUTE on %s routine%s of schema %I can not be passed on', count(*),
                case when count(*) > 1 then 's' end, nspname) as what,
         format('GRANT EXECUTE ON ROUTINE %s TO %s WITH GRANT OPTION;',
                string_agg(p.oid::regprocedure::text, ', '), ${SERVICE}) as remedy
  from pg_proc p join pg_namespace n on n.oid = pronamespace
  where p.oid >= 16384 and has_function_privilege(p.oid, 'EXECUTE')
    and not has_function_privilege(p.oid, 'EXECUTE WITH GRANT OPTION')
    and not exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner)))
                    where grantee = 0 and privilege_type = 'EXECUTE')
  group by nspname`;

/** Owners whose next table would not be the service role's to pass on. */
const DEFAULTS = `
  select distinct format('tables that %I will make in schema %I can not be passed on', o.rolname, nspname) as what,
         format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO %s WITH GRANT OPTION;',
                o.rolname, nspname, ${SERVICE}) as remedy
  from pg_class c join pg_namespace n on n.oid = relnamespace join pg_roles o on o.oid = relowner
  where c.oid >= 16384 and relkind in ('r', 'p') and relpersistence <> 't' and nspname !~ '^pg_'
    and has_table_privilege(c.oid, 'SELECT') and not pg_has_role(relowner, 'USAGE')
    and not exists (select from pg_default_acl d, aclexplode(defaclacl) a
                    where defaclrole = relowner and defaclnamespace in (0, n.oid) and defaclobjtype = 'r'
                      and a.is_grantable and a.privilege_type = 'SELECT' and pg_has_role(a.grantee, 'USAGE'))`;

const POLICIES = `
  select format('%s is granted to no role: its restrictive policy %I is for %s', polrelid::regclass, polname,
                (select string_agg(quote_ident(rolname), ', ') from pg_roles r where r.oid = any (polroles))) as what
  from pg_policy
  where not polpermissive and exists (select from unnest(polroles) r (oid) where r.oid <> 0 and pg_has_role(r.oid, 'MEMBER'))`;
