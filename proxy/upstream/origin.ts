/**
 * Which database a session is in. A name and an address do not tell: databases are dropped and made anew, servers
 * restored and replaced.
 */

/**
 * SQL expression (text): the database's OID and when its server was started. All in it is qualified, since the session's
 * search_path is the client's to choose.
 */
export const ORIGIN = `
  (select pg_catalog.concat_ws(' ', oid,
            pg_catalog.encode(pg_catalog.timestamptz_send(pg_catalog.pg_postmaster_start_time()), 'hex'))
   from pg_catalog.pg_database where datname operator(pg_catalog.=) pg_catalog.current_database())`;

/** The same database by its OID, on this run of its server, another run, or a standby. */
export const sameDatabase = (one: string, other: string): boolean =>
  one.split(' ')[0] === other.split(' ')[0];
