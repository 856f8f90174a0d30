import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';

/** A server of its own for a test file, and the catalog of its database as the proxy loads it. */
export interface LiveDatabase {
  readonly postgres: OwnPostgres;
  readonly client: pg.Client;
  readonly catalog: Catalog;
  stop(): Promise<void>;
}

/** With `sql` run in it; `as`: the role that loads the catalog, and that `client` then is. */
export async function startDatabase(sql: string, as?: string): Promise<LiveDatabase> {
  const postgres = await startPostgres();
  await postgres.query(sql);
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  if (as !== undefined) await client.query(`set session authorization ${as}`);
  const catalog = await loadCatalog(client, 1);
  const stop = async () => {
    await client.end();
    await postgres.stop();
  };
  return { postgres, client, catalog, stop };
}
