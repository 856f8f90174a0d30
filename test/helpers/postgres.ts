import { OwnPostgres, type PostgresOptions } from '../../server/embedded/postgres.ts';

/**
 * A private PostgreSQL for one test file: the embedded 18, or `{ version: 13 }` to 17, or the newest of the system's
 * packages (`'installed'`); empty; on a free port; gone when the test process ends. `query(sql, database?)` runs as the superuser
 * whatever `hba` says. In a run of all tests they are copies of one cluster, with one password.
 */
export function startPostgres(options: PostgresOptions = {}): Promise<OwnPostgres> {
  return OwnPostgres.start({ kept: process.env.POSTERN_TEST_CLUSTERS, ...options });
}
