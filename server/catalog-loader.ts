/** Loads the catalog of one database: its rows in one transaction, some hundred kilobytes at a time. */
import type { Catalog } from '../guardrails/catalog.ts';
import { type CatalogRowLists, rowKeys } from '../guardrails/catalog-rows.ts';
import { CatalogSnapshot } from '../guardrails/catalog-snapshot.ts';
import { catalogQueries, sessionQuery } from './catalog-queries.ts';
import { PackedRows, type RowBatch } from './packed-rows.ts';

/** What a `pg` Client does for us; a connection of the service role to the database, otherwise idle. */
export interface CatalogClient {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * A snapshot of the catalog as the service role sees it. Rejects with the server's error, or for a service role whose
 * sessions begin as another role (ALTER ROLE ... SET role): a client could undo that. The client is then to be thrown
 * away. Leaves the client's settings as they were.
 */
export async function loadCatalog(client: CatalogClient, version: number): Promise<Catalog> {
  await client.query('begin isolation level repeatable read read only');
  // Before search_path changes: what it resolves to is part of the rows.
  const { rows: session } = await client.query(sessionQuery);
  requireOwnRole(session[0] as SessionRoles);
  await client.query('set local search_path = pg_catalog');
  await client.query('set local cursor_tuple_fraction = 1');
  const lists: Record<string, unknown> = { session };
  for (const [kind, sql] of Object.entries(catalogQueries))
    lists[kind] = await fetchRows(client, sql, rowKeys[kind as keyof typeof rowKeys] ?? null);
  await client.query('commit');
  return new CatalogSnapshot(lists as CatalogRowLists, version);
}

interface SessionRoles {
  readonly user: string;
  readonly loginUser: string;
}

/** INVARIANT (promise 1): `role` is pinned, to none. */
function requireOwnRole({ user, loginUser }: SessionRoles): void {
  if (user === loginUser) return;
  throw new Error(
    `sessions of ${loginUser} begin as ${user}, by a setting of role: take it away (ALTER ROLE or ALTER DATABASE ... RESET role) and have Postern log in as ${user}`,
  );
}

const BATCHES_PER_FETCH = 64;

/** By a cursor, so that the event loop has its turns. */
async function fetchRows(client: CatalogClient, sql: string, key: string | null): Promise<unknown> {
  const packed = new PackedRows<Record<string, unknown>>(key);
  await client.query(`declare batches no scroll cursor for ${sql}`);
  for (;;) {
    const { rows } = await client.query(`fetch ${BATCHES_PER_FETCH} from batches`);
    packed.add(rows as readonly RowBatch[]);
    if (rows.length < BATCHES_PER_FETCH) break;
  }
  await client.query('close batches');
  return packed;
}
