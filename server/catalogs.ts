/** The catalogs of all databases of this process: loaded when first needed, each by a connection of its own. */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Catalog } from '../guardrails/catalog.ts';
import type { UpstreamTarget } from '../proxy/ports.ts';
import { type CatalogFingerprint, catalogFingerprint, sameCatalog } from './catalog-fingerprint.ts';
import { loadCatalog } from './catalog-loader.ts';
import { upstreamPool } from './upstream-pool.ts';

/** A catalog query that takes longer is given up, ms. */
const QUERY_TIMEOUT = 60_000;
/** An idle connection is closed after this, ms. */
const IDLE = 30_000;

interface Known {
  readonly catalog: Catalog;
  /** Taken before the catalog was read. */
  readonly fingerprint: CatalogFingerprint;
}

export class Catalogs {
  readonly #pools = new Map<string, pg.Pool>();
  readonly #known = new Map<string, Known>();
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
    const fingerprint = await this.#using(database, (client) =>
      catalogFingerprint(client, known?.fingerprint ?? null),
    );
    const same = known !== undefined && sameCatalog(known.fingerprint, fingerprint);
    const load = (client: pg.PoolClient) => loadCatalog(client, (known?.catalog.version ?? 0) + 1);
    const catalog = same ? known.catalog : await this.#using(database, load, { anew: known !== undefined });
    this.#known.set(database, { catalog, fingerprint });
    return catalog;
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
