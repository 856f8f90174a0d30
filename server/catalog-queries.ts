/**
 * One query per kind of catalog row, for PostgreSQL 13-18, of the whole catalog or some pieces of it. All run in one
 * transaction with search_path = pg_catalog (but `sessionQuery`, which qualifies its names), so that they are consistent and
 * no object of the database's users gets between them and the catalogs. None opens a relation of users', so none waits for
 * its lock or for its size.
 */
import { builtinLists } from '../guardrails/builtin-functions.ts';
import { type CatalogRowKind, rowKeys } from '../guardrails/catalog-rows.ts';
import { ORIGIN } from '../proxy/upstream/origin.ts';
import { dependentsQuery } from './catalog-dependents.ts';
import { type CatalogPieces, homeCondition } from './catalog-pieces.ts';
import { keyOfTextInSql } from './packed-rows.ts';

const harmless = [...builtinLists()].find(([kind]) => kind === 'harmless')?.[1] ?? [];
const literals = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** initdb's objects have lower OIDs; the server records no dependencies on most of those ("pinned"). */
const FIRST_NORMAL_OID = 16384;

/** A type's OID; for the row type of a relation, the relation's OID negated. */
const type = (alias: string) =>
  `case when ${alias}.typrelid = 0 then ${alias}.oid::int8 else -(${alias}.typrelid::int8) end`;

/** Temporary relations are sessions' own; toast relations nobody may name. */
const LASTING = `c.relpersistence <> 't' and n.nspname <> 'pg_toast'`;

/** User-defined ones, without the row types of tables and views. */
const OWN_TYPES = `t.oid >= ${FIRST_NORMAL_OID} and n.nspname !~ '^pg_(toast_)?temp_'
  and (t.typrelid = 0 or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))`;

/** Expressions that run when a relation is touched: where they are kept, whose they are. */
const IMPLICIT = `
  select 'pg_policy'::regclass::oid as classid, oid as objid, polrelid as relation,
         concat(polqual, polwithcheck) as expression, true as reads
  from pg_policy where row_security_active(polrelid)
  union all select 'pg_attrdef'::regclass, oid, adrelid, adbin::text, false from pg_attrdef
  union all select 'pg_constraint'::regclass, oid, conrelid, conbin::text, false from pg_constraint
            where conrelid <> 0 and contype in ('c', 'x')
  union all select 'pg_class'::regclass, indexrelid, unnest(array[indrelid, indexrelid]), concat(indexprs, indpred), false
            from pg_index where indexprs is not null or indpred is not null
  union all select 'pg_class'::regclass, partrelid, partrelid, partexprs::text, false from pg_partitioned_table
  union all select 'pg_trigger'::regclass, oid, tgrelid, tgqual::text, false from pg_trigger where tgqual is not null
  union all select 'pg_statistic_ext'::regclass, oid, stxrelid, to_jsonb(s) ->> 'stxexprs', false from pg_statistic_ext s`;

/** OIDs of built-in functions in expression trees, which dependencies do not show (nodes FuncExpr, OpExpr, Aggref, WindowFunc). */
const CALLED = `':(?:funcid|opfuncid|aggfnoid|winfnoid) ([0-9]{1,5})\\M'`;

/**
 * The built-in functions worth telling: not harmless. They are looked for once, by a query that leaves their OIDs in two
 * settings, for the rest of the transaction. `nextval` of a default is the table's own business. (PostgreSQL hashes what a
 * subquery gives; to look through a list of literals takes it twenty times as long.)
 */
export const notableQuery = `
  select set_config('postern.notable', array_agg(oid)::text, true),
         set_config('postern.notable_in_expression', (array_agg(oid) filter (where proname <> 'nextval'))::text, true)
  from pg_proc where oid < ${FIRST_NORMAL_OID}
    and proname not in (select unnest(string_to_array('${harmless.join(' ')}', ' ')::name[]))`;
const NOTABLE = `any ((select current_setting('postern.notable')::oid[])::oid[])`;
const NOTABLE_IN_EXPRESSION = `any ((select current_setting('postern.notable_in_expression')::oid[])::oid[])`;

/**
 * Relations of a query tree, the privileges that it needs on them, and the numbers of the columns that it reads: before
 * and since PostgreSQL 16. (The first quantifier makes all of them lazy.)
 */
const PRIVILEGES = `concat(
  case when current_setting('server_version_num')::int4 >= 160000
    then '\\{RTEPERMISSIONINFO :relid ([0-9]+?) :inh [a-z]+?' else ':relid ([0-9]+?) :relkind .*?' end,
  ' :requiredPerms ([0-9]+?) :checkAsUser [0-9]+? :selectedCols \\(b([0-9 ]*?)\\)')`;

/** Where both operands are literals, built-in operators of these names are preferred, or none is. */
const EVERYDAY = literals('= <> < <= > >= || + - * / ~~ !~~ ~~* !~~* ~ !~ ~* !~*'.split(' '));
const COMPARISONS = literals('= <> < <= > >='.split(' '));

/**
 * An operator "o" that needs a value of the type "t": nothing becomes one by itself. (A row does, of a composite type; but
 * rows have comparisons of their own, which fit better. Rows of a typed table are of its type.)
 */
const ONLY_OWN = `
  o.oprleft = o.oprright and t.oid >= ${FIRST_NORMAL_OID} and o.oprname in (${EVERYDAY})
  and (t.typtype in ('b', 'e', 'r') or t.typtype = 'c' and o.oprname in (${COMPARISONS})
       and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
       and not exists (select from pg_class c where c.reloftype = t.oid))
  and t.typcategory <> 'A' and not exists (select from pg_cast c where c.casttarget = t.oid and c.castcontext = 'i')`;

/** Bytes. Longer functions are not followed. Those in BEGIN ATOMIC have no source, but a definition. */
const MOST_SOURCE = 20_000;

/** The one row of the kind `session`. */
export const sessionQuery = `
  select ${ORIGIN} as origin,
         pg_catalog.current_setting('server_version_num')::pg_catalog.int4 as "serverVersion",
         pg_catalog.getdatabaseencoding()::pg_catalog.text as encoding,
         current_user::pg_catalog.text as "user", session_user::pg_catalog.text as "loginUser",
         pg_catalog.to_json(pg_catalog.current_schemas(false)) as "searchPath",
         pg_catalog.current_setting('search_path') as "searchPathSetting"`;

/** The kinds of rows that there is a query for. */
type Kind = Exclude<CatalogRowKind, 'session'>;

/** Of the rows of a query, or of some more than those, which are at home in the pieces: a condition on an OID. */
type Within = (oid: string) => string;

const queries: Readonly<Record<Kind, (within: Within, pieces: CatalogPieces | null) => string>> = {
  schemas: () => `select nspname as name, oid::int8 from pg_namespace`,

  names: (within) => `
    select c.relname as name, n.nspname as schema, 'relation' as of, c.oid::int8
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${LASTING} and ${within('c.oid')}
    union all
    select p.proname, n.nspname, 'routine', p.oid::int8
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${within('p.oid')}
    union all
    select t.typname, n.nspname, 'type', t.oid::int8
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${OWN_TYPES} and ${within('t.oid')}`,

  relations: (within) => `
    select c.oid::int8, n.nspname as schema, c.relname as name, c.relkind as kind,
           coalesce(a.columns, '[]') as columns, a.dropped, i.indrelid::int8 as "table",
           (select case when bool_and(k <> 0) then json_agg(attname) end
            from unnest(p.partattrs::int2[]) k left join pg_attribute on attrelid = c.oid and attnum = k) as "partitionKey"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
    left join pg_partitioned_table p on p.partrelid = c.oid
    left join (select attrelid, json_agg(attname order by attnum) filter (where not attisdropped) as columns,
                      json_agg(attnum) filter (where attisdropped) as dropped
               from pg_attribute where attnum > 0 and ${within('attrelid')} group by attrelid) a
           on a.attrelid = c.oid and c.relkind not in ('i', 'I', 'S')
    where ${LASTING} and ${within('c.oid')}`,

  routines: (within) => `
    select p.oid::int8, n.nspname as schema, p.proname as name, p.prokind as kind, l.lanname as language,
           p.prosecdef as "securityDefiner", e.extname as extension,
           case when p.prokind = 'p' then 0 else p.pronargs - p.pronargdefaults end as least,
           case when p.prokind <> 'p' and p.provariadic = 0 then p.pronargs end as most,
           case when p.prokind = 'a' and p.oid >= ${FIRST_NORMAL_OID} then
             (select json_agg(f::int8) from pg_aggregate a,
                unnest(array[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn,
                             aggminvtransfn, aggmfinalfn]::oid[]) f where a.aggfnoid = p.oid and f <> 0)
           end as calls,
           case when p.oid < ${FIRST_NORMAL_OID} then replace(oidvectortypes(p.proargtypes), ', ', ',') else
             (select coalesce(string_agg(format_type(t, null), ',' order by i), '')
              from unnest(p.proargtypes::oid[]) with ordinality as u (t, i))
           end as args
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    left join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
                         and d.refclassid = 'pg_extension'::regclass
    left join pg_extension e on e.oid = d.refobjid
    where ${within('p.oid')}`,

  bodies: (within) => `
    select p.oid::int8 as routine, pg_get_functiondef(p.oid) as definition,
           coalesce(to_json(p.proconfig), '[]') as config,
           p.prosecdef and not (r.rolsuper or r.rolbypassrls or r.rolname = current_user) as "policiesOfOwner"
    from pg_proc p join pg_language l on l.oid = p.prolang join pg_roles r on r.oid = p.proowner
    where ${within('p.oid')} and p.oid >= ${FIRST_NORMAL_OID} and p.prokind = 'f' and l.lanname in ('sql', 'plpgsql')
      and octet_length(case when p.prosrc = '' then pg_get_functiondef(p.oid) else p.prosrc end) <= ${MOST_SOURCE}
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                      and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass)`,

  viewReads: (within) => `
    with read as (
      select r.ev_class as view, m[1]::oid as relation, trim(string_agg(m[3], '')) as columns
      from pg_rewrite r, regexp_matches(r.ev_action::text, ${PRIVILEGES}, 'g') m
      where ${within('r.ev_class')} and r.rulename = '_RETURN' and r.ev_class >= ${FIRST_NORMAL_OID}
        and m[1]::oid <> r.ev_class
      group by 1, 2),
    named as (
      select r.ev_class as view, d.refobjid as relation
      from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
      where ${within('r.ev_class')} and r.rulename = '_RETURN' and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
      union
      select r.ev_class, m[1]::oid
      from pg_rewrite r, regexp_matches(r.ev_action::text, ':relid ([0-9]{1,5})\\M', 'g') m
      where ${within('r.ev_class')} and r.rulename = '_RETURN' and r.ev_class >= ${FIRST_NORMAL_OID} and m[1]::oid < ${FIRST_NORMAL_OID})
    select view::int8, relation::int8,
           case when columns = '' then '[]' else array_to_json(string_to_array(columns, ' ')::int4[]) end as columns
    from read
    union all
    select view::int8, relation::int8, null from named
    where not exists (select from read where read.view = named.view and read.relation = named.relation)`,

  viewCalls: (within) => `
    select r.ev_class::int8 as view, coalesce(o.oprcode::oid, d.refobjid)::int8 as routine
    from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
    where ${within('r.ev_class')} and r.rulename = '_RETURN' and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
    union
    select r.ev_class::int8, m[1]::int8
    from pg_rewrite r, regexp_matches(r.ev_action::text, ${CALLED}, 'g') m
    where ${within('r.ev_class')} and r.rulename = '_RETURN' and r.ev_class >= ${FIRST_NORMAL_OID} and m[1]::oid = ${NOTABLE}`,

  viewTypes: (within) => `
    select distinct r.ev_class::int8 as view, ${type('t')} as type
    from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    join pg_type t on t.oid = d.refobjid
    where ${within('r.ev_class')} and r.rulename = '_RETURN' and d.refclassid = 'pg_type'::regclass`,

  children: (within) => `
    select i.inhparent::int8 as parent, i.inhrelid::int8 as child
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind in ('r', 'p', 'f') and ${within('i.inhparent')}`,

  foreignKeys: (within) => `
    select distinct confrelid::int8 as referenced, conrelid::int8 as relation, confdeltype as "onDelete",
           confupdtype as "onUpdate", (select case when bool_and(attgenerated = '') then
                                         array_agg(attname::text order by attnum) end
                                       from pg_attribute where attrelid = confrelid and attnum = any (confkey)) as keys
    from pg_constraint where contype = 'f' and ${within('confrelid')}`,

  triggers: (within) => `
    select tgrelid::int8 as relation, tgname as name, tgtype as type, tgfoid::int8 as routine,
           tgdeferrable as deferrable, array_remove(array[tgoldtable, tgnewtable], null) as "transitionTables"
    from pg_trigger where not tgisinternal and tgenabled <> 'D' and ${within('tgrelid')}`,

  /** Its relation is in each rule as OLD and NEW, whether it reads them or not. */
  rules: (within) => `
    select r.ev_class::int8 as relation, r.rulename as name, r.ev_type as event,
           r.ev_action::text like '%:utilityStmt {%' as utility,
           (select coalesce(json_agg(json_build_object('relation', m[1]::int8, 'privileges', m[2]::int8)), '[]')
            from regexp_matches(concat(r.ev_action, r.ev_qual), ${PRIVILEGES}, 'g') m
            where m[1]::oid <> r.ev_class or m[2] <> '2' or m[3] <> '') as reaches,
           array(select coalesce(o.oprcode::oid, d.refobjid)::int8
                 from pg_depend d left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
                 where d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                   and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
                 union select m[1]::int8 from regexp_matches(concat(r.ev_action, r.ev_qual), ${CALLED}, 'g') m
                 where m[1]::oid = ${NOTABLE_IN_EXPRESSION}) as calls,
           array(select ${type('t')} from pg_depend d join pg_type t on t.oid = d.refobjid
                 where d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                   and d.refclassid = 'pg_type'::regclass) as types
    from pg_rewrite r where r.rulename <> '_RETURN' and r.ev_enabled <> 'D' and ${within('r.ev_class')}`,

  eventTriggers: () => `
    select evtname as name, evtfoid::int8 as routine from pg_event_trigger
    where evtenabled <> 'D' and evtevent <> 'login'`,

  implicitCalls: (within) => `
    with implicit as (select * from (${IMPLICIT}) i where ${within('relation')})
    select i.relation::int8, coalesce(o.oprcode::oid, d.refobjid)::int8 as routine, i.reads
    from pg_depend d join implicit i on i.classid = d.classid and i.objid = d.objid
    left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
    where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
      and not exists (select from pg_trigger t where d.classid = 'pg_trigger'::regclass
                      and t.oid = d.objid and t.tgfoid = d.refobjid)
    union
    select i.relation::int8, called.routine::int8, i.reads
    from (select e.expression, m[1]::oid as routine
          from (select distinct expression from implicit where relation >= ${FIRST_NORMAL_OID}) e,
               regexp_matches(e.expression, ${CALLED}, 'g') m) called
    join implicit i on i.expression = called.expression
    where called.routine = ${NOTABLE_IN_EXPRESSION}`,

  sequences: (within) => `
    select d.refobjid::int8 as relation, d.objid::int8 as sequence
    from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
      and d.deptype in ('a', 'i') and d.refobjsubid > 0 and ${within('d.refobjid')}
    union
    select a.adrelid::int8, d.refobjid::int8
    from pg_attrdef a join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = a.oid
    join pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    where d.refclassid = 'pg_class'::regclass and ${within('a.adrelid')}`,

  operators: () => `
    select o.oprname as name, f::int8 as routine, o.oprresult >= ${FIRST_NORMAL_OID} as gives,
           o.oprnamespace = 'pg_catalog'::regnamespace as system,
           case when ${ONLY_OWN} then ${type('t')} end as type
    from pg_operator o left join pg_type t on t.oid = o.oprleft,
         unnest(array[o.oprcode, o.oprrest, o.oprjoin]::oid[]) f
    where o.oid >= ${FIRST_NORMAL_OID} and (f = o.oprcode or f >= ${FIRST_NORMAL_OID})`,

  types: (within) => `
    select t.oid::int8, n.nspname as schema, t.typname as name,
           (select coalesce(e.typname, b.typname)
            from pg_type b left join pg_type e on e.oid = b.typelem and b.typcategory = 'A'
            where b.oid = t.typbasetype) as base
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${OWN_TYPES} and ${within('t.oid')}`,

  typeCalls: (within) => `
    select t.oid::int8 as type, f::int8 as routine
    from pg_type t, unnest(array[typinput, typoutput, typreceive, typsend, typmodin, typmodout]::oid[]) f
    where t.oid >= ${FIRST_NORMAL_OID} and f >= ${FIRST_NORMAL_OID} and ${within('t.oid')}
    union
    select r.rngtypid::int8, f::int8 from pg_range r, unnest(array[rngcanonical, rngsubdiff]::oid[]) f
    where f >= ${FIRST_NORMAL_OID} and ${within('r.rngtypid')}
    union
    select r.rngtypid::int8, p.amproc::oid::int8
    from pg_range r join pg_opclass c on c.oid = r.rngsubopc
    join pg_amproc p on p.amprocfamily = c.opcfamily and p.amproclefttype = c.opcintype
    where p.amproc::oid >= ${FIRST_NORMAL_OID} and ${within('r.rngtypid')}
    union
    select t.oid::int8, coalesce(o.oprcode::oid, d.refobjid)::int8
    from pg_depend d
    left join pg_constraint c on d.classid = 'pg_constraint'::regclass and c.oid = d.objid and c.contypid <> 0
    join pg_type t on t.oid = case when d.classid = 'pg_type'::regclass then d.objid else c.contypid end
    left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
    where d.classid in ('pg_type'::regclass, 'pg_constraint'::regclass)
      and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass) and ${within('t.oid')}
    union
    select c.contypid::int8, m[1]::int8 from pg_constraint c, regexp_matches(c.conbin::text, ${CALLED}, 'g') m
    where c.contypid >= ${FIRST_NORMAL_OID} and m[1]::oid = ${NOTABLE} and ${within('c.contypid')}`,

  operatorClasses: () => `
    with calls as (
      select amprocfamily as family, amproclefttype as lefttype, amproc::oid as routine from pg_amproc
      union select amopfamily, amoplefttype, o.oprcode::oid from pg_amop join pg_operator o on o.oid = amopopr)
    select distinct ${type('t')} as type, t.typname as name, routine::int8
    from pg_opclass c join calls on family = opcfamily and lefttype = opcintype join pg_type t on t.oid = opcintype
    join pg_proc p on p.oid = routine join pg_language l on l.oid = p.prolang
    where c.oid >= ${FIRST_NORMAL_OID} and l.lanname not in ('c', 'internal')`,

  typeParts: (within) => `
    select ${type('t')} as type, ${type('p')} as part
    from pg_depend d join pg_type t on t.oid = d.objid join pg_type p on p.oid = d.refobjid
    where d.classid = 'pg_type'::regclass and d.refclassid = 'pg_type'::regclass
      and t.oid >= ${FIRST_NORMAL_OID} and p.oid >= ${FIRST_NORMAL_OID}
      and (${within('t.oid')} or ${within('t.typrelid')})
    union all
    select t.oid::int8, ${type('t')} from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
    where t.oid >= ${FIRST_NORMAL_OID} and ${within('t.oid')}`,

  columnTypes: (within) => `
    select a.attrelid::int8 as relation, ${type('t')} as type, json_agg(a.attname order by a.attnum) as columns
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where (a.atttypid >= ${FIRST_NORMAL_OID}
           or a.atttypid in (select opcintype from pg_opclass where oid >= ${FIRST_NORMAL_OID}))
      and a.attnum > 0 and not a.attisdropped and a.attrelid >= ${FIRST_NORMAL_OID} and ${within('a.attrelid')}
    group by a.attrelid, t.oid, t.typrelid`,

  casts: () => `
    select ${type('s')} as source, t.typname as target, c.castfunc::int8 as routine, c.castcontext <> 'e' as implicit,
           s.oid < ${FIRST_NORMAL_OID} and t.oid < ${FIRST_NORMAL_OID} as builtin
    from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
    where c.oid >= ${FIRST_NORMAL_OID} and c.castfunc <> 0`,

  dependents: (_, pieces) => dependentsQuery(pieces),
};

const ROWS_PER_BATCH = 32;
/** Each of these may be long, and few are asked for. */
const ALONE: ReadonlySet<Kind> = new Set(['bodies']);

/** What the rows are sorted by, of a row `r`; one number for those that are only gone through. */
function sortKey(kind: Kind): string {
  if (!(kind in rowKeys)) return '0';
  const key = rowKeys[kind as keyof typeof rowKeys];
  return key === 'name' ? keyOfTextInSql('r.name::text') : `r.${key}`;
}

/**
 * The rows of a kind that are at home in the pieces, or all (`null`): sorted, as texts of JSON arrays of some of them
 * (`RowBatch`): a small fraction of the work, and of the garbage, of single rows. (OIDs are cast to int8 above because JSON
 * would make strings of them.)
 */
export function catalogQuery(kind: Kind, pieces: CatalogPieces | null): string {
  const within: Within = (oid) => pieces?.holdOid(oid) ?? 'true';
  const athome = pieces === null ? '' : `where ${homeCondition(kind, pieces)}`;
  return `
    select json_agg(r)::text as rows, min(key)::float8 as least, max(key)::float8 as greatest
    from (select r, key, (row_number() over (order by key) - 1) / ${ALONE.has(kind) ? 1 : ROWS_PER_BATCH} as batch
          from (select r, (${sortKey(kind)})::int8 as key from (${queries[kind](within, pieces)}) r ${athome}) keyed) numbered
    group by batch order by batch`;
}

export const catalogKinds = Object.keys(queries) as readonly Kind[];
