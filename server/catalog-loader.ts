/** Loads the catalog of one database: the rows in one transaction, the snapshot in small steps between other work. */
import { setImmediate } from 'node:timers/promises';
import type { Catalog } from '../guardrails/catalog.ts';
import type { CatalogRowKind, CatalogRowLists } from '../guardrails/catalog-rows.ts';
import { CatalogSnapshot } from '../guardrails/catalog-snapshot.ts';
import { catalogQueries } from './catalog-queries.ts';

/** What a `pg` Client does for us; a connection of the service role to the database, otherwise idle. */
export interface CatalogClient {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * A snapshot of the catalog as the service role sees it. Rejects with the server's error; the client is then to be
 * thrown away. Leaves the client's settings as they were.
 */
export async function loadCatalog(client: CatalogClient, version: number): Promise<Catalog> {
  const rows = await fetchCatalogRows(client);
  const steps = CatalogSnapshot.build(rows, version);
  let step = steps.next();
  while (!step.done) {
    await setImmediate();
    step = steps.next();
  }
  return step.value;
}

async function fetchCatalogRows(client: CatalogClient): Promise<CatalogRowLists> {
  const rows: Partial<Record<CatalogRowKind, unknown>> = {};
  await client.query('begin isolation level repeatable read read only');
  // Before search_path changes: what it resolves to is part of the rows.
  rows.session = await fetchRows(client, catalogQueries.session);
  await client.query('set local search_path = pg_catalog');
  for (const [kind, sql] of Object.entries(catalogQueries) as [CatalogRowKind, string][]) {
    if (kind !== 'session') rows[kind] = await fetchRows(client, sql);
  }
  await client.query('commit');
  return rows as CatalogRowLists;
}

/** Copies a megabyte or so at a time. */
const BATCHES_PER_STEP = 20;

async function fetchRows(client: CatalogClient, sql: string): Promise<Iterable<unknown>> {
  const { rows } = await client.query(sql);
  const batches: Buffer[] = [];
  for (const batch of rows) {
    batches.push(Buffer.from((batch as { readonly rows: string }).rows));
    if (batches.length % BATCHES_PER_STEP === 0) await setImmediate();
  }
  return new Batches(batches);
}

/**
 * Rows as JSON in buffers, read when they are gone through. A hundred thousand objects that wait to be built upon would
 * have the garbage collector stop the process for a tenth of a second; what is outside of its heap does not concern it.
 */
class Batches implements Iterable<unknown> {
  readonly #batches: readonly Buffer[];

  constructor(batches: readonly Buffer[]) {
    this.#batches = batches;
  }

  *[Symbol.iterator](): Generator<unknown> {
    for (const batch of this.#batches) yield* JSON.parse(batch.toString()) as readonly unknown[];
  }
}
