/** What a service role can grant in its database, and what a role has been granted. */
import type { ClientBase } from 'pg';
import type { GrantedOn, Privilege, PrivilegeName } from './privilege.ts';

export interface GrantableRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  /** As Privilege.object. */
  readonly object: string;
  readonly grantable: readonly PrivilegeName[];
}

interface GrantableObject {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly object: string;
  /** Everybody has the privilege already. */
  readonly isPublic: boolean;
}

export interface Grantable {
  readonly relations: readonly GrantableRelation[];
  readonly routines: readonly GrantableObject[];
  readonly schemas: readonly Omit<GrantableObject, 'schema'>[];
  /** User-defined types of relations' columns: the schemas in which they are. */
  readonly typeSchemas: readonly { readonly relation: number; readonly schema: string }[];
  /** CONNECT, TEMPORARY: those that can be granted and that not everybody has. */
  readonly database: { readonly oid: number; readonly object: string; readonly grantable: readonly string[] };
}

/** initdb's own objects have lower OIDs (FirstNormalObjectId). */
const FIRST_NORMAL_OID = 16384;

/**
 * With search_path = pg_catalog. Costs about as much as reading pg_class once. INVARIANT: no relation is among them on
 * which a restrictive policy binds the service role by name, since it would not bind another role.
 */
export async function readGrantable(client: ClientBase): Promise<Grantable> {
  const rows = async <T>(sql: string): Promise<readonly T[]> => (await client.query(sql)).rows as T[];
  const [database] = await rows<Grantable['database']>(DATABASE);
  return {
    relations: await rows(RELATIONS),
    routines: await rows(ROUTINES),
    schemas: await rows(SCHEMAS),
    typeSchemas: await rows(TYPE_SCHEMAS),
    database: database!,
  };
}

const grantable = (names: readonly string[], has: (name: string) => string): string =>
  `array_remove(array[${names.map((name) => `case when ${has(name)} then '${name}' end`).join(', ')}], null)`;

const RELATIONS = `
  select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         format('%I.%I', n.nspname, c.relname) as object,
         case c.relkind
           when 'S' then ${grantable(['SELECT', 'UPDATE', 'USAGE'], (name) => `has_sequence_privilege(c.oid, '${name} WITH GRANT OPTION')`)}
           else ${grantable(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'], (name) => `has_table_privilege(c.oid, '${name} WITH GRANT OPTION')`)}
         end as grantable
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid >= ${FIRST_NORMAL_OID} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and not exists (select from pg_policy p, unnest(p.polroles) as r (oid)
                    where p.polrelid = c.oid and not p.polpermissive and r.oid <> 0
                      and pg_has_role(r.oid, 'MEMBER') and row_security_active(c.oid))`;

const ROUTINES = `
  select * from (
    select p.oid::int8::float8 as oid, n.nspname as schema, p.proname as name, p.oid::regprocedure::text as object,
           exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                   where a.grantee = 0 and a.privilege_type = 'EXECUTE') as "isPublic",
           has_function_privilege(p.oid, 'EXECUTE WITH GRANT OPTION') as grantable
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.oid >= ${FIRST_NORMAL_OID}) r
  where "isPublic" or grantable`;

const SCHEMAS = `
  select n.oid::int8::float8 as oid, n.nspname as name, quote_ident(n.nspname) as object,
         exists (select from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                 where a.grantee = 0 and a.privilege_type = 'USAGE') as "isPublic"
  from pg_namespace n
  where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION')`;

const TYPE_SCHEMAS = `
  select distinct a.attrelid::int8::float8 as relation, n.nspname as schema
  from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_namespace n on n.oid = t.typnamespace
  where t.oid >= ${FIRST_NORMAL_OID} and a.attnum > 0 and n.nspname !~ '^pg_'`;

const DATABASE = `
  select d.oid::int8::float8 as oid, quote_ident(d.datname) as object,
         array(select p from unnest(array['CONNECT', 'TEMPORARY']) p
               where has_database_privilege(d.oid, p || ' WITH GRANT OPTION')
                 and not exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                                 where a.grantee = 0 and a.privilege_type = p)) as grantable
  from pg_database d where d.datname = current_database()`;

/** One that a role has; `name` is any privilege of PostgreSQL's, with `*` behind it if it may be passed on. */
export type HeldPrivilege = Omit<Privilege, 'name' | 'on'> & { readonly on: string; readonly name: string };

/** All that a role has been granted in this database and on shared objects, by anybody. */
export async function readHeld(client: ClientBase, role: number): Promise<readonly HeldPrivilege[]> {
  const { rows } = await client.query(HELD, [role]);
  return rows as HeldPrivilege[];
}

/** What of it REVOKE can name, and takes away together with the right to pass it on. */
export function revocable(held: readonly HeldPrivilege[]): readonly Privilege[] {
  return held
    .filter((each): each is Privilege => KINDS.has(each.on))
    .map((each) => ({ ...each, name: each.name.replace('*', '') as PrivilegeName }));
}

const KINDS: ReadonlySet<string> = new Set<GrantedOn>(['TABLE', 'SEQUENCE', 'ROUTINE', 'SCHEMA', 'DATABASE']);

const HELD = `
  with held as (
    select classid::regclass::text as class, objid, objsubid from pg_shdepend
    where refclassid = 'pg_authid'::regclass and refobjid = $1 and deptype = 'a'
      and dbid in (0, (select oid from pg_database where datname = current_database()))),
  lists as (
    select case c.relkind when 'S' then 'SEQUENCE' else 'TABLE' end as kind, objid,
           format('%I.%I', n.nspname, c.relname) as object, a.attname::text as attribute, coalesce(a.attacl, c.relacl) as acl
    from held join pg_class c on c.oid = objid join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on objsubid <> 0 and a.attrelid = c.oid and a.attnum = objsubid
    where class = 'pg_class' and (objsubid = 0 or a.attacl is not null)
    union all select 'ROUTINE', objid, objid::regprocedure::text, null, proacl
    from held join pg_proc p on p.oid = objid where class = 'pg_proc'
    union all select 'SCHEMA', objid, quote_ident(nspname), null, nspacl
    from held join pg_namespace n on n.oid = objid where class = 'pg_namespace'
    union all select 'DATABASE', objid, quote_ident(datname), null, datacl
    from held join pg_database d on d.oid = objid where class = 'pg_database')
  select kind as on, objid::int8::float8 as oid, object, attribute as column,
         privilege_type || case when is_grantable then '*' else '' end as name
  from lists, aclexplode(acl) where grantee = $1
  union all select class, objid::int8::float8, class, null, 'any' from held
  where class not in ('pg_class', 'pg_proc', 'pg_namespace', 'pg_database')
    and not (class = 'pg_auth_members')`;
