/**
 * Extensions whose every function computes from its arguments alone, as harmless built-in functions do: types, operators,
 * hashing, distances. Left out on purpose: whatever runs SQL (tablefunc, xml2, refint), leaves the database (dblink,
 * postgres_fdw, file_fdw), reads pages or other sessions (pageinspect, pgstattuple, pg_stat_statements), or is too big to
 * be reviewed as a whole (postgis): their functions need `execute` by name.
 */
const HARMLESS: ReadonlySet<string | null> = new Set([
  'bloom',
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'dict_int',
  'dict_xsyn',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intagg',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'seg',
  'tsm_system_rows',
  'tsm_system_time',
  'unaccent',
  'uuid-ossp',
  'vector',
]);

/** False for `null`: of no extension. */
export function isHarmlessExtension(name: string | null): boolean {
  return HARMLESS.has(name);
}
