import { OwnPostgres, type PostgresOptions } from '../../server/embedded/postgres.ts';

/**
 * A private PostgreSQL for one test file: the embedded 18, or the system's with `{ version: 'installed' }` (or a major
 * version); empty; on a free port; gone when the test process ends. `query(sql, database?)` runs as the superuser
 * whatever `hba` says.
 */
export function startPostgres(options: PostgresOptions = {}): Promise<OwnPostgres> {
  return OwnPostgres.start(options);
}
