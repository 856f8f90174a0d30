/** The catalogs of all databases of this process: loaded when first needed, each by a connection of its own. */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Catalog } from '../guardrails/catalog.ts';
import type { UpstreamTarget } from '../proxy/ports.ts';
import { type LoadedCatalog, loadChanges, loadWhole } from './catalog-loader.ts';
import { upstreamPool } from './upstream-pool.ts';

/** A catalog query that takes longer is given up, ms. */
const QUERY_TIMEOUT = 60_000;
/** An idle connection is closed after this, ms. */
const IDLE = 30_000;

export class Catalogs {
  readonly #pools = new Map<string, pg.Pool>();
  readonly #known = new Map<string, LoadedCatalog>();
  readonly #logger: Logger;

  constructor(targets: ReadonlyMap<string, UpstreamTarget>, logger: Logger) {
    this.#logger = logger;
    for (const [name, target] of targets) {
      const pool = upstreamPool(target, {
        name: 'postern catalog',
        max: 1,
        timeout: QUERY_TIMEOUT,
        idle: IDLE,
      });
      pool.on('error', (fault) => {
        logger.warn({ err: fault, database: name }, 'lost the catalog connection');
      });
      this.#pools.set(name, pool);
    }
  }

  /** The catalog as it is now; the same object as before if nothing has changed. Rejects if the upstream can't be asked. */
  async load(database: string): Promise<Catalog> {
    try {
      return await this.#look(database);
    } catch (fault) {
      this.#logger.warn({ err: fault, database }, 'the catalog could not be read');
      throw fault;
    }
  }

  async #look(database: string): Promise<Catalog> {
    const known = this.#known.get(database);
    const changed = known && (await this.#using(database, (client) => loadChanges(client, known)));
    const loaded = changed ?? (await this.#loadWhole(database, known));
    this.#known.set(database, loaded);
    return loaded.catalog;
  }

  #loadWhole(database: string, known: LoadedCatalog | undefined): Promise<LoadedCatalog> {
    const version = (known?.catalog.version ?? 0) + 1;
    return this.#using(database, (client) => loadWhole(client, version), { anew: known !== undefined });
  }

  /** `anew`: on a new connection, which has what ALTER ROLE and ALTER DATABASE have set meanwhile. */
  async #using<T>(
    database: string,
    use: (client: pg.PoolClient) => Promise<T>,
    { anew = false } = {},
  ): Promise<T> {
    const pool = this.#pool(database);
    if (anew) (await pool.connect()).release(true);
    const client = await pool.connect();
    try {
      const result = await use(client);
      client.release();
      return result;
    } catch (fault) {
      client.release(true);
      throw fault;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  #pool(database: string): pg.Pool {
    const pool = this.#pools.get(database);
    if (pool === undefined) throw new Error(`database ${database} is not configured`);
    return pool;
  }
}
