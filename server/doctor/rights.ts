/** Rights that a service role has and should not have, and what everybody has in its database. */
import pg from 'pg';
import type { Findings } from './finding.ts';

export interface RightsCircumstances {
  readonly version: number;
  /** Sessions run under the service role. */
  readonly shared: boolean;
}

/** CREATEROLE there reaches every role that is no superuser. */
const CREATEROLE_IS_WIDE = 15;

interface ServiceRow {
  readonly name: string;
  readonly superuser: boolean;
  readonly attributes: readonly string[];
  readonly roles: readonly string[];
}

export async function examineRights(
  findings: Findings,
  pool: pg.Pool,
  { version, shared }: RightsCircumstances,
): Promise<void> {
  const { rows } = await pool.query(SERVICE);
  const { name, superuser, attributes, roles } = rows[0] as ServiceRow;
  const who = pg.escapeIdentifier(name);
  if (superuser)
    return findings.warn('the service role is a superuser: nothing bounds it', [
      `ALTER ROLE ${who} NOSUPERUSER;`,
    ]);
  if (shared) {
    for (const attribute of attributes)
      findings.warn(`sessions run with ${attribute}`, [`ALTER ROLE ${who} NO${attribute};`]);
    for (const role of roles)
      findings.warn(`sessions run with the rights of ${role}`, [`REVOKE ${role} FROM ${who};`]);
  } else if (attributes.includes('CREATEROLE') && version <= CREATEROLE_IS_WIDE) {
    findings.warn(
      `before PostgreSQL 16, CREATEROLE lets the service role grant itself any role but a superuser: guard its password`,
    );
  }
  const everybody = await pool.query(EVERYBODY);
  for (const { what, remedy } of everybody.rows as { what: string; remedy: string }[])
    findings.warn(what, [remedy]);
}

const SERVICE = `
  select rolname::text as name, rolsuper as superuser,
         array_remove(array[case when rolcreaterole then 'CREATEROLE' end, case when rolcreatedb then 'CREATEDB' end,
           case when rolbypassrls then 'BYPASSRLS' end, case when rolreplication then 'REPLICATION' end], null) as attributes,
         array(select m.rolname::text from pg_roles m
               where m.oid < 16384 and m.rolname ~ '^pg_' and m.rolname <> 'pg_database_owner'
                 and pg_has_role(r.oid, m.oid, 'USAGE') order by 1) as roles
  from pg_roles r where rolname = current_user`;

/** No role of any grant can be without these. */
const EVERYBODY = `
  select format('everybody can create objects in schema %I', nspname) as what,
         format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC;', nspname) as remedy
  from pg_namespace n, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
  where grantee = 0 and privilege_type = 'CREATE' and nspname !~ '^pg_'
  union all
  select format('everybody has %s on %I.%I', string_agg(privilege_type, ', ' order by privilege_type), nspname, relname),
         format('REVOKE ALL ON %s%I.%I FROM PUBLIC;', case when relkind = 'S' then 'SEQUENCE ' end, nspname, relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(relacl)
  where c.oid >= 16384 and grantee = 0 and nspname not in ('pg_catalog', 'information_schema')
  group by nspname, relname, relkind
  union all
  select format('everybody has %s on %I.%I(%I)', string_agg(privilege_type, ', ' order by privilege_type), nspname, relname, attname),
         format('REVOKE %s ON %I.%I FROM PUBLIC;',
                string_agg(format('%s (%I)', privilege_type, attname), ', ' order by privilege_type), nspname, relname)
  from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace, aclexplode(attacl)
  where c.oid >= 16384 and grantee = 0 and nspname not in ('pg_catalog', 'information_schema')
  group by nspname, relname, attname
  union all
  select format('everybody can create schemas in database %I', datname), format('REVOKE CREATE ON DATABASE %I FROM PUBLIC;', datname)
  from pg_database, aclexplode(datacl)
  where datname = current_database() and grantee = 0 and privilege_type = 'CREATE'
  union all
  select format('everybody will have %s on what %I makes', string_agg(privilege_type, ', ' order by privilege_type), r.rolname),
         format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %sREVOKE ALL ON %s FROM PUBLIC;', r.rolname,
                (select format('IN SCHEMA %I ', nspname) from pg_namespace where oid = defaclnamespace),
                case defaclobjtype when 'S' then 'SEQUENCES' else 'TABLES' end)
  from pg_default_acl join pg_roles r on r.oid = defaclrole, aclexplode(defaclacl)
  where defaclobjtype in ('r', 'S') and grantee = 0
  group by r.rolname, defaclnamespace, defaclobjtype
  union all
  select format('everybody can run %s, with the rights of %I', p.oid::regprocedure, o.rolname),
         format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC;', p.oid::regprocedure)
  from pg_proc p join pg_roles o on o.oid = p.proowner, aclexplode(coalesce(proacl, acldefault('f', proowner)))
  where p.oid >= 16384 and prosecdef and grantee = 0 and privilege_type = 'EXECUTE'`;
