import { join } from 'node:path';
import Postgrator from 'postgrator';
import { connectStore, type StoreTarget } from './store-target.ts';

/** Any number that nobody else locks by: the letters `pstaudit`. */
export const STORE_LOCK = '8103516883421129076';
/** A migration may take long: it waits for a lock, or moves what is there. ms */
const TIMEOUT = 3_600_000;

/**
 * Brings the store's schema up to date, whoever else does so at the same time; what has been run is held against its file.
 * @throws when the store can't be reached, its role may not, or it is newer than this program
 */
export async function migrate(target: StoreTarget): Promise<void> {
  const client = await connectStore(target, 'postern migrations', TIMEOUT);
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${STORE_LOCK})`);
    if (!(await schemaExists(client, target.schema))) await client.query(`create schema ${target.schema}`);
    const postgrator = new Postgrator({
      migrationPattern: join(import.meta.dirname, 'migrations', '*.sql'),
      driver: 'pg',
      schemaTable: `${target.schema}.migration`,
      execQuery: (query) => client.query(query),
    });
    const [there, known] = [await postgrator.getDatabaseVersion(), await postgrator.getMaxVersion()];
    if (there > known) throw new Error(`the audit store is of version ${there}; this program knows ${known}`);
    await postgrator.migrate();
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function schemaExists(
  client: { query(sql: string, values: unknown[]): Promise<{ rows: unknown[] }> },
  schema: string,
): Promise<boolean> {
  const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  return rows.length > 0;
}
