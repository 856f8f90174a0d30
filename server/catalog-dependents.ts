/**
 * What DROP ... CASCADE takes along: pg_depend, brought down to dependencies between relations, routines, types and schemas
 * as wholes. Only normal dependencies count: what depends automatically or internally goes without CASCADE, too.
 */
import type { CatalogPieces } from './catalog-pieces.ts';

/** initdb's objects have lower OIDs: nobody may drop those. */
const FIRST_NORMAL_OID = 16384;

const is = (classid: string, ...catalogs: readonly string[]): string =>
  `${classid} in (${catalogs.map((catalog) => `'${catalog}'::regclass`).join(', ')})`;
const when = (catalog: string, then: string): string => `when '${catalog}'::regclass then ${then}`;

/** Arrays and multiranges, and arrays of these, are of the type they are made with; row types are of their relation. */
const TYPE_ROOT = `
  select case when coalesce(e.typrelid, t.typrelid) <> 0 then coalesce(e.typrelid, t.typrelid)::int8
         else -coalesce(m.refobjid, e.oid, t.oid)::int8 end
  from pg_type t
  left join pg_type e on e.oid = t.typelem and e.typarray = t.oid
  left join pg_depend m on coalesce(e.typtype, t.typtype) = 'm' and ${is('m.classid', 'pg_type')}
                        and m.objid = coalesce(e.oid, t.oid) and m.deptype = 'i' and ${is('m.refclassid', 'pg_type')}`;

/** Where the catalogs of parts have the relation that they are parts of. */
const PARTS = [
  ['pg_attrdef', 'adrelid'],
  ['pg_trigger', 'tgrelid'],
  ['pg_policy', 'polrelid'],
  ['pg_statistic_ext', 'stxrelid'],
  ['pg_rewrite', 'ev_class'],
] as const;
const RELATIONS = ['pg_class', 'pg_type', 'pg_constraint', ...PARTS.map(([catalog]) => catalog)];

/**
 * The OID (int8) of what an object is or belongs to, negated for a type. By look-ups one by one: faster than joins with the
 * whole of eight catalogs, and much faster where there are few objects. The arguments have to be qualified.
 */
const rootOf = (classid: string, oid: string): string => `
  case ${classid}
    ${when('pg_class', `coalesce((select indrelid from pg_index where indexrelid = ${oid}), ${oid})::int8`)}
    ${when('pg_type', `(${TYPE_ROOT} where t.oid = ${oid})`)}
    ${when('pg_constraint', `(select conrelid::int8 - contypid::int8 from pg_constraint where oid = ${oid})`)}
    ${PARTS.map(([catalog, relation]) => when(catalog, `(select ${relation}::int8 from ${catalog} where oid = ${oid})`)).join('\n')}
    else ${oid}::int8 end`;

const kindOf = (classid: string, root: string): string => `
  case when ${is(classid, 'pg_proc')} then 'routine' when not ${is(classid, ...RELATIONS)} then 'other'
       when ${root} < 0 then 'type' else 'relation' end`;

/** A generated column goes with its expression. */
const LOSES = `
  case classid
    ${when('pg_class', `case when objsubid <> 0 then 'column' when dependent <> objid then 'part' else 'all' end`)}
    ${when('pg_rewrite', `case when (select rulename from pg_rewrite where oid = objid) = '_RETURN' then 'all' else 'guard' end`)}
    ${when(
      'pg_attrdef',
      `case when (select attgenerated from pg_attrdef a, pg_attribute
                                     where a.oid = objid and attrelid = adrelid and attnum = adnum) = '' then 'part' else 'column' end`,
    )}
    ${when('pg_policy', `'guard'`)}
    ${['pg_constraint', 'pg_trigger', 'pg_statistic_ext'].map((catalog) => when(catalog, `'part'`)).join('\n')}
    else 'all' end`;

/** The table that a sequence belongs to, with which it is dropped. */
const OWNER = `
  select refobjid::int8 from pg_depend b
  where ${is('b.classid', 'pg_class')} and b.objid = d.refobjid and ${is('b.refclassid', 'pg_class')}
    and b.deptype in ('a', 'i') and b.refobjsubid > 0
    and exists (select from pg_class s where s.oid = b.objid and s.relkind = 'S')`;

const schema = (kind: string, oid: string) => `
  case ${kind} when 'relation' then (select relnamespace from pg_class where oid = ${oid})
               when 'routine' then (select pronamespace from pg_proc where oid = ${oid})
               when 'type' then (select typnamespace from pg_type where oid = ${oid}) end`;

/** Objects that are, or belong to, what is at home in the pieces. */
const objectsOf = (pieces: CatalogPieces): string => `
  select 'pg_class'::regclass::oid as classid, oid from pg_class where ${pieces.holdOid('oid')}
  union all select 'pg_class'::regclass, indexrelid from pg_index where ${pieces.holdOid('indrelid')}
  union all select 'pg_class'::regclass, objid from pg_depend
            where ${is('classid', 'pg_class')} and ${is('refclassid', 'pg_class')} and ${pieces.holdOid('refobjid')}
              and deptype in ('a', 'i') and refobjsubid > 0
  union all select 'pg_proc'::regclass, oid from pg_proc where ${pieces.holdOid('oid')}
  union all select 'pg_constraint'::regclass, oid from pg_constraint where ${pieces.holdOid('conrelid')} or ${pieces.holdOid('contypid')}
  ${PARTS.map(
    ([catalog, relation]) => `
  union all select '${catalog}'::regclass, oid from ${catalog} where ${pieces.holdOid(relation)}`,
  ).join('')}
  union all
  (with recursive types as (
     select oid from pg_type where ${pieces.holdOid('oid')}
     union select reltype from pg_class where reltype <> 0 and ${pieces.holdOid('oid')}
     union select objid from types join pg_depend on ${is('refclassid', 'pg_type')} and refobjid = oid
                                                   and ${is('classid', 'pg_type')} and deptype = 'i')
   select 'pg_type'::regclass, oid from types)`;

/** Rows of pg_depend that have an end in the pieces, or in what belongs there. */
const edgesOf = (pieces: CatalogPieces): string => `
  with objects as (${objectsOf(pieces)})
  select d.* from objects o join pg_depend d on d.refclassid = o.classid and d.refobjid = o.oid
  union select d.* from objects o join pg_depend d on d.classid = o.classid and d.objid = o.oid`;

/** What depends on objects in the pieces, in whatever way, or is a part of what does, as int8 "home". */
export const dependentHomes = (pieces: CatalogPieces): string => `
  with objects as (${objectsOf(pieces)}),
  dependent as (select distinct d.classid, d.objid from objects o
                join pg_depend d on d.refclassid = o.classid and d.refobjid = o.oid)
  select d.objid::int8 as home from dependent d
  union select abs(${rootOf('d.classid', 'd.objid')}) from dependent d`;

/**
 * Of a schema: what depends from elsewhere on anything in it; its tables' partitions and sequences elsewhere; and what is in
 * it but neither of these. `pieces`: rows that are at home there, and perhaps others.
 */
export const dependentsQuery = (pieces: CatalogPieces | null): string => `
  with edges as (
    select d.classid, d.objid, d.objsubid, d.refclassid, ${rootOf('d.refclassid', 'd.refobjid')} as object,
           case when ${is('d.refclassid', 'pg_class')} then (${OWNER}) end as owner,
           ${rootOf('d.classid', 'd.objid')} as dependent
    from ${pieces === null ? 'pg_depend' : `(${edgesOf(pieces)})`} d
    where d.refobjid >= ${FIRST_NORMAL_OID} and d.deptype = 'n'
      and ${is('d.refclassid', 'pg_class', 'pg_type', 'pg_proc', 'pg_constraint')}),
  normal as (
    select abs(object) as object, owner, ${kindOf('refclassid', 'object')} as of, abs(dependent) as dependent,
           ${kindOf('classid', 'dependent')} as kind, classid, ${LOSES} as loses
    from edges),
  crossing as materialized (
    select distinct object, of, dependent, kind, classid, loses
    from (select object, of, dependent, kind, classid, loses from normal
          union all select owner, of, dependent, kind, classid, loses from normal where owner is not null) either
    where (of, object) is distinct from (kind, dependent))
  select object, of, dependent, kind, classid::regclass::text as catalog, loses from crossing
  union
  select home::int8, 'schema', dependent, kind, classid::regclass::text, loses
  from (select *, ${schema('of', 'object')} as home, ${schema('kind', 'dependent')} as away from crossing) placed
  where home is distinct from away
  union
  select p.relnamespace::int8, 'schema', c.oid::int8, 'relation', 'pg_class', 'all'
  from pg_class c join pg_depend d on ${is('d.classid', 'pg_class')} and d.objid = c.oid and d.deptype in ('a', 'i')
  join pg_class p on ${is('d.refclassid', 'pg_class')} and p.oid = d.refobjid
  where c.relkind in ('r', 'p', 'f', 'S') and p.relnamespace <> c.relnamespace ${pieces === null ? '' : `and ${pieces.holdOid('c.oid')}`}
  union
  select refobjid::int8, 'schema', objid::int8, 'other', classid::regclass::text, 'all'
  from pg_depend
  where ${is('refclassid', 'pg_namespace')} and refobjid >= 2200 and deptype = 'n'
    and not ${is('classid', 'pg_class', 'pg_type', 'pg_proc', 'pg_statistic_ext', 'pg_default_acl')}`;
