/**
 * Has the catalog changed since we loaded it? Exact, not statistical: the statistics system's counters would be cheaper,
 * but they lag (seconds; for an idle session of PostgreSQL 14 and older without bound), can be switched off, and also
 * count the temporary tables that applications make all day.
 */
import { randomBytes } from 'node:crypto';
import type { CatalogClient } from './catalog-loader.ts';

export interface CatalogFingerprint {
  /**
   * Server process, database by OID, and what the role may bypass. OIDs, transactions and so `rows` may be the same by
   * accident in a database that was restored, or made anew by the same script; never its server's start to the
   * microsecond and its own OID.
   */
  readonly identity: string;
  /**
   * pg_current_snapshot(): as long as it stays the same, nothing at all has been committed in the cluster. `null` on a
   * standby, whose snapshots do not list all transactions in progress.
   */
  readonly snapshot: string | null;
  /** Count and sum over the rows of each catalog that ours is made of. */
  readonly rows: string;
}

/**
 * The fingerprint now. Reads no rows when snapshot and identity are still those of `known` (under a millisecond); else
 * all rows of some catalogs: 5 ms for a thousand tables of ten columns, 0.6 s for a hundred thousand relations. To be
 * taken before the catalog is loaded, never after. Leaves the client's settings as they were.
 */
export async function catalogFingerprint(
  client: CatalogClient,
  known: CatalogFingerprint | null = null,
): Promise<CatalogFingerprint> {
  await client.query('begin isolation level read committed read only');
  await client.query('set local search_path = pg_catalog');
  const { rows: heads } = await client.query(HEAD);
  const head = heads[0] as Omit<CatalogFingerprint, 'rows'>;
  const unchanged =
    known !== null &&
    head.identity === known.identity &&
    head.snapshot === known.snapshot &&
    head.snapshot !== null;
  const { rows } = unchanged ? known : await readRows(client);
  await client.query('commit');
  return { ...head, rows };
}

export function sameCatalog(one: CatalogFingerprint, other: CatalogFingerprint): boolean {
  return one.identity === other.identity && one.rows === other.rows;
}

async function readRows(client: CatalogClient): Promise<Pick<CatalogFingerprint, 'rows'>> {
  const { rows } = await client.query(ROWS);
  return rows[0] as Pick<CatalogFingerprint, 'rows'>;
}

const HEAD = `
  select concat_ws(' ', extract(epoch from pg_postmaster_start_time()), pg_is_in_recovery(),
                   (select oid from pg_database where datname = current_database()),
                   (select concat(oid, rolsuper, rolbypassrls) from pg_roles where rolname = current_user)) as identity,
         case when pg_is_in_recovery() then null else pg_current_snapshot()::text end as snapshot`;

/** Whoever may make and drop objects can't choose them so that the sums come out the same. */
const SECRET = randomBytes(8).readBigUInt64BE() >> 1n;

const TEMPORARY_SCHEMAS = `(select oid from pg_namespace where nspname ~ '^pg_(toast_)?temp_')`;
const TEMPORARY = `(select oid from pg_class where relpersistence = 't')`;

/** Small ones, of objects that CASCADE may drop. */
const OTHERS = [
  ...[
    'pg_statistic_ext',
    'pg_publication_rel',
    'pg_transform',
    'pg_conversion',
    'pg_collation',
    'pg_opfamily',
    'pg_am',
  ],
  ...['pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_foreign_data_wrapper'],
];

/**
 * Catalogs, the OID of a row, the rows that count, and a number (below 2048) that tells rows of the same OID apart. Each
 * change of a row gives it a new xmin. Not so for pg_class, which TRUNCATE and REFRESH rewrite although nothing that matters here changes.
 */
const CATALOGS = [
  ['pg_namespace', 'oid', `nspname !~ '^pg_(toast_)?temp_'`],
  ['pg_attribute', 'attrelid', `attnum > 0 and attrelid not in ${TEMPORARY}`, 'attnum'],
  ['pg_attrdef', 'oid', `adrelid not in ${TEMPORARY}`],
  ['pg_constraint', 'oid', `conrelid not in ${TEMPORARY}`],
  ['pg_inherits', 'inhrelid', `inhrelid not in ${TEMPORARY}`],
  ['pg_index', 'indexrelid', `indexprs is not null or indpred is not null`],
  ['pg_policy', 'oid', 'true'],
  ['pg_partitioned_table', 'partrelid', 'true'],
  ['pg_proc', 'oid', 'true'],
  ['pg_rewrite', 'oid', `ev_class not in ${TEMPORARY}`],
  ['pg_event_trigger', 'oid', 'true'],
  ['pg_trigger', 'oid', `tgrelid not in ${TEMPORARY}`],
  ['pg_type', 'oid', `typnamespace not in ${TEMPORARY_SCHEMAS}`],
  ['pg_range', 'rngtypid', 'true'],
  ['pg_operator', 'oid', 'true'],
  ['pg_opclass', 'oid', 'true'],
  ['pg_amop', 'oid', 'true'],
  ['pg_amproc', 'oid', 'true'],
  ['pg_cast', 'oid', 'true'],
  ['pg_language', 'oid', 'true'],
  ...OTHERS.map((catalog) => [catalog, 'oid', 'true'] as const),
  ['pg_extension', 'oid', 'true'],
  [
    'pg_db_role_setting',
    'setrole',
    `setrole in (0, (select oid from pg_roles where rolname = current_user))`,
  ],
  ['pg_depend', 'objid', `refclassid = 'pg_extension'::regclass and deptype = 'e'`],
] as const;

/** Names of the catalogs whose changes show. */
export const comparedCatalogs: ReadonlySet<string> = new Set([
  'pg_class',
  'pg_roles',
  ...CATALOGS.map(([name]) => name),
]);

const ROWS = `
  select concat_ws(' ',
    (select concat(count(*), ':', sum(hashtextextended(concat(relname, relkind, relnamespace, relowner, relrowsecurity, relforcerowsecurity), oid::int8)))
     from pg_class where relpersistence <> 't' and relkind <> 't'),
    (select concat(count(*), ':', sum(hashtextextended(concat(rolname, rolsuper, rolbypassrls), oid::int8)))
     from pg_roles where oid in (select proowner from pg_proc)),
    ${CATALOGS.map(
      ([catalog, key, counts, part = '0']) => `
    (select concat(count(*), ':', sum(hashoidextended(${key}, ${SECRET} # (xmin::text::int8 << 11 | ${part})))) from ${catalog} where ${counts})`,
    ).join(',')}) as rows`;
