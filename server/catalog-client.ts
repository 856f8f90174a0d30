/** What a `pg` Client does for us; a connection of the service role to the database, otherwise idle. */
export interface CatalogClient {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * Runs `use` in a transaction of one snapshot, with search_path = pg_catalog, and leaves the client's settings as they
 * were. `first` runs in it before search_path is set. After a rejection the client is to be thrown away.
 */
export async function inSnapshot<T>(
  client: CatalogClient,
  use: () => Promise<T>,
  first: () => Promise<unknown> = async () => {},
): Promise<T> {
  await client.query('begin isolation level repeatable read read only');
  await first();
  for (const setting of SETTINGS) await client.query(`set local ${setting}`);
  const result = await use();
  await client.query('commit');
  return result;
}

/** Catalog queries are as heavy as their costs say, but sort and compile for nothing. */
const SETTINGS = [
  'search_path = pg_catalog',
  'cursor_tuple_fraction = 1',
  `work_mem = '32MB'`,
  'jit = off',
] as const;
