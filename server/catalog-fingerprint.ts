/**
 * Has the catalog changed since we loaded it, and where? Exact, not statistical: the statistics system's counters would be
 * cheaper, but they lag (seconds; for an idle session of PostgreSQL 14 and older without bound), can be switched off, and
 * also count the temporary tables that applications make all day.
 */
import { randomBytes } from 'node:crypto';
import { type CatalogClient, inSnapshot } from './catalog-client.ts';
import { PIECE_BITS } from './catalog-pieces.ts';

export interface CatalogFingerprint {
  /**
   * Server process, database by OID, and what the role may bypass. OIDs, transactions and so the sums may be the same by
   * accident in a database that was restored, or made anew by the same script; never its server's start to the
   * microsecond and its own OID.
   */
  readonly identity: string;
  /**
   * pg_current_snapshot(): as long as it stays the same, nothing at all has been committed in the cluster. `null` on a
   * standby, whose snapshots do not list all transactions in progress.
   */
  readonly snapshot: string | null;
  /** Count and sum over the rows of each catalog that is compared as a whole. */
  readonly whole: string;
  /** Count and sum over the rows of all other catalogs that ours is made of, by the piece that they are at home in. */
  readonly pieces: ReadonlyMap<number, string>;
}

/**
 * The fingerprint now. Reads no rows when snapshot and identity are still those of `known` (under a millisecond); else all
 * rows of some catalogs: 20 ms for a thousand relations, 0.9 s for a hundred thousand. Leaves the client's settings as they
 * were.
 */
export const catalogFingerprint = (
  client: CatalogClient,
  known: CatalogFingerprint | null = null,
): Promise<CatalogFingerprint> => inSnapshot(client, () => readFingerprint(client, known));

/** The same, in a transaction that is open, with search_path = pg_catalog. */
export async function readFingerprint(
  client: CatalogClient,
  known: CatalogFingerprint | null,
  pieceBits = PIECE_BITS,
): Promise<CatalogFingerprint> {
  const { rows: heads } = await client.query(HEAD);
  const head = heads[0] as Pick<CatalogFingerprint, 'identity' | 'snapshot'>;
  const unchanged =
    known !== null &&
    head.identity === known.identity &&
    head.snapshot === known.snapshot &&
    head.snapshot !== null;
  const { whole, pieces } = unchanged ? known : await readRows(client, pieceBits);
  return { ...head, whole, pieces };
}

/** Is what may only be loaded as a whole the same? */
export const sameWhole = (one: CatalogFingerprint, other: CatalogFingerprint): boolean =>
  one.identity === other.identity && one.whole === other.whole;

export const sameCatalog = (one: CatalogFingerprint, other: CatalogFingerprint): boolean =>
  sameWhole(one, other) && touchedPieces(one, other).size === 0;

/** Pieces in which there is something else in one than in the other. */
export function touchedPieces(one: CatalogFingerprint, other: CatalogFingerprint): ReadonlySet<number> {
  const touched = new Set<number>();
  if (one.pieces === other.pieces) return touched;
  for (const [piece, sum] of one.pieces) if (other.pieces.get(piece) !== sum) touched.add(piece);
  for (const piece of other.pieces.keys()) if (!one.pieces.has(piece)) touched.add(piece);
  return touched;
}

async function readRows(
  client: CatalogClient,
  pieceBits: number,
): Promise<Pick<CatalogFingerprint, 'whole' | 'pieces'>> {
  const { rows: wholes } = await client.query(WHOLE);
  const { rows: pieces } = await client.query(piecesQuery(pieceBits));
  const { whole } = wholes[0] as { readonly whole: string };
  const { sums } = pieces[0] as { readonly sums: string };
  return { whole, pieces: new Map(JSON.parse(sums) as readonly [number, string][]) };
}

const HEAD = `
  select concat_ws(' ', extract(epoch from pg_postmaster_start_time()), pg_is_in_recovery(),
                   (select oid from pg_database where datname = current_database()),
                   (select concat_ws(' ', oid, rolname, rolsuper, rolbypassrls) from pg_roles where rolname = current_user)) as identity,
         case when pg_is_in_recovery() then null else pg_current_snapshot()::text end as snapshot`;

/** Whoever may make, name and drop objects can't choose them so that the sums come out the same. */
const SECRET = randomBytes(8).readBigUInt64BE() >> 1n;

const TEMPORARY_SCHEMAS = `(select oid from pg_namespace where nspname ~ '^pg_(toast_)?temp_')`;
const TEMPORARY = '(select oid from temporary)';

/** A row's part of a sum. Each change of a row gives it a new xmin. `part`: tells rows of the same OID apart, below 2048. */
const rowSum = (oid: string, part = '0') =>
  `hashoidextended(${oid}, ${SECRET} # (xmin::text::int8 << 11 | ${part}))`;

/** The same by the values that matter, where rows are rewritten although nothing that matters changes. */
const valuesSum = (oid: string, values: readonly string[]) =>
  `hashtextextended(concat_ws(' ', ${values.join(', ')}), ${SECRET} # ${oid}::int8)`;

/** Small ones, or seldom changed. Those of the last lines are of objects that CASCADE may drop. */
const WHOLES = [
  ['pg_namespace', 'oid', `nspname !~ '^pg_(toast_)?temp_'`],
  ...['pg_event_trigger', 'pg_operator', 'pg_opclass', 'pg_amop', 'pg_amproc', 'pg_cast', 'pg_language'],
  ...['pg_extension', 'pg_publication_rel', 'pg_transform', 'pg_conversion', 'pg_collation', 'pg_opfamily'],
  ...['pg_am', 'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_foreign_data_wrapper'],
  [
    'pg_db_role_setting',
    'setrole',
    'setrole in (0, (select oid from pg_roles where rolname = current_user))',
  ],
  ['pg_depend', 'objid', `refclassid = 'pg_extension'::regclass and deptype = 'e'`],
  [
    'pg_depend',
    'objid',
    `refclassid = 'pg_namespace'::regclass and deptype = 'n'
     and classid not in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass,
                         'pg_statistic_ext'::regclass, 'pg_default_acl'::regclass)`,
  ],
] as const;

/** Roles: what those that own functions may bypass, and which owners' policies do not bind the service role. */
const ROLES = `
  (select concat(count(*), ':', sum(${valuesSum('oid', ['rolname', 'rolsuper', 'rolbypassrls'])}))
   from pg_roles where oid in (select proowner from pg_proc)),
  (select concat(count(*), ':', sum(hashoidextended(relowner, ${SECRET})))
   from (select distinct relowner from pg_class where relrowsecurity) o where pg_has_role(relowner, 'USAGE'))`;

const WHOLE = `
  select concat_ws(' ', ${ROLES}, ${WHOLES.map((entry) => {
    const [catalog, oid, counts] = typeof entry === 'string' ? ([entry, 'oid', 'true'] as const) : entry;
    return `(select concat(count(*), ':', sum(${rowSum(oid)})) from ${catalog} where ${counts})`;
  }).join(',\n')}) as whole`;

interface Homed {
  readonly catalog: string;
  /** OIDs of what a row is a part of; none is 0. */
  readonly homes: readonly string[];
  readonly sum: string;
  readonly counts: string;
}

const homed = (
  catalog: string,
  key: string,
  homes: readonly string[],
  counts = 'true',
  part = '0',
): Homed => ({
  catalog,
  homes,
  sum: rowSum(key, part),
  counts,
});

/** TRUNCATE and REFRESH rewrite rows of pg_class. See catalog-pieces.ts for what follows from the homes. */
const HOMED: readonly Homed[] = [
  {
    catalog: 'pg_class',
    homes: ['oid'],
    sum: valuesSum('oid', [
      ...['relname', 'relkind', 'relnamespace', 'relowner', 'relrowsecurity', 'relforcerowsecurity'],
      'reloftype',
    ]),
    counts: `relpersistence <> 't' and relkind <> 't'`,
  },
  homed('pg_attribute', 'attrelid', ['attrelid'], `attnum > 0 and attrelid not in ${TEMPORARY}`, 'attnum'),
  homed('pg_attrdef', 'oid', ['adrelid'], `adrelid not in ${TEMPORARY}`),
  homed('pg_constraint', 'oid', ['oid', 'conrelid'], `conrelid <> 0 and conrelid not in ${TEMPORARY}`),
  homed('pg_constraint', 'oid', ['confrelid'], `contype = 'f' and conrelid not in ${TEMPORARY}`),
  homed('pg_constraint', 'oid', ['oid', 'contypid'], 'contypid <> 0'),
  homed('pg_inherits', 'inhrelid', ['inhrelid', 'inhparent'], `inhrelid not in ${TEMPORARY}`),
  homed('pg_index', 'indexrelid', ['indrelid'], 'indexprs is not null or indpred is not null'),
  homed('pg_policy', 'oid', ['polrelid']),
  homed('pg_partitioned_table', 'partrelid', ['partrelid']),
  homed('pg_statistic_ext', 'oid', ['stxrelid']),
  homed('pg_proc', 'oid', ['oid']),
  homed('pg_aggregate', 'aggfnoid::oid', ['aggfnoid::oid'], 'aggfnoid >= 16384'),
  homed('pg_rewrite', 'oid', ['ev_class'], `ev_class not in ${TEMPORARY}`),
  homed('pg_trigger', 'oid', ['tgrelid'], `tgrelid not in ${TEMPORARY}`),
  homed('pg_type', 'oid', ['oid'], `typnamespace not in ${TEMPORARY_SCHEMAS}`),
  homed('pg_range', 'rngtypid', ['rngtypid']),
  // A sequence and the column that it belongs to.
  homed(
    'pg_depend',
    'objid',
    ['objid', 'refobjid'],
    `classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i')
     and refobjsubid > 0 and refobjid not in ${TEMPORARY}`,
  ),
];

/** Names of the catalogs whose changes show. */
export const comparedCatalogs: ReadonlySet<string> = new Set([
  'pg_roles',
  ...WHOLES.map((entry) => (typeof entry === 'string' ? entry : entry[0])),
  ...HOMED.map(({ catalog }) => catalog),
]);

const homedQueries = ({ catalog, homes, sum, counts }: Homed): readonly string[] =>
  homes.map((home) => `select ${home} as home, ${sum} as sum from ${catalog} where ${counts}`);

const piecesQuery = (pieceBits: number): string => `
  with temporary as (select oid from pg_class where relpersistence = 't')
  select coalesce(json_agg(json_build_array(piece, sum)), '[]')::text as sums
  from (select home::int8 >> ${pieceBits} as piece, concat(count(*), ':', sum(sum)) as sum
        from (${HOMED.flatMap(homedQueries).join('\n union all ')}) h group by 1) p`;
