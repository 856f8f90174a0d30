/** The extensions that PostgreSQL 13-18 comes with, and vector, by what their functions do. */

/**
 * Compute from their arguments alone, as harmless built-in functions do: types, operators, hashing, distances; or set
 * columns of the row that is being written (autoinc, insert_username, moddatetime).
 */
export const harmlessExtensions = `
  autoinc bloom btree_gin btree_gist citext cube dict_int dict_xsyn earthdistance fuzzystrmatch hstore insert_username
  intagg intarray isn ltree moddatetime pg_trgm pgcrypto seg tsm_system_rows tsm_system_time unaccent uuid-ossp vector
`;

/** By what a denial says of them. */
export const guardedExtensions = {
  'reaches other databases': 'dblink postgres_fdw',
  'reads or writes files of the server': 'adminpack file_fdw',
  'runs SQL that the statement does not show': 'refint tablefunc xml2',
  'deletes large objects': 'lo',
  'notifies other sessions': 'tcn',
  'reads relations and the write-ahead log below the level of SQL': `
    amcheck pageinspect pg_freespacemap pg_logicalinspect pg_visibility pg_walinspect pgrowlocks pgstattuple
  `,
  'changes rows below the level of SQL': 'pg_surgery',
  'shows the statements of other sessions': 'pg_stat_statements',
  'tells about the memory and the snapshots of the server, or fills them': `
    old_snapshot pg_buffercache pg_prewarm
  `,
  'tells about the connection between Postern and the server': 'sslinfo',
  'belongs to a procedural language': `
    plpgsql plperl plperlu plpython3u pltcl pltclu
    bool_plperl bool_plperlu hstore_plperl hstore_plperlu hstore_plpython2u hstore_plpython3u hstore_plpythonu
    jsonb_plperl jsonb_plperlu jsonb_plpython2u jsonb_plpython3u jsonb_plpythonu
    ltree_plpython2u ltree_plpython3u ltree_plpythonu
  `,
} as const;
