/**
 * What DROP ... CASCADE takes along: pg_depend, brought down to dependencies between relations, routines, types and schemas
 * as wholes. Only normal dependencies count: what depends automatically or internally goes without CASCADE, too.
 */

/** initdb's objects have lower OIDs: nobody may drop those. */
const FIRST_NORMAL_OID = 16384;

/** Arrays and multiranges are of the type they depend on, row types of their relation. */
const TYPES = `
  select t.oid, case when r.typrelid <> 0 then 'relation' else 'type' end as kind,
         case when r.typrelid <> 0 then r.typrelid else r.oid end as root
  from pg_type t
  left join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'i'
                        and d.refclassid = 'pg_type'::regclass
  left join pg_depend e on e.classid = 'pg_type'::regclass and e.objid = d.refobjid and e.deptype = 'i'
                        and e.refclassid = 'pg_type'::regclass
  join pg_type r on r.oid = coalesce(e.refobjid, d.refobjid, t.oid)
  where t.oid >= ${FIRST_NORMAL_OID}`;

/** Objects, what they are or belong to, and what that loses with them. A generated column goes with its expression. */
const OBJECTS = `
  select 'pg_class'::regclass::oid as classid, c.oid as objid, 'relation' as kind, coalesce(i.indrelid, c.oid) as root,
         case when i.indrelid is null then 'all' else 'part' end as loses
  from pg_class c left join pg_index i on i.indexrelid = c.oid where c.oid >= ${FIRST_NORMAL_OID}
  union all select 'pg_type'::regclass, oid, kind, root, 'all' from (${TYPES}) t
  union all select 'pg_proc'::regclass, oid, 'routine', oid, 'all' from pg_proc where oid >= ${FIRST_NORMAL_OID}
  union all select 'pg_constraint'::regclass, oid, case when conrelid <> 0 then 'relation' else 'type' end,
                   case when conrelid <> 0 then conrelid else contypid end, 'part' from pg_constraint
  union all select 'pg_attrdef'::regclass, oid, 'relation', adrelid,
                   case (select attgenerated from pg_attribute where attrelid = adrelid and attnum = adnum)
                     when '' then 'part' else 'column' end from pg_attrdef
  union all select 'pg_trigger'::regclass, oid, 'relation', tgrelid, 'part' from pg_trigger
  union all select 'pg_policy'::regclass, oid, 'relation', polrelid, 'guard' from pg_policy
  union all select 'pg_statistic_ext'::regclass, oid, 'relation', stxrelid, 'part' from pg_statistic_ext
  union all select 'pg_rewrite'::regclass, oid, 'relation', ev_class,
                   case when rulename = '_RETURN' then 'all' else 'guard' end from pg_rewrite`;

/** A sequence that belongs to a column is dropped with its table. */
const OWNED_SEQUENCES = `
  select d.objid, d.refobjid as root from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
  where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    and d.refobjsubid > 0`;

const schema = (kind: string, oid: string) => `
  case ${kind} when 'relation' then (select relnamespace from pg_class where oid = ${oid})
               when 'routine' then (select pronamespace from pg_proc where oid = ${oid})
               when 'type' then (select typnamespace from pg_type where oid = ${oid}) end`;

/**
 * Of a schema: what depends from elsewhere on anything in it; its tables' partitions and sequences elsewhere; and what is in
 * it but neither of these.
 */
export const dependentsQuery = `
  with objects as materialized (${OBJECTS}),
  normal as (
    select r.kind as of, r.root as object, s.root as owner, coalesce(o.kind, 'other') as kind,
           coalesce(o.root, d.objid) as dependent, d.classid,
           case when d.classid = 'pg_class'::regclass and d.objsubid <> 0 then 'column'
                else coalesce(o.loses, 'all') end as loses
    from pg_depend d
    join objects r on r.classid = d.refclassid and r.objid = d.refobjid
    left join (${OWNED_SEQUENCES}) s on d.refclassid = 'pg_class'::regclass and s.objid = d.refobjid
    left join objects o on o.classid = d.classid and o.objid = d.objid
    where d.refobjid >= ${FIRST_NORMAL_OID} and d.deptype = 'n'
      and d.refclassid in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass)),
  crossing as materialized (
    select distinct object, of, dependent, kind, classid, loses
    from (select object, of, dependent, kind, classid, loses from normal
          union all select owner, of, dependent, kind, classid, loses from normal where owner is not null) either
    where (of, object) is distinct from (kind, dependent))
  select object::int8, of, dependent::int8, kind, classid::regclass::text as catalog, loses from crossing
  union
  select home::int8, 'schema', dependent::int8, kind, classid::regclass::text, loses
  from (select *, ${schema('of', 'object')} as home, ${schema('kind', 'dependent')} as away from crossing) placed
  where home is distinct from away
  union
  select p.relnamespace::int8, 'schema', c.oid::int8, 'relation', 'pg_class', 'all'
  from pg_class c join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
  join pg_class p on d.refclassid = 'pg_class'::regclass and p.oid = d.refobjid
  where c.relkind in ('r', 'p', 'f', 'S') and p.relnamespace <> c.relnamespace
  union
  select refobjid::int8, 'schema', objid::int8, 'other', classid::regclass::text, 'all'
  from pg_depend
  where refclassid = 'pg_namespace'::regclass and refobjid >= 2200 and deptype = 'n'
    and classid not in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_statistic_ext'::regclass,
                        'pg_default_acl'::regclass)`;
