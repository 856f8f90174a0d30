/** What `roles: ephemeral` needs and the service role lacks: tried out, and told as the SQL that gives it. */
import pg from 'pg';
import type { DatabaseTarget } from '../config-upstream.ts';
import type { Findings } from './finding.ts';
import { tryRole } from './trial-role.ts';

export interface SecondWallParts {
  readonly target: DatabaseTarget;
  readonly version: number;
  readonly signingKey: string;
}

export async function examineSecondWall(
  findings: Findings,
  pool: pg.Pool,
  parts: SecondWallParts,
): Promise<void> {
  if (await mayMakeRoles(findings, pool, parts.version)) await tryRole(findings, pool, parts);
  for (const sql of [UNSHARED_SCHEMAS, UNSHARED_RELATIONS, UNSHARED_ROUTINES, DEFAULTS, POLICIES, MAPPINGS]) {
    const { rows } = await pool.query(sql);
    for (const { what, remedy } of rows as { what: string; remedy: string }[]) findings.warn(what, [remedy]);
  }
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

/** Owners whose next table or sequence would not be the service role's to pass on, as those are that they have made. */
const DEFAULTS = `
  with made as (
    select relowner, relnamespace, case relkind when 'S' then 'S' else 'r' end::"char" as kind,
           string_agg(distinct p, ', ' order by p) as privileges
    from pg_class c join pg_namespace n on n.oid = relnamespace,
         unnest(case relkind when 'S' then array['SELECT', 'UPDATE', 'USAGE']
                else array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] end) p
    where c.oid >= 16384 and relkind in ('r', 'p', 'S') and relpersistence <> 't'
      and nspname !~ '^pg_' and nspname <> 'information_schema' and not pg_has_role(relowner, 'USAGE')
      and case relkind when 'S' then has_sequence_privilege(c.oid, p) else has_table_privilege(c.oid, p) end
    group by 1, 2, 3)
  select format('%s that %I will make in schema %I can not be passed on', things, rolname, nspname) as what,
         format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s WITH GRANT OPTION;',
                rolname, nspname, privileges, upper(things), ${SERVICE}) as remedy
  from made join pg_roles o on o.oid = relowner join pg_namespace n on n.oid = relnamespace,
       lateral (select case kind when 'S' then 'sequences' else 'tables' end as things) t
  where exists (select from unnest(string_to_array(privileges, ', ')) p
                where not exists (select from pg_default_acl, aclexplode(defaclacl) a
                                  where defaclrole = relowner and defaclnamespace in (0, relnamespace)
                                    and defaclobjtype = kind and a.is_grantable and a.privilege_type = p
                                    and (a.grantee = 0 or pg_has_role(a.grantee, 'USAGE'))))
  order by things desc`;

/** What the service role may do or not for its name does not bind the role of a grant. */
const POLICIES = `
  select case when polpermissive
           then format('%s shows fewer rows to roles of grants: its policy %I is for %s', polrelid::regclass, polname, who)
           else format('%s is granted to no role: its restrictive policy %I is for %s', polrelid::regclass, polname, who)
         end as what, 'make the policy one for PUBLIC' as remedy
  from pg_policy, lateral (select string_agg(quote_ident(rolname), ', ') as who from pg_roles r where r.oid = any (polroles)) w
  where exists (select from unnest(polroles) r (oid) where r.oid <> 0 and pg_has_role(r.oid, 'MEMBER'))
    and row_security_active(polrelid)`;

/** Passwords of other servers that are for the service role alone. */
const MAPPINGS = `
  select format('roles of grants can not use the foreign server %I: its user mapping is for %I alone', s.srvname, current_user) as what,
         format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (...);', s.srvname) as remedy
  from pg_foreign_server s
  where exists (select from pg_user_mappings u where u.srvid = s.oid and u.usename = current_user)
    and not exists (select from pg_user_mappings u where u.srvid = s.oid and u.umuser = 0)`;
